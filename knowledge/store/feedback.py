"""What people think of answers: of each person about each answer the last word stands."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.store import schema
from knowledge.store.database import aware

UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody thinks of an answer: UP or DOWN, and for DOWN the reasons by their names and what else was written."""

    answer_id: str
    who: str
    value: str
    at: datetime
    reasons: Sequence[str] = ()
    words: str = ""


class Feedback:
    """Keeps opinions; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, opinion: Opinion) -> None:
        """Keep an opinion in place of an older one of the same person; one that is older than what is kept changes nothing."""
        table = schema.feedback.c
        row: dict[str, Any] = {name: getattr(opinion, name) for name in Opinion.__slots__}
        row["reasons"] = list(opinion.reasons)
        own = (table.answer_id == opinion.answer_id, table.who == opinion.who)
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.feedback).values(**row))
        except IntegrityError:
            with self._engine.begin() as connection:
                connection.execute(update(schema.feedback).where(*own, table.at <= opinion.at).values(**row))

    def of(self, answer_id: str) -> list[Opinion]:
        """Return what people think of an answer, the oldest first."""
        return self._read(schema.feedback.c.answer_id == answer_id)

    def down(self) -> list[Opinion]:
        """Return who was not helped, the oldest first."""
        return self._read(schema.feedback.c.value == DOWN)

    def counts(self) -> dict[str, int]:
        """Return how many opinions are UP and DOWN."""
        with self._engine.connect() as connection:
            values = Counter(connection.execute(select(schema.feedback.c.value)).scalars())
        return {UP: values[UP], DOWN: values[DOWN]}

    def _read(self, chosen: Any) -> list[Opinion]:
        columns = [schema.feedback.c[name] for name in Opinion.__slots__]
        query = select(*columns).where(chosen).order_by(schema.feedback.c.at, schema.feedback.c.who)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [Opinion(**{**row, "at": aware(row["at"]), "reasons": tuple(row["reasons"])}) for row in rows]
