"""Publishing: an edition is written whole in one transaction, which also moves the pointer that readers follow."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, insert, select, update

from knowledge.model import Edition
from knowledge.report import Failure
from knowledge.store import schema
from knowledge.store.ledger import Shelf


class Publishing:
    """Writes editions and says which one is in service; every method is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def publish(  # noqa: PLR0913 - one transaction writes all of this or nothing
        self,
        *,
        number: int,
        embedder: str,
        dimensions: int,
        version_ids: Sequence[str],
        shelves: Sequence[Shelf],
        starter: str,
        failed: Sequence[Failure],
    ) -> Edition:
        """Write an edition and move the pointer to it, in one transaction."""
        edition = Edition(
            number,
            datetime.now(UTC),
            embedder,
            len(version_ids),
            sum(shelf.passages - len(shelf.dead) for shelf in shelves),
            starter,
        )
        with self._engine.begin() as connection:
            previous = connection.execute(select(schema.pointer.c.number)).scalar()
            connection.execute(
                insert(schema.editions).values(
                    number=number,
                    published_at=edition.published_at,
                    embedder=embedder,
                    dimensions=dimensions,
                    documents=edition.documents,
                    passages=edition.passages,
                    starter=starter,
                    report={"previous": previous, "failed": [asdict(failure) for failure in failed]},
                )
            )
            if version_ids:
                connection.execute(
                    insert(schema.edition_versions), [{"number": number, "version_id": key} for key in version_ids]
                )
            if shelves:
                connection.execute(
                    insert(schema.shelves),
                    [
                        {
                            "number": number, "visibility": shelf.visibility, "name": shelf.name,
                            "passages": shelf.passages, "centroid": shelf.centroid.astype("<f4").tobytes(),
                            "dead": dict(shelf.dead),
                        }
                        for shelf in shelves
                    ],
                )  # fmt: skip
            _bury(connection, previous, number)
            _point(connection, number)
        return edition

    def point_to(self, number: int) -> bool:
        """Move the pointer to an earlier edition that is still complete; return False when there is none."""
        with self._engine.begin() as connection:
            known = connection.execute(
                select(schema.editions.c.number).where(schema.editions.c.number == number)
            ).first()
            if known:
                _point(connection, number)
        return known is not None

    def next_number(self) -> int:
        """Return the number that the next edition gets."""
        with self._engine.connect() as connection:
            return (connection.execute(select(func.max(schema.editions.c.number))).scalar() or 0) + 1

    def keep_report(self, number: int, failed: Sequence[Failure]) -> None:
        """Replace what is known to have failed, for a refresh that had nothing to publish."""
        table = schema.editions
        with self._engine.begin() as connection:
            kept = connection.execute(select(table.c.report).where(table.c.number == number)).scalar() or {}
            report = {**kept, "failed": [asdict(failure) for failure in failed]}
            connection.execute(update(table).where(table.c.number == number).values(report=report))


def _bury(connection: Connection, previous: int | None, number: int) -> None:
    """Put up tombstones for the documents that the edition before had and this one has not."""
    held = select(schema.versions.c.document_id, schema.versions.c.version_id).join(
        schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id
    )
    now = select(schema.versions.c.document_id).join(
        schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id
    )
    gone = held.where(
        schema.edition_versions.c.number == previous,
        schema.versions.c.document_id.not_in(now.where(schema.edition_versions.c.number == number)),
    )
    rows = [
        {"document_id": document, "number": number, "version_id": version}
        for document, version in connection.execute(gone)
    ]
    if rows:
        connection.execute(insert(schema.tombstones), rows)


def _point(connection: Connection, number: int) -> None:
    moved = connection.execute(update(schema.pointer).where(schema.pointer.c.id == 1).values(number=number))
    if moved.rowcount == 0:
        connection.execute(insert(schema.pointer).values(id=1, number=number))
