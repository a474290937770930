"""What reviewers decided about matches, kept in order and never changed."""

from collections.abc import Iterable

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from knowledge.ruling import Ruling, Verdict
from knowledge.store import schema
from knowledge.store.database import aware


class Rulings:
    """Keeps decisions about matches; what was decided before is never overwritten, the last one stands."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, key: str, rulings: Iterable[Ruling]) -> None:
        """Add decisions of one event, all or none; the same event again changes nothing."""
        rows = [{"key": key, **{name: getattr(one, name) for name in Ruling.__slots__}} for one in rulings]
        if not rows:
            return
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.rulings), rows)
        except IntegrityError:
            with self._engine.connect() as connection:
                held = connection.execute(select(schema.rulings.c.n).where(schema.rulings.c.key == key)).first()
            if held is None:
                raise

    def of(self, asked: str) -> tuple[Ruling, ...]:
        """Return the decisions about a name, by its key, oldest first."""
        return self._read(schema.rulings.c.asked == asked)

    def all(self) -> tuple[Ruling, ...]:
        """Return every decision, oldest first."""
        return self._read(schema.rulings.c.n > 0)

    def _read(self, chosen: object) -> tuple[Ruling, ...]:
        columns = [schema.rulings.c[name] for name in Ruling.__slots__]
        query = select(*columns).where(chosen).order_by(schema.rulings.c.n)  # type: ignore[arg-type]
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(
            Ruling(**{**row, "verdict": Verdict(row["verdict"]), "made_at": aware(row["made_at"])}) for row in rows
        )
