"""What became of cited passages: the text that an edition had, and what has happened to it since."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Text, cast, select

from knowledge.model import Document, Passage
from knowledge.store import schema
from knowledge.store.rows import read_passage, restore


@dataclass(frozen=True, slots=True)
class Trace:
    """A cited passage then and now.

    `text` is what the ledger holds for it, None when it holds nothing. `left_in` is the edition since which the
    passage is absent, None while the one in service has it. `now` are the passages of that edition under the same citation
    and `document` what it says of the document; both are empty when it no longer has them. `successor` is a document
    that replaces it.
    """

    text: str | None
    left_in: int | None
    now: tuple[Passage, ...] = ()
    document: Document | None = None
    successor: Document | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A document as an edition holds it: its facts, and its passages in the order of its canonical text."""

    document: Document
    passages: tuple[Passage, ...]


class History:
    """Looks back into editions; every method is one short reading."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def trace(self, passage_id: str, document_id: str, citation: str, edition: int | None) -> Trace:
        """Return what became of a passage that an edition cited; an edition of None has nothing."""
        with self._engine.connect() as connection:
            live = connection.execute(select(schema.pointer.c.number)).scalar()
            text = _text(connection, passage_id, edition)
            held = _holding(connection, passage_id)
            left_in = None if live in held else _left(connection, held, live)
            version = _version(connection, document_id, live)
            if version is None:
                return Trace(text, left_in)
            leaf = _leaf(version, connection)
            now = tuple(one for one in leaf.passages if one.citation == citation)
            return Trace(text, left_in, now, leaf.document, _successor(connection, document_id, live))

    def leaf(self, document_id: str, edition: int | None) -> Leaf | None:
        """Return a document as an edition holds it; None when it has none."""
        with self._engine.connect() as connection:
            version = _version(connection, document_id, edition)
            return _leaf(version, connection) if version else None


def _text(connection: Connection, passage_id: str, edition: int | None) -> str | None:
    """Return a passage's text as a slice of its version's: the one that the edition holds, else any that is kept."""
    holds = schema.edition_versions.c
    query = (
        select(schema.versions.c.text, schema.passages.c.start, schema.passages.c.end, holds.number)
        .join(schema.passages, schema.passages.c.version_id == schema.versions.c.version_id)
        .outerjoin(
            schema.edition_versions, (holds.version_id == schema.versions.c.version_id) & (holds.number == edition)
        )
        .where(schema.passages.c.passage_id == passage_id)
    )
    rows = sorted(connection.execute(query).all(), key=lambda row: row.number is None)
    return rows[0].text[rows[0].start : rows[0].end] if rows else None


def _holding(connection: Connection, passage_id: str) -> frozenset[int]:
    query = (
        select(schema.edition_versions.c.number)
        .join(schema.passages, schema.passages.c.version_id == schema.edition_versions.c.version_id)
        .where(schema.passages.c.passage_id == passage_id)
    )
    return frozenset(connection.execute(query).scalars())


def _left(connection: Connection, held: frozenset[int], live: int | None) -> int | None:
    """Return since which edition the live one and those before it lack a passage; None when nothing is live."""
    if live is None:
        return None
    last = max((number for number in held if number < live), default=live - 1)
    later = select(schema.editions.c.number).where(schema.editions.c.number > last, schema.editions.c.number <= live)
    return connection.execute(later.order_by(schema.editions.c.number).limit(1)).scalar()


def _version(connection: Connection, document_id: str, edition: int | None) -> Mapping[str, Any] | None:
    query = (
        select(schema.versions)
        .join(schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id)
        .where(schema.edition_versions.c.number == edition, schema.versions.c.document_id == document_id)
    )
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def _leaf(version: Mapping[str, Any], connection: Connection) -> Leaf:
    table = schema.passages.c
    rows = connection.execute(
        select(schema.passages).where(table.version_id == version["version_id"]).order_by(table.start, table.end)
    ).mappings()
    document, text = restore(version["facts"]), version["text"]
    return Leaf(document, tuple(read_passage(dict(row), document.id, text[row["start"] : row["end"]]) for row in rows))


def _successor(connection: Connection, document_id: str, live: int | None) -> Document | None:
    """Return a document of the live edition that says that it replaces this one; facts are kept as ASCII JSON."""
    query = (
        select(schema.versions.c.facts)
        .join(schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id)
        .where(
            schema.edition_versions.c.number == live,
            schema.versions.c.document_id != document_id,
            cast(schema.versions.c.facts, Text).contains(json.dumps(document_id), autoescape=True),
        )
    )
    named = (restore(kept) for kept in connection.execute(query).scalars())
    return next((one for one in named if document_id in one.supersedes), None)
