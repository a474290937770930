"""Takes out of the ledger what nothing needs any more, a small transaction at a time; each method may be called again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Column, ColumnElement, Engine, Table, and_, delete, except_, exists, func, select

from knowledge.store import conversation, durable, schema, spending
from knowledge.store.database import aware
from knowledge.store.sent import KEPT as SENT

TURNS = timedelta(days=7)
"""How long a question is kept for the thread that leans on it; it does so for a day."""
FILLED = timedelta(days=30)
"""How long a question is kept that a later edition has answered."""
RECORDS = timedelta(days=90)
"""How long refreshes are on record."""
EDITIONS = timedelta(days=30)
"""How long every edition is kept; of an older day the last one stays, which is what `--as-of` opens."""
BACK = 10
"""How many editions back a rollback after a rollback may go."""
UNUSED = timedelta(days=7)
"""How long a text is kept that no edition holds."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Aged:
    table: Table
    key: Column[str]
    over: ColumnElement[bool]


class Pruning:
    """Prunes a ledger; `most` bounds the rows of one transaction."""

    def __init__(self, engine: Engine, most: int = 500) -> None:
        self._engine = engine
        self._most = most

    def aged(self, now: datetime, retention: timedelta | None = None) -> dict[str, int]:
        """Take out, once around the tables, rows whose time is over; return how many by table, without those that had none.

        With a retention what people wrote goes after it at the latest.
        """
        found: dict[str, int] = {}
        for one in (*_over(now), *(_people(now - retention) if retention else ())):
            some = select(one.key).where(one.over).limit(self._most)
            with self._engine.begin() as connection:
                gone = connection.execute(delete(one.table).where(one.over, one.key.in_(some))).rowcount
            if gone:
                found[one.table.name] = found.get(one.table.name, 0) + gone
        return found

    def editions(self, now: datetime) -> int:
        """Take out one edition that neither receipts, rollback, `--as-of` nor the readers of what left need; return 1, else 0.

        To be called while no refresh runs.
        """
        spare = self.spare(now)
        if not spare:
            return 0
        with self._engine.begin() as connection:
            for table in (schema.shelves, schema.edition_versions, schema.editions):
                connection.execute(delete(table).where(table.c.number == spare[0]))
            connection.execute(delete(schema.shelf_members).where(schema.shelf_members.c.name.not_in(_shelved())))
        return 1

    def texts(self, now: datetime) -> int:
        """Take out texts that no edition, tombstone or last reading names; return how many. While no refresh runs."""
        found = self.unheld(now)[: self._most]
        with self._engine.begin() as connection:
            for part in (schema.passages, schema.versions):
                connection.execute(delete(part).where(part.c.version_id.in_(found)))
        return len(found)

    def unheld(self, now: datetime) -> list[str]:
        """Return the versions that no edition, tombstone or last reading names, those of the last days aside."""
        table = schema.versions.c
        held = exists().where(schema.edition_versions.c.version_id == table.version_id)
        buried = exists().where(schema.tombstones.c.version_id == table.version_id)
        query = select(table.version_id).where(~held, ~buried, table.added_at < now - UNUSED)
        with self._engine.connect() as connection:
            found = connection.execute(query).scalars().all()
            if not found:
                return []
            read = {id_ for ids in connection.execute(select(schema.reads.c.version_ids)).scalars() for id_ in ids}
        return [id_ for id_ in found if id_ not in read]

    def vectors(self) -> int:
        """Take out vectors of words that no passage has; return how many. While no refresh runs."""
        words = except_(select(schema.vectors.c.text_hash), select(schema.passages.c.text_hash)).limit(self._most)
        with self._engine.begin() as connection:
            found = connection.execute(words).scalars().all()
            connection.execute(delete(schema.vectors).where(schema.vectors.c.text_hash.in_(found)))
        return len(found)

    def spare(self, now: datetime) -> list[int]:
        """Return the editions that nothing needs, the oldest first."""
        table = schema.editions.c
        with self._engine.connect() as connection:
            live = connection.execute(select(schema.pointer.c.number)).scalar() or 0
            rows = connection.execute(
                select(table.number, table.published_at, table.report)
                .where(table.number <= live)
                .order_by(table.number)
            ).all()
            receipts = schema.receipts.c
            cited = select(receipts.edition).where(receipts.removed_at.is_(None)).distinct()
            needed = {live, *connection.execute(cited).scalars()}
            buried = set(connection.execute(select(schema.tombstones.c.number).distinct()).scalars())
        before = {row.number: (row.report or {}).get("previous") for row in rows}
        # Of a document that left, its last edition tells who may read it: that one and the one without it both stay.
        needed |= buried | {before.get(number) for number in buried}
        number: int | None = live
        for _ in range(BACK):
            number = before.get(number) if number else None
            needed.add(number)
        days = [(row.number, (aware(row.published_at) or now)) for row in rows]
        return [
            number
            for (number, at), (_, later) in pairwise(days)
            if number not in needed and at < now - EDITIONS and at.date() == later.date()
        ]


def _over(now: datetime) -> Sequence[_Aged]:
    """Return what has a time of its own, with when it is over."""
    turns, gaps, asked, sent = schema.turns.c, schema.gaps.c, schema.asked.c, schema.sent.c
    renewals, runs, states, spent = schema.renewals.c, schema.runs.c, schema.install_states.c, schema.spending.c
    filled = and_(gaps.filled_by != "", gaps.asked_at < now - FILLED)
    letters = select(schema.dead_letters.c.key)
    return (
        _Aged(schema.turns, turns.answer_id, turns.asked_at < now - TURNS),
        _Aged(schema.gaps, gaps.answer_id, filled | (gaps.asked_at < now - conversation.KEPT - DAY)),
        _Aged(schema.asked, asked.key, asked.asked_at < now - durable.KEPT),
        _Aged(schema.sent, sent.key, and_(sent.at < now - SENT, sent.key.not_in(letters))),
        _Aged(schema.renewals, renewals.key, and_(renewals.open.is_(None), renewals.asked_at < now - RECORDS)),
        _Aged(
            schema.runs,
            runs.id,
            and_(runs.started_at < now - RECORDS, runs.id.not_in(select(func.max(schema.runs.c.id)).scalar_subquery())),
        ),
        _Aged(schema.install_states, states.hash, states.until < now),
        _Aged(schema.spending, spent.scope, spent.day < (now - spending.KEPT).date()),
    )


def _people(before: datetime) -> Sequence[_Aged]:
    """Return what people wrote, or what leads to it, from before a moment."""
    turns, gaps, posts = schema.turns.c, schema.gaps.c, schema.posts.c
    feedback, handoffs = schema.feedback.c, schema.handoffs.c
    return (
        _Aged(schema.turns, turns.answer_id, turns.asked_at < before),
        _Aged(schema.gaps, gaps.answer_id, gaps.asked_at < before),
        _Aged(schema.posts, posts.answer_id, posts.posted_at < before),
        _Aged(schema.feedback, feedback.answer_id, feedback.at < before),
        _Aged(schema.handoffs, handoffs.answer_id, handoffs.asked_at < before),
    )


def _shelved() -> ColumnElement[str]:
    return select(schema.shelves.c.name).scalar_subquery()
