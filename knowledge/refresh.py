"""Sources to a new edition: read, cut, embed what is new, write shelves beside the old ones, check, publish at once."""

import hashlib
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType

from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.errors import (
    DocumentRefused,
    PassedOver,
    RefreshRefused,
    SegmentsDamaged,
    SourceRefused,
    SourceUnreachable,
)
from knowledge.model import Edition, Failure, Progress, RefreshReport, SourceSpec, Version
from knowledge.parse.reader import Reader
from knowledge.ports import Embedder, Ref, Segments, Source
from knowledge.store.catalog import Catalog
from knowledge.store.ledger import Held, Ledger, Shelf, version_key
from knowledge.store.lexical import Entry
from knowledge.store.shelves import Shelves
from knowledge.store.verify import SAMPLES, Claimed, claim

SHRINKAGE = 0.5
"""A source that comes back with less than this share of its documents stops the refresh."""
SHRINKAGE_FROM = 10
"""Sources smaller than this may shrink as they like."""
EMBED_BATCH = 512

Watcher = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Refresher:
    """Everything a refresh works with.

    `lease` keeps refreshes apart, `open_source` turns settings into a connector, `check` raises SegmentsDamaged
    unless segments are whole.
    """

    lease: Callable[[], AbstractContextManager[None]]
    catalog: Catalog
    ledger: Ledger
    segments: Segments
    shelves: Shelves
    embedder: Embedder
    open_source: Callable[[SourceSpec], Source]
    check: Callable[[Sequence[Claimed]], None]
    starter: SourceSpec
    starter_digest: str


@dataclass(slots=True)
class _Harvest:
    """What the sources gave, read by `reader`: versions by document id, and what failed.

    `owners` says by which (source, ref) an id is held in the live edition, while that source still lists it: no other
    document can take it over.
    """

    reader: Reader
    versions: dict[str, Version] = field(default_factory=dict)
    kept: dict[str, Held] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)

    def keep(self, spec: SourceSpec, mine: dict[str, Held], error: str) -> None:
        """Keep the documents of a source that cannot be reached, and say so."""
        self.kept.update({name: one for name, one in mine.items() if name not in self.versions})
        self.failed.append(Failure(spec.name, "", f"{error}; its documents stay as they were"))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A source that could be listed: its refs, and what the live edition holds of it."""

    spec: SourceSpec
    source: Source
    refs: tuple[str, ...]
    mine: dict[str, Held]


def refresh(work: Refresher, only: Iterable[str] = (), watch: Watcher = lambda _: None) -> RefreshReport:
    """Refresh all sources, or those named in `only`, and publish if anything changed.

    Raises RefreshRunning, RefreshRefused or VectorsUnavailable; readers keep the old edition then. A document that
    cannot be read any more stays as it was last read. SIGTERM ends the process with SystemExit after the batch at hand;
    the next refresh removes what was left half done.
    """
    began = time.monotonic()
    with _stopping(), work.lease():
        live = work.ledger.live()
        held = work.ledger.held(live.number if live else None)
        _sweep(work)
        with Reader() as reader:
            harvest = _harvest(work, reader, frozenset(only), held, watch)
        _gate(held, harvest, {work.starter.name, *(spec.name for spec in work.catalog.all())})
        version_ids = {name: version_key(version) for name, version in harvest.versions.items()}
        now_held = {**{name: one.version_id for name, one in harvest.kept.items()}, **version_ids}
        before = {name: one.version_id for name, one in held.items()}
        edition = live
        if live is None or now_held != before or live.embedder != work.embedder.name:
            edition = _publish(work, harvest, before, sorted(now_held.values()), watch)
        else:
            work.ledger.keep_report(live.number, harvest.failed)
            _mend(work, live, sorted(now_held.values()), watch)
    assert edition is not None
    shared = before.keys() & now_held.keys()
    changed = sum(before[name] != now_held[name] for name in shared)
    return RefreshReport(
        edition=edition.number,
        previous=live.number if live else None,
        added=len(now_held.keys() - before.keys()),
        changed=changed,
        removed=len(before.keys() - now_held.keys()),
        unchanged=len(shared) - changed,
        failed=tuple(harvest.failed),
        seconds=round(time.monotonic() - began, 3),
    )


def _sweep(work: Refresher) -> None:
    """Remove what a killed refresh left behind: shelves that neither the live nor the previous edition names."""
    kept = work.ledger.kept_shelves()
    for name in work.segments.names() - kept:
        work.segments.drop(name)
    work.shelves.sweep(kept)


def _harvest(work: Refresher, reader: Reader, only: frozenset[str], held: dict[str, Held], watch: Watcher) -> _Harvest:
    harvest = _Harvest(reader)
    listings: list[_Listed] = []
    for spec in (work.starter, *work.catalog.all()):
        mine = {name: one for name, one in held.items() if one.source == spec.name}
        if only and spec.name not in only:
            harvest.kept.update(mine)
            continue
        try:
            listings.append(_list(work.open_source(spec), spec, mine))
        except (SourceUnreachable, SourceRefused) as refused:
            harvest.keep(spec, mine, str(refused))
            work.catalog.note(spec.name, str(refused))
    for listed in listings:
        refs = set(listed.refs)
        harvest.owners.update((name, (one.source, one.ref)) for name, one in listed.mine.items() if one.ref in refs)
    for listed in listings:
        try:
            error = _read_source(listed, harvest, watch)
        except SourceUnreachable as unreachable:
            error = str(unreachable)
            harvest.keep(listed.spec, listed.mine, error)
        work.catalog.note(listed.spec.name, error)
    return harvest


def _list(source: Source, spec: SourceSpec, mine: dict[str, Held]) -> _Listed:
    refs = tuple(ref.name for ref in source.list("").refs)
    if not refs and mine:
        raise SourceUnreachable("the source lists no documents any more")
    return _Listed(spec, source, refs, mine)


def _read_source(listed: _Listed, harvest: _Harvest, watch: Watcher) -> str:
    by_ref = {one.ref: (name, one) for name, one in listed.mine.items()}
    name = listed.spec.name
    failures = 0
    for number, ref in enumerate(listed.refs, 1):
        watch(Progress("read", number, len(listed.refs), f"{name}: {ref}"))
        try:
            version = _read(listed, ref, harvest)
            harvest.versions[version.document.id] = version
        except PassedOver:
            continue
        except DocumentRefused as refused:
            failures += 1
            note = ""
            if ref in by_ref and by_ref[ref][0] not in harvest.versions:
                document_id, one = by_ref[ref]
                harvest.kept[document_id] = one
                note = "; its last good state stays in service"
            harvest.failed.append(Failure(name, ref, f"{refused}{note}"))
    return f"{failures} of {len(listed.refs)} documents failed" if failures else ""


def _read(listed: _Listed, ref: str, harvest: _Harvest) -> Version:
    raw = listed.source.fetch(Ref(ref))
    assert raw is not None
    parsed = harvest.reader.read(raw.content, raw.name)[0]
    document = describe(parsed, ref, listed.spec, raw.facts)
    here = (listed.spec.name, ref)
    if document.id in harvest.versions or document.id in harvest.kept or harvest.owners.get(document.id, here) != here:
        raise DocumentRefused(f"its id {document.id} is taken by another document")
    passages = chunk(document, parsed)
    if not passages:
        raise DocumentRefused("no passage could be made of its text")
    return Version(document, ref, parsed.text, passages)


def _gate(held: dict[str, Held], harvest: _Harvest, configured: set[str]) -> None:
    """Stop an edition that is empty, or in which a source that is still configured lost most of its documents."""
    now = Counter(version.document.source for version in harvest.versions.values())
    now += Counter(one.source for one in harvest.kept.values())
    if not now:
        raise RefreshRefused("no document could be read, so nothing was published")
    for source, count in Counter(one.source for one in held.values()).items():
        if source in configured and count >= SHRINKAGE_FROM and now[source] < count * SHRINKAGE:
            raise RefreshRefused(
                f"source {source} shrank from {count} to {now[source]} documents; the old edition stays in service."
                f" If that is right, remove the source and add it again"
            )


def _publish(
    work: Refresher, harvest: _Harvest, before: dict[str, str], version_ids: list[str], watch: Watcher
) -> Edition:
    stored = set(before.values())
    work.ledger.keep_versions([one for one in harvest.versions.values() if version_key(one) not in stored])
    entries = work.ledger.entries(version_ids)
    _embed(work, [entry for shelf in entries.values() for entry in shelf], watch)
    present = work.ledger.kept_shelves() & work.segments.names()
    shelves: dict[str, Shelf] = {}
    rows_of: dict[str, list[Entry]] = {}
    claims: list[Claimed] = []
    for visibility, rows in sorted(entries.items()):
        name = _shelf_name(work.embedder.name, visibility, rows)
        matrix = work.ledger.vectors(work.embedder.name, [entry.text_hash for entry in rows])
        shelves[visibility] = Shelf(name, len(rows), matrix.mean(axis=0))
        rows_of[name] = rows
        claims.append(claim(name, [entry.passage_id for entry in rows], matrix))
        if name not in present:
            _write(work, name, rows, watch)
    _check(work, claims, present, lambda name: _write(work, name, rows_of[name], watch), watch)
    edition = work.ledger.publish(
        number=work.ledger.next_number(),
        embedder=work.embedder.name,
        dimensions=work.embedder.dimensions,
        version_ids=version_ids,
        shelves=shelves,
        starter=work.starter_digest,
        failed=harvest.failed,
    )
    _sweep(work)
    return edition


def _mend(work: Refresher, live: Edition, version_ids: list[str], watch: Watcher) -> None:
    """Build again those shelves of the live edition that this machine has lost or that are damaged."""
    shelves = work.ledger.shelves(live.number)
    claims = [_sampled(work, live, visibility, shelf) for visibility, shelf in shelves.items()]
    visibilities = {shelf.name: visibility for visibility, shelf in shelves.items()}

    def build(name: str) -> None:
        _write(work, name, work.ledger.entries(version_ids)[visibilities[name]], watch)

    _check(work, claims, set(visibilities), build, watch)


def _sampled(work: Refresher, live: Edition, visibility: str, shelf: Shelf) -> Claimed:
    """Take the samples of a shelf's check without reading all its vectors."""
    rows = work.ledger.shelved(live.number, visibility)
    rows = rows[:: max(1, len(rows) // SAMPLES)]
    matrix = work.ledger.vectors(live.embedder, [key for _, key in rows])
    return replace(claim(shelf.name, [passage for passage, _ in rows], matrix), count=shelf.passages)


def _write(work: Refresher, name: str, rows: Sequence[Entry], watch: Watcher) -> None:
    """Write a shelf, in place of a damaged one of the same name if there is one."""
    watch(Progress("write", 0, len(rows)))
    matrix = work.ledger.vectors(work.embedder.name, [entry.text_hash for entry in rows])
    work.shelves.write(name, rows)
    work.segments.drop(name)
    work.segments.write(name, [entry.passage_id for entry in rows], matrix)
    watch(Progress("write", len(rows), len(rows)))


def _check(
    work: Refresher, claims: Sequence[Claimed], reused: set[str], build: Callable[[str], None], watch: Watcher
) -> None:
    """Check the shelves from a fresh process; a reused one that is not whole is built again, a new one is refused."""
    watch(Progress("verify", 0, len(claims)))
    try:
        work.check(claims)
    except SegmentsDamaged as damaged:
        if not damaged.names <= reused:
            raise
        for name in damaged.names:
            build(name)
        work.check([one for one in claims if one.name in damaged.names])
    watch(Progress("verify", len(claims), len(claims)))


def _embed(work: Refresher, entries: Sequence[Entry], watch: Watcher) -> None:
    """Keep the vectors that are missing; an unchanged text is never embedded twice."""
    texts = {entry.text_hash: entry.embedded for entry in entries}
    missing = sorted(work.ledger.missing_vectors(work.embedder.name, texts))
    for start in range(0, len(missing), EMBED_BATCH):
        watch(Progress("embed", start, len(missing)))
        batch = missing[start : start + EMBED_BATCH]
        work.ledger.keep_vectors(work.embedder.name, batch, work.embedder.embed([texts[key] for key in batch]))
    watch(Progress("embed", len(missing), len(missing)))


def _shelf_name(embedder: str, visibility: str, entries: Sequence[Entry]) -> str:
    total = hashlib.sha256(f"{embedder}\x1f{visibility}".encode())
    for entry in entries:
        total.update(f"\x1f{entry.passage_id}\x1f{entry.header}\x1f{entry.text_hash}".encode())
    return f"kb-{total.hexdigest()[:32]}"


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
