"""The brands that administrators tied to a legal name; every check reads them anew."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from knowledge.names.brands import Brand, Relation
from knowledge.names.forms import form
from knowledge.store import schema
from knowledge.store.database import aware


@dataclass(frozen=True, slots=True)
class Pair:
    """A brand with the legal name of its parent, where that is written, who added it and when (UTC)."""

    brand: str
    legal: str
    source: str
    who: str
    added_at: datetime

    @property
    def row(self) -> Brand:
        """The pair as a row of the table of brands; its source says who added it."""
        told = f"{self.source}; added by {self.who} on {self.added_at.date().isoformat()}"
        return Brand(self.brand, (self.brand,), (self.legal,), Relation.BRAND, told)


class Pairs:
    """Keeps pairs; every method is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, pair: Pair) -> bool:
        """Keep a pair; False, and nothing changes, where the same brand is tied to the same name already."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.pairs).values(id=_id(pair), **asdict(pair)))
        except IntegrityError:
            return False
        return True

    def remove(self, brand: str) -> int:
        """Forget a brand, however it is spelled; return how many pairs it had."""
        own = [_id(one) for one in self.all() if _folded(one.brand) == _folded(brand)]
        with self._engine.begin() as connection:
            return connection.execute(delete(schema.pairs).where(schema.pairs.c.id.in_(own))).rowcount

    def all(self) -> tuple[Pair, ...]:
        """Return every pair, the oldest first."""
        columns = [schema.pairs.c[name] for name in Pair.__slots__]
        query = select(*columns).order_by(schema.pairs.c.added_at, schema.pairs.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Pair(**{**row, "added_at": aware(row["added_at"]) or datetime.now(UTC)}) for row in rows)

    def rows(self) -> tuple[Brand, ...]:
        """Return every pair as a row of the table of brands."""
        return tuple(pair.row for pair in self.all())


def _id(pair: Pair) -> str:
    return hashlib.sha256(f"{_folded(pair.brand)}|{_folded(pair.legal)}".encode()).hexdigest()[:32]


def _folded(name: str) -> str:
    return form(name).full or name.casefold()
