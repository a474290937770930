"""Where answers were posted, so that what becomes known later finds the way into their threads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from knowledge.store import schema


@dataclass(frozen=True, slots=True)
class Post:
    """An answer's place: `back` is the payload of its question as a door left it, with the thread it was answered in."""

    answer_id: str
    door: str
    back: Mapping[str, Any]


class Posts:
    """Keeps places of answers; the first one stays."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, post: Post) -> None:
        """Keep where an answer was posted; the same answer again changes nothing."""
        row = {"answer_id": post.answer_id, "door": post.door, "back": dict(post.back), "posted_at": datetime.now(UTC)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.posts).values(**row))
        except IntegrityError:
            if self.find(post.answer_id) is None:
                raise

    def find(self, answer_id: str) -> Post | None:
        """Return where an answer was posted; None for one that was given elsewhere."""
        columns = [schema.posts.c[name] for name in Post.__slots__]
        with self._engine.connect() as connection:
            row = connection.execute(select(*columns).where(schema.posts.c.answer_id == answer_id)).mappings().first()
        return Post(**row) if row else None
