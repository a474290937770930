"""What was sent to a platform that cannot be searched for it: kept before it is sent, with its id once that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.store import schema

KEPT = timedelta(days=90)
"""How long a row is kept: what is sent again after a crash is sent within days, and a button or a thumb below an answer of the
last quarter still finds it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A message that was begun; `activity` is its id, empty until it is known, and `message` what may still be needed of it."""

    conversation: str
    activity: str
    message: Mapping[str, Any] | None


class Sent:
    """Keeps what was sent; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, key: str, conversation: str, message: Mapping[str, Any], answer: str = "") -> Begun | None:
        """Keep that a message is about to be sent; return the earlier beginning, if there is one, and change nothing then.

        `answer` is the id of the answer or check that it shows, empty for none.
        """
        row = {
            "key": key, "conversation": conversation, "activity": "", "message": dict(message), "at": datetime.now(UTC),
            "answer": answer,
        }  # fmt: skip
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.sent).values(**row))
        except IntegrityError:
            found = self.find(key)
            if found is None:
                raise
            return found
        return None

    def end(self, key: str, activity: str, *, where: str = "", keep: bool = False) -> None:
        """Keep the id of what was sent, and `where` it went if that was elsewhere; its text only where it may be asked for again."""
        values: dict[str, Any] = {"activity": activity} if keep else {"activity": activity, "message": null()}
        if where:
            values["conversation"] = where
        with self._engine.begin() as connection:
            connection.execute(update(schema.sent).where(schema.sent.c.key == key).values(**values))

    def find(self, key: str) -> Begun | None:
        """Return what was begun under a key."""
        columns = schema.sent.c
        query = select(columns.conversation, columns.activity, columns.message).where(columns.key == key)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return Begun(row.conversation, row.activity, row.message) if row else None

    def shown(self, activity: str) -> list[tuple[str, str]]:
        """Return in which conversations a message of this id shows which answers, the latest first."""
        columns = schema.sent.c
        query = select(columns.conversation, columns.answer).where(columns.activity == activity, columns.answer != "")
        with self._engine.connect() as connection:
            return [(row.conversation, row.answer) for row in connection.execute(query.order_by(columns.at.desc()))]

    def forget(self, now: datetime) -> int:
        """Take away what is older than KEPT, and return how many rows that were."""
        with self._engine.begin() as connection:
            return connection.execute(delete(schema.sent).where(schema.sent.c.at < now - KEPT)).rowcount
