"""Random keys, made once for each ledger and shared by all its processes."""

import secrets

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from knowledge.store import schema

SIZE = 32


def shared_secret(engine: Engine, name: str) -> bytes:
    """Return the key of this name; whoever asks first makes it, and one that comes second takes the first one's."""
    found = _find(engine, name)
    if found is None:
        try:
            with engine.begin() as connection:
                connection.execute(insert(schema.secrets).values(name=name, secret=secrets.token_bytes(SIZE)))
        except IntegrityError:
            pass
        found = _find(engine, name)
    assert found is not None
    return found


def _find(engine: Engine, name: str) -> bytes | None:
    with engine.connect() as connection:
        return connection.execute(select(schema.secrets.c.secret).where(schema.secrets.c.name == name)).scalar()
