"""What came of the last reading of each document of a source, so that an unchanged one is not read again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Delete, Engine, delete, insert, select

from knowledge.ports import UNKNOWN, Known
from knowledge.store import schema

_PAGE = 400


@dataclass(frozen=True, slots=True)
class Read:
    """One reading: the versions it gave, or why it gave none.

    `recipe` hashes everything that the result depends on beside the bytes: parsers and the source's settings. `misses`
    counts the listings in a row that did not name the document.
    """

    ref: str
    mark: str
    known: Known = UNKNOWN
    raw_hash: str = ""
    recipe: str = ""
    version_ids: tuple[str, ...] = ()
    error: str = ""
    passed_over: str = ""
    misses: int = 0


class Reads:
    """Keeps readings by source and ref; every method is a few short transactions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, source: str) -> dict[str, Read]:
        """Return the last readings of a source by ref."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(schema.reads).where(schema.reads.c.source == source)).mappings().all()
        return {
            row["ref"]: Read(
                row["ref"], row["mark"], Known(row["etag"], row["modified"]), row["raw_hash"], row["recipe"],
                tuple(row["version_ids"]), row["error"], row["passed_over"], row["misses"],
            )
            for row in rows
        }  # fmt: skip

    def keep(self, source: str, reads: Iterable[Read]) -> None:
        """Keep readings in place of the earlier ones of the same documents."""
        rows: list[dict[str, Any]] = [
            {
                "source": source, "ref": one.ref, "mark": one.mark, "etag": one.known.etag, "modified": one.known.modified,
                "raw_hash": one.raw_hash, "recipe": one.recipe, "version_ids": list(one.version_ids), "error": one.error,
                "passed_over": one.passed_over, "misses": one.misses, "read_at": datetime.now(UTC),
            }
            for one in reads
        ]  # fmt: skip
        for page in (rows[at : at + _PAGE] for at in range(0, len(rows), _PAGE)):
            with self._engine.begin() as connection:
                connection.execute(_of(source, [row["ref"] for row in page]))
                connection.execute(insert(schema.reads), page)

    def drop(self, source: str, refs: Iterable[str]) -> None:
        """Forget readings of documents that are gone."""
        names = sorted(refs)
        for page in (names[at : at + _PAGE] for at in range(0, len(names), _PAGE)):
            with self._engine.begin() as connection:
                connection.execute(_of(source, page))


def _of(source: str, refs: list[str]) -> Delete:
    return delete(schema.reads).where(schema.reads.c.source == source, schema.reads.c.ref.in_(refs))
