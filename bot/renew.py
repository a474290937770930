"""Everything that is configured, read again: documents to a new edition, screening lists to a new index of names."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import vetting
from bot.build import Library
from bot.settings import Settings
from knowledge.errors import KnowledgeError, ListRefused, RefreshRunning
from knowledge.lists.gleif import golden
from knowledge.model import SourceSpec
from knowledge.refresh import refresh
from knowledge.report import Failure, Progress, RefreshReport, Watcher
from knowledge.spans import span
from knowledge.store.parties import Parties

if TYPE_CHECKING:
    from knowledge.listing import ListChange, ListReport


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a refresh did: `documents` is None when only lists were asked for, `lists` when there are none to read."""

    documents: RefreshReport | None
    lists: "ListReport | None"
    edition: int | None
    seconds: float
    hindered: tuple[Failure, ...] = ()

    @property
    def failed(self) -> tuple[Failure, ...]:
        """What could not be read: documents, sources and lists."""
        documents = self.documents.failed if self.documents else ()
        return (*documents, *(self.lists.failed if self.lists else ()), *self.hindered)


def renew(settings: Settings, library: Library, names: Iterable[str] = (), watch: Watcher = lambda _: None) -> Renewed:
    """Refresh all sources and lists, or those named; lists are read even where the documents are refused.

    Raises what `knowledge.refresh.refresh` raises, after the lists are done.
    """
    began = time.monotonic()
    asked = frozenset(names)
    listed = {spec.name for spec in library.catalog.lists()}
    registers = [spec for spec in library.catalog.owners() if not asked or spec.name in asked]
    owners = {spec.name for spec in registers}
    refused: KnowledgeError | None = None
    documents = None
    if not asked or asked - listed - owners:
        try:
            documents = refresh(library.refresher, sorted(asked - listed - owners), watch)
        except RefreshRunning:
            raise
        except KnowledgeError as error:
            refused = error
    lists, hindered = _lists(settings, library, asked, listed, watch)
    hindered = (*hindered, *_registers(settings, library, registers, watch))
    if refused is not None:
        raise refused
    live = library.ledger.live()
    return Renewed(documents, lists, live.number if live else None, round(time.monotonic() - began, 3), hindered)


def as_json(renewed: Renewed) -> dict[str, Any]:
    """Return a refresh as the outside contract has it, with `lists` beside."""
    still = dict.fromkeys(("added", "changed", "removed", "unchanged"), 0)
    body = asdict(renewed.documents) if renewed.documents else {"edition": renewed.edition, "previous": renewed.edition, **still}  # fmt: skip
    changes = renewed.lists.lists if renewed.lists else ()
    return {
        **body,
        "failed": [asdict(failure) for failure in renewed.failed],
        "seconds": renewed.seconds,
        "lists": [_change(one) for one in changes],
    }


def _lists(
    settings: Settings, library: Library, asked: frozenset[str], listed: set[str], watch: Watcher
) -> "tuple[ListReport | None, tuple[Failure, ...]]":
    """Refresh the lists; what hinders all of them is an error only where nothing else was asked for."""
    if (asked and not asked & listed) or not (listed or Parties(library.engine).taken()):
        return None, ()
    from knowledge.listing import refresh_lists  # noqa: PLC0415 - the readers of lists are loaded only where there are some

    try:
        with span("refresh lists"):
            return refresh_lists(vetting.lister(settings, library), sorted(asked & listed), watch), ()
    except KnowledgeError as hindered:
        if asked and asked <= listed:
            raise
        return None, (Failure("lists", "", str(hindered)),)


def _registers(settings: Settings, library: Library, specs: Iterable[SourceSpec], watch: Watcher) -> Iterator[Failure]:
    """Load each register of owners that is of another day than the one in service; yield what could not be, and what stays."""
    if not library.catalog.owners():
        vetting.owners(settings).withdraw()
    for spec in specs:
        owners = vetting.owners(settings)
        watch(Progress("read", 0, 1, spec.name))
        try:
            copy, before = golden(Path(spec.at)), owners.register()
            if before is None or before.of != copy.of:
                owners.load(copy)
        except ListRefused as refused:
            words = f"{str(refused).rstrip('.')}; {'the register before it stays in service' if owners.register() else 'nothing of it is in service'}"
            library.catalog.note(spec.name, words)
            yield Failure(spec.name, "", words)
        else:
            library.catalog.note(spec.name, "")
            watch(Progress("read", 1, 1, spec.name))


def _change(one: "ListChange") -> dict[str, Any]:
    reading = one.reading
    return {
        "id": one.list_id, "came": one.came.value, "rows": reading.rows if reading else 0,
        "organisations": reading.parties if reading else 0, "not_kept": dict(reading.skipped) if reading else {},
        "snapshot": reading.snapshot if reading else None,
        "read_at": reading.read_at.isoformat(timespec="seconds") if reading else None,
        "gap": reading.gap if reading else "", "added": len(one.difference.added),
        "removed": len(one.difference.removed), "changed": len(one.difference.changed), "failure": one.failure,
    }  # fmt: skip
