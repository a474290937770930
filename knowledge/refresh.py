"""Sources to a new edition: read, cut, embed what is new, write shelves beside the old ones, check, publish at once."""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.errors import DocumentRefused, RefreshRefused, SourceUnreachable
from knowledge.model import Edition, Failure, Progress, RefreshReport, SourceSpec, Version
from knowledge.parse.reader import Reader
from knowledge.ports import Embedder, Segments, Source
from knowledge.store.catalog import Catalog
from knowledge.store.ledger import Held, Ledger, Shelf, version_key
from knowledge.store.lexical import Entry
from knowledge.store.shelves import Shelves
from knowledge.store.verify import Claimed, claim

SHRINKAGE = 0.5
"""A source that comes back with less than this share of its documents stops the refresh."""
SHRINKAGE_FROM = 10
"""Sources smaller than this may shrink as they like."""
EMBED_BATCH = 512

Watcher = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Refresher:
    """Everything a refresh works with.

    `lease` keeps refreshes apart, `open_source` turns settings into a connector, `check` raises VectorsUnavailable unless
    new segments are whole.
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
    """What the sources gave, read by `reader`: versions by document id, and what failed."""

    reader: Reader
    versions: dict[str, Version] = field(default_factory=dict)
    kept: dict[str, Held] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)


def refresh(work: Refresher, only: Iterable[str] = (), watch: Watcher = lambda _: None) -> RefreshReport:
    """Refresh all sources, or those named in `only`, and publish if anything changed.

    Raises RefreshRunning, RefreshRefused or VectorsUnavailable; readers keep the old edition then. A document that
    cannot be read any more stays as it was last read.
    """
    began = time.monotonic()
    with work.lease():
        live = work.ledger.live()
        held = work.ledger.held(live.number if live else None)
        _sweep(work)
        with Reader() as reader:
            harvest = _harvest(work, reader, frozenset(only), held, watch)
        _gate(held, harvest)
        version_ids = {name: version_key(version) for name, version in harvest.versions.items()}
        now_held = {**{name: one.version_id for name, one in harvest.kept.items()}, **version_ids}
        before = {name: one.version_id for name, one in held.items()}
        edition = live
        if live is None or now_held != before or live.embedder != work.embedder.name:
            edition = _publish(work, harvest, sorted(now_held.values()), watch)
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
    for spec in (work.starter, *work.catalog.all()):
        mine = {name: one for name, one in held.items() if one.source == spec.name}
        if only and spec.name not in only:
            harvest.kept.update(mine)
            continue
        try:
            error = _read_source(work.open_source(spec), spec, mine, harvest, watch)
        except SourceUnreachable as unreachable:
            error = str(unreachable)
            harvest.kept.update(mine)
            harvest.failed.append(Failure(spec.name, "", f"{error}; its documents stay as they were"))
        work.catalog.note(spec.name, error)
    return harvest


def _read_source(source: Source, spec: SourceSpec, mine: dict[str, Held], harvest: _Harvest, watch: Watcher) -> str:
    refs = list(source.list())
    if not refs and mine:
        raise SourceUnreachable("the source lists no documents any more")
    by_ref = {one.ref: (name, one) for name, one in mine.items()}
    failures = 0
    for number, ref in enumerate(refs, 1):
        watch(Progress("read", number, len(refs), f"{spec.name}: {ref}"))
        try:
            version = _read(source, ref, spec, harvest)
            harvest.versions[version.document.id] = version
        except DocumentRefused as refused:
            failures += 1
            note = ""
            if ref in by_ref and by_ref[ref][0] not in harvest.versions:
                name, one = by_ref[ref]
                harvest.kept[name] = one
                note = "; its last good state stays in service"
            harvest.failed.append(Failure(spec.name, ref, f"{refused}{note}"))
    return f"{failures} of {len(refs)} documents failed" if failures else ""


def _read(source: Source, ref: str, spec: SourceSpec, harvest: _Harvest) -> Version:
    parsed = harvest.reader.read(source.fetch(ref), ref)
    document = describe(parsed, ref, spec)
    if document.id in harvest.versions or document.id in harvest.kept:
        raise DocumentRefused(f"its id {document.id} is taken by another document")
    passages = chunk(document, parsed)
    if not passages:
        raise DocumentRefused("no passage could be made of its text")
    return Version(document, ref, parsed.text, passages)


def _gate(held: dict[str, Held], harvest: _Harvest) -> None:
    """Stop an edition that is empty or in which a source lost most of its documents."""
    now: dict[str, int] = {}
    for source in [v.document.source for v in harvest.versions.values()] + [h.source for h in harvest.kept.values()]:
        now[source] = now.get(source, 0) + 1
    if not now:
        raise RefreshRefused("no document could be read, so nothing was published")
    before: dict[str, int] = {}
    for one in held.values():
        before[one.source] = before.get(one.source, 0) + 1
    for source, count in before.items():
        if source in now and count >= SHRINKAGE_FROM and now[source] < count * SHRINKAGE:
            raise RefreshRefused(
                f"source {source} shrank from {count} to {now[source]} documents; the old edition stays in service."
                f" If that is right, remove the source and add it again"
            )


def _publish(work: Refresher, harvest: _Harvest, version_ids: list[str], watch: Watcher) -> Edition:
    for version in harvest.versions.values():
        work.ledger.keep_version(version)
    entries = work.ledger.entries(version_ids)
    _embed(work, [entry for shelf in entries.values() for entry in shelf], watch)
    present = work.ledger.kept_shelves()
    shelves: dict[str, Shelf] = {}
    claims: list[Claimed] = []
    for visibility, rows in sorted(entries.items()):
        name = _shelf_name(work.embedder.name, visibility, rows)
        matrix = work.ledger.vectors(work.embedder.name, [entry.text_hash for entry in rows])
        shelves[visibility] = Shelf(name, len(rows), matrix.mean(axis=0))
        if name not in present:
            watch(Progress("write", 0, len(rows), visibility))
            work.shelves.write(name, rows)
            ids = [entry.passage_id for entry in rows]
            work.segments.write(name, ids, matrix)
            claims.append(claim(name, ids, matrix))
            watch(Progress("write", len(rows), len(rows), visibility))
    if claims:
        watch(Progress("verify", 0, len(claims)))
        work.check(claims)
        watch(Progress("verify", len(claims), len(claims)))
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
