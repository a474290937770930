"""The receipts: the frozen record of every answer, kept in the ledger's database."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import IntegrityError

from knowledge.store import schema


class Receipts:
    """Keeps receipts and finds them again; every method is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, answer_id: str, asker: str, edition: int | None, body: dict[str, Any]) -> None:
        """Freeze the record of an answer; the same answer kept again changes nothing."""
        cited = {source["passage_id"]: source["citation"][:400] for source in body.get("sources", ())}
        row = {
            "answer_id": answer_id,
            "created_at": datetime.now(UTC),
            "edition": edition,
            "asker": asker,
            "body": body,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.receipts).values(**row))
                if cited:
                    connection.execute(
                        insert(schema.citings),
                        [{"passage_id": one, "answer_id": answer_id, "citation": cited[one]} for one in cited],
                    )
        except IntegrityError:
            if self.find(answer_id) is None:
                raise

    def find(self, answer_id: str) -> dict[str, Any] | None:
        """Return a kept receipt."""
        with self._engine.connect() as connection:
            return connection.execute(
                select(schema.receipts.c.body).where(schema.receipts.c.answer_id == answer_id)
            ).scalar()

    def citing(self, passages: Iterable[str]) -> dict[str, list[str]]:
        """Return the ids of the answers that cite these passages, by passage; those that no answer cites are absent."""
        found: dict[str, list[str]] = {}
        ids = sorted(set(passages))
        columns = schema.citings.c
        with self._engine.connect() as connection:
            for page in (ids[at : at + 500] for at in range(0, len(ids), 500)):
                query = select(columns.passage_id, columns.answer_id).where(columns.passage_id.in_(page))
                for passage, answer in connection.execute(query.order_by(columns.answer_id)):
                    found.setdefault(passage, []).append(answer)
        return found

    def count(self) -> int:
        """Return how many receipts are kept."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(schema.receipts)).scalar() or 0
