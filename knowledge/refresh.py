"""Sources to a new edition: read what may have changed, build shelves beside the old ones, check, publish at once."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from types import FrameType

from knowledge.errors import KnowledgeError, RefreshRefused, RefreshRunning
from knowledge.harvest import Harvest, Library, harvest
from knowledge.impact import impact
from knowledge.model import Edition, SourceSpec
from knowledge.parse.reader import Reader
from knowledge.report import Progress, RefreshReport, Tally, Watcher
from knowledge.shelving import Workshop, mend, shelve
from knowledge.spans import span
from knowledge.store.ledger import Held
from knowledge.store.publishing import Publishing
from knowledge.store.receipts import Receipts
from knowledge.store.runs import Runs

SHRINKAGE = 0.5
"""A source that comes back with less than this share of its documents stops the refresh."""
SHRINKAGE_FROM = 10
"""Sources smaller than this may shrink as they like."""
EVERY = 1.0
"""Seconds between two notes of how far a refresh is."""


@dataclass(frozen=True, slots=True)
class Refresher:
    """Everything a refresh works with.

    `lease` keeps refreshes apart; `warm` starts what a refresh needs at its end, so that it is ready by then.
    """

    lease: Callable[[], AbstractContextManager[None]]
    library: Library
    shop: Workshop
    publishing: Publishing
    receipts: Receipts
    runs: Runs
    starter: SourceSpec
    starter_digest: str
    warm: Callable[[], AbstractContextManager[None]] = nullcontext

    def running(self) -> bool:
        """Tell whether a refresh is at work; one that was killed still stands in its record as running."""
        try:
            with self.lease():
                return False
        except RefreshRunning:
            return True

    def specs(self) -> tuple[SourceSpec, ...]:
        """Return the starter knowledge and every configured source of documents."""
        return (self.starter, *self.library.catalog.documents())


def refresh(work: Refresher, only: Iterable[str] = (), watch: Watcher = lambda _: None) -> RefreshReport:
    """Refresh all sources, or those named in `only`, and publish if anything changed.

    Raises RefreshRunning, RefreshRefused or VectorsUnavailable; readers keep the old edition then. A document that
    cannot be read any more stays as it was last read. SIGTERM ends the process with SystemExit after the batch at hand;
    the next refresh goes on from what was read and embedded, and removes what was left half done.
    """
    began, named = time.monotonic(), sorted(only)
    with span("refresh", {"caveat.sources": len(named)}) as traced, _stopping(), work.lease(), work.warm():
        run = work.runs.begin(named)
        try:
            report = _refresh(work, frozenset(named), began, _noting(work, run, watch))
        except KnowledgeError as error:
            work.runs.end(run, "refused" if isinstance(error, RefreshRefused) else "failed", str(error))
            raise
        except BaseException:
            work.runs.end(run, "failed", "it was stopped before its end; nothing was published")
            raise
        state = "unchanged" if report.edition == report.previous else "published"
        work.runs.end(run, state, report=report)
        traced.note({"caveat.state": state, "caveat.edition": report.edition, "caveat.failed": len(report.failed)})
        return report


def _refresh(work: Refresher, only: frozenset[str], began: float, watch: Watcher) -> RefreshReport:
    ledger = work.shop.ledger
    live = ledger.live()
    held = ledger.held(live.number if live else None)
    specs = work.specs()
    with span("harvest"), Reader() as reader:
        found = harvest(work.library, reader, specs, held, only=only, watch=watch)
    _gate(work, held, found, {spec.name for spec in specs})
    before = frozenset(one.version_id for one in held.values())
    now = frozenset(one.version_id for one in found.now.values())
    sweep(work)
    edition = live
    if live is None or now != before or live.embedder != work.shop.embedder.name:
        starter = work.starter_digest if not only or work.starter.name in only else live.starter if live else ""
        edition = _publish(work, live, before, now, found, starter, watch)
        sweep(work)
    else:
        work.publishing.keep_report(live.number, found.failed)
        mend(work.shop, live, watch)
    assert edition is not None
    _settle(work, found)
    return _report(work, live, edition, held, found, began)


def _gate(work: Refresher, held: dict[str, Held], found: Harvest, configured: set[str]) -> None:
    """Stop an edition that is empty, or in which a source that is still configured lost most of its documents."""
    now = Counter(one.source for one in found.now.values())
    if not now:
        raise RefreshRefused("no document could be read, so nothing was published")
    for source, count in Counter(one.source for one in held.values()).items():
        if source in configured and count >= SHRINKAGE_FROM and now[source] < count * SHRINKAGE:
            work.library.catalog.note(
                source, f"it shrank from {count} to {now[source]} documents; nothing was published"
            )
            raise RefreshRefused(
                f"source {source} shrank from {count} to {now[source]} documents; the old edition stays in service."
                f" If that is right, remove the source and add it again"
            )


def _publish(  # noqa: PLR0913, PLR0917 - one straight step of the refresh
    work: Refresher,
    live: Edition | None,
    before: frozenset[str],
    now: frozenset[str],
    found: Harvest,
    starter: str,
    watch: Watcher,
) -> Edition:
    """Build what the edition lacks and put it into service; `starter` is the digest of the starter knowledge that was last read."""
    with span("shelve", {"caveat.documents": len(now)}):
        shelves = shelve(work.shop, live, before, now, watch)
    with span("publish"):
        return work.publishing.publish(
            number=work.publishing.next_number(),
            embedder=work.shop.embedder.name,
            dimensions=work.shop.embedder.dimensions,
            version_ids=sorted(now),
            shelves=shelves,
            starter=starter,
            failed=found.failed,
        )


def _settle(work: Refresher, found: Harvest) -> None:
    """Keep, now that what it named is in service, where each listing ended and what it did not name."""
    for source, cursor in found.cursors.items():
        work.library.catalog.move(source, cursor)
    for source, reads in found.misses.items():
        work.library.reads.keep(source, reads)
    for source, refs in found.forgotten.items():
        work.library.reads.drop(source, refs)


def sweep(work: Refresher) -> None:
    """Remove shelves that neither the live nor the previous edition names: a killed refresh left them, or a look into the past.

    To be called under the lease.
    """
    kept = work.shop.ledger.kept_shelves()
    for name in work.shop.segments.names() - kept:
        work.shop.segments.drop(name)
    work.shop.shelves.sweep(kept)


def _report(  # noqa: PLR0913, PLR0917 - the end of the refresh tells of all of it
    work: Refresher, live: Edition | None, edition: Edition, held: dict[str, Held], found: Harvest, began: float
) -> RefreshReport:
    before = {name: one.version_id for name, one in held.items()}
    now = {name: one.version_id for name, one in found.now.items()}
    tallies = tuple(
        _tally(source, held, found) for source in sorted({one.source for one in (*held.values(), *found.now.values())})
    )
    return RefreshReport(
        edition=edition.number,
        previous=live.number if live else None,
        added=len(now.keys() - before.keys()),
        changed=sum(before[name] != now[name] for name in before.keys() & now.keys()),
        removed=len(before.keys() - now.keys()),
        unchanged=sum(before[name] == now[name] for name in before.keys() & now.keys()),
        failed=tuple(found.failed),
        seconds=round(time.monotonic() - began, 3),
        skipped=tuple(found.skipped),
        impact=impact(work.library.versions, work.receipts, frozenset(before.values()), frozenset(now.values())),
        sources=tallies,
    )


def _tally(source: str, held: dict[str, Held], found: Harvest) -> Tally:
    before = {name: one.version_id for name, one in held.items() if one.source == source}
    now = {name: one.version_id for name, one in found.now.items() if one.source == source}
    changed = sum(before[name] != now[name] for name in before.keys() & now.keys())
    return Tally(
        source,
        added=len(now.keys() - before.keys()),
        changed=changed,
        removed=len(before.keys() - now.keys()),
        unchanged=len(before.keys() & now.keys()) - changed,
        failed=sum(failure.source == source for failure in found.failed),
    )


def _noting(work: Refresher, run: int, watch: Watcher) -> Watcher:
    """Return a watcher that also keeps how far the refresh is, at most once in EVERY seconds."""
    last = time.monotonic()

    def both(progress: Progress) -> None:
        nonlocal last
        watch(progress)
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            work.runs.note(run, progress)

    return both


@contextmanager
def _stopping() -> Iterator[None]:
    """Let SIGTERM end the refresh between two batches, unless the process has its own way to handle it."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stop(number: int, _frame: FrameType | None) -> None:
    # Python runs this between two of its own instructions, so a call into Chroma or the ledger is finished first.
    raise SystemExit(128 + number)
