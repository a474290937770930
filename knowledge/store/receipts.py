"""The receipts: the frozen record of every answer, kept in the ledger's database, one chain for each ledger."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, update

from knowledge.spans import Kind, span
from knowledge.store import schema
from knowledge.store.chain import Chain, Kept, follow, seal
from knowledge.store.database import aware

_PAGE = 500


class Receipts:
    """Keeps receipts and finds them again; every method is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, answer_id: str, asker: str, edition: int | None, body: dict[str, Any]) -> None:
        """Freeze the record of an answer and chain it to the one before; the same answer kept again changes nothing."""
        about = {
            "db.system.name": self._engine.dialect.name, "db.operation.name": "insert", "db.collection.name": "receipts",
        }  # fmt: skip
        with span("keep receipt", about, kind=Kind.ASKING):
            self._keep(answer_id, asker, edition, body)

    def _keep(self, answer_id: str, asker: str, edition: int | None, body: dict[str, Any]) -> None:
        cited = {
            source["passage_id"]: source["citation"][:400]
            for source in body.get("sources", ())
            if "attached" not in source  # no refresh changes a file that came with a question
        }
        with self._engine.begin() as connection:
            count, head = _end(connection)
            known = select(schema.receipts.c.answer_id).where(schema.receipts.c.answer_id == answer_id)
            if connection.execute(known).first():
                return
            kept = Kept(count + 1, answer_id, datetime.now(UTC), edition, asker, body, previous=head, sha256="")
            kept = replace(kept, sha256=seal(kept))
            row = {column.name: getattr(kept, column.name) for column in schema.receipts.c}
            connection.execute(insert(schema.receipts).values(**row))
            connection.execute(update(schema.chain).values(n=kept.n, sha256=kept.sha256))
            if cited:
                connection.execute(
                    insert(schema.citings),
                    [{"passage_id": one, "answer_id": answer_id, "citation": cited[one]} for one in cited],
                )

    def find(self, answer_id: str) -> dict[str, Any] | None:
        """Return the record of a kept receipt."""
        with self._engine.connect() as connection:
            return connection.execute(select(schema.receipts.c.body).where(*_held(answer_id))).scalar()

    def sealed(self, answer_id: str) -> Kept | None:
        """Return a kept receipt with its place in the chain."""
        with self._engine.connect() as connection:
            row = connection.execute(select(schema.receipts).where(*_held(answer_id))).first()
        return _kept(row) if row else None

    def removed(self, answer_id: str) -> datetime | None:
        """Return when the content of a receipt was removed; None where it is there, or never was."""
        with self._engine.connect() as connection:
            columns = schema.receipts.c
            return aware(connection.execute(select(columns.removed_at).where(columns.answer_id == answer_id)).scalar())

    def remove(self, before: datetime, most: int) -> int:
        """Remove the content of up to `most` receipts kept before a moment, the oldest first; return of how many.

        Number and seals stay, so that the chain can still be followed; what cites for them goes.
        """
        columns = schema.receipts.c
        old = select(columns.answer_id).where(columns.created_at < before, columns.removed_at.is_(None))
        with self._engine.begin() as connection:
            ids = connection.execute(old.order_by(columns.n).limit(most)).scalars().all()
            gone = {"body": {}, "asker": "", "removed_at": datetime.now(UTC)}
            connection.execute(update(schema.receipts).where(columns.answer_id.in_(ids)).values(**gone))
            connection.execute(delete(schema.citings).where(schema.citings.c.answer_id.in_(ids)))
        return len(ids)

    def chain(self) -> Chain:
        """Recompute the whole chain, a page of receipts at a time."""
        with self._engine.connect() as connection:
            count, head = connection.execute(select(schema.chain.c.n, schema.chain.c.sha256)).one()
        return follow(self._walk(count), count, head)

    def _walk(self, count: int) -> Iterator[Kept]:
        """Yield the receipts in the order of the chain; those that come in meanwhile are left out."""
        table = schema.receipts
        last = 0
        while True:
            page = select(table).where(table.c.n > last, table.c.n <= count).order_by(table.c.n).limit(_PAGE)
            with self._engine.connect() as connection:
                rows = connection.execute(page).all()
            if not rows:
                return
            yield from map(_kept, rows)
            last = rows[-1].n

    def citing(self, passages: Iterable[str]) -> dict[str, list[str]]:
        """Return the ids of the answers that cite these passages, by passage; those that no answer cites are absent."""
        found: dict[str, list[str]] = {}
        ids = sorted(set(passages))
        columns = schema.citings.c
        with self._engine.connect() as connection:
            for page in (ids[at : at + _PAGE] for at in range(0, len(ids), _PAGE)):
                query = select(columns.passage_id, columns.answer_id).where(columns.passage_id.in_(page))
                for passage, answer in connection.execute(query.order_by(columns.answer_id)):
                    found.setdefault(passage, []).append(answer)
        return found

    def outcomes(self, since: datetime) -> dict[str, int]:
        """Return how many questions ended how since a moment (UTC); checks, which are no questions, are left out."""
        table = schema.receipts.c
        outcome = table.body["outcome"].as_string()
        asked = func.coalesce(table.body["kind"].as_string(), "") != "check"
        told = select(outcome, func.count()).where(table.created_at > since, outcome.is_not(None), asked)
        query = told.group_by(outcome)
        with self._engine.connect() as connection:
            return {str(name): int(number) for name, number in connection.execute(query)}

    def count(self) -> int:
        """Return how many receipts are kept with their content."""
        with self._engine.connect() as connection:
            held = select(func.count()).where(schema.receipts.c.removed_at.is_(None))
            return connection.execute(held.select_from(schema.receipts)).scalar() or 0


def _end(connection: Connection) -> tuple[int, str]:
    """Return the number and seal of the last receipt, and keep other writers out until this transaction ends.

    A write that changes nothing takes the row's lock on PostgreSQL and the write lock on SQLite, before anything is read.
    """
    connection.execute(update(schema.chain).values(n=schema.chain.c.n))
    count, head = connection.execute(select(schema.chain.c.n, schema.chain.c.sha256)).one()
    return count, head


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        row.n, row.answer_id, aware(row.created_at) or row.created_at, row.edition, row.asker, row.body,
        row.previous, row.sha256, aware(row.removed_at),
    )  # fmt: skip


def _held(answer_id: str) -> tuple[ColumnElement[bool], ...]:
    return schema.receipts.c.answer_id == answer_id, schema.receipts.c.removed_at.is_(None)
