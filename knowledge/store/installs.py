"""Installations of a chat platform: what each workspace's installation holds, encrypted, and the states of those under way."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Engine, delete, insert, select, update

from knowledge.errors import InstallUnreadable
from knowledge.store import schema
from knowledge.store.database import aware


class Installs:
    """Keeps a body of plain JSON under the name of a workspace; nothing of it can be read without the keys.

    The first key encrypts, all of them open: put a new one before the old one, start once, and take the old one away.
    """

    def __init__(self, engine: Engine, keys: Sequence[str]) -> None:
        self._engine = engine
        self._box = MultiFernet([Fernet(_derived(key)) for key in keys])

    def keep(self, name: str, body: Mapping[str, Any]) -> None:
        """Keep an installation in place of the one before."""
        row = {"body": self._sealed(name, body), "installed_at": datetime.now(UTC)}
        table = schema.installs
        with self._engine.begin() as connection:
            if not connection.execute(update(table).where(table.c.name == name).values(**row)).rowcount:
                connection.execute(insert(table).values(name=name, **row))

    def find(self, name: str) -> dict[str, Any] | None:
        """Return an installation, None where there is none; raise InstallUnreadable when no key opens it."""
        with self._engine.connect() as connection:
            body = connection.execute(select(schema.installs.c.body).where(schema.installs.c.name == name)).scalar()
        return None if body is None else self._opened(name, body)

    def remove(self, name: str, moment: datetime) -> bool:
        """Take an installation away that was there at a moment; one that was made after it stays."""
        table = schema.installs
        with self._engine.begin() as connection:
            kept = connection.execute(select(table.c.installed_at).where(table.c.name == name)).scalar()
            if kept is None or (aware(kept) or kept) > moment:
                return False
            connection.execute(delete(table).where(table.c.name == name))
        return True

    def names(self) -> list[str]:
        """Return the names of all workspaces, sorted."""
        with self._engine.connect() as connection:
            return list(connection.execute(select(schema.installs.c.name).order_by(schema.installs.c.name)).scalars())

    def rotate(self) -> int:
        """Encrypt what an older key encrypts with the first one, and return how many no key opens; those stay as they are."""
        unread = 0
        table = schema.installs
        for name in self.names():
            with self._engine.begin() as connection:
                query = select(table.c.body).where(table.c.name == name).with_for_update()
                body = connection.execute(query).scalar()
                try:
                    fresh = self._box.rotate(body) if body is not None else b""
                except InvalidToken:
                    unread += 1
                    continue
                connection.execute(update(table).where(table.c.name == name, table.c.body == body).values(body=fresh))
        return unread

    def _sealed(self, name: str, body: Mapping[str, Any]) -> bytes:
        return self._box.encrypt(json.dumps({"name": name, "body": dict(body)}).encode())

    def _opened(self, name: str, sealed: bytes) -> dict[str, Any]:
        try:
            held = json.loads(self._box.decrypt(sealed))
        except InvalidToken as error:
            raise InstallUnreadable from error
        if held["name"] != name:  # a row that was copied under another name opens nothing
            raise InstallUnreadable
        return dict(held["body"])


class States:
    """Names an installation that is under way by a state that no one can guess and that is good once."""

    def __init__(self, engine: Engine, seconds: int = 600) -> None:
        self._engine = engine
        self._lasts = timedelta(seconds=seconds)

    def issue(self) -> str:
        """Return a new state; those that have ended are forgotten."""
        state, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self._engine.begin() as connection:
            connection.execute(delete(schema.install_states).where(schema.install_states.c.until < now))
            connection.execute(insert(schema.install_states).values(hash=_hashed(state), until=now + self._lasts))
        return state

    def consume(self, state: str) -> bool:
        """Tell whether a state was issued, has not ended and had not been used; from now on it is."""
        columns = schema.install_states.c
        spent = delete(schema.install_states).where(columns.hash == _hashed(state), columns.until >= datetime.now(UTC))
        with self._engine.begin() as connection:
            return connection.execute(spent).rowcount == 1


def _hashed(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _derived(key: str) -> bytes:
    """Return the 32 bytes that Fernet takes, in its writing, from a key of any length."""
    derived = HKDF(SHA256(), 32, salt=None, info=b"caveat installs").derive(key.encode())
    return base64.urlsafe_b64encode(derived)
