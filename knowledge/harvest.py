"""What the sources hold now: lists them, reads what may have changed, and keeps the last good state of what fails."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.errors import DocumentRefused, PassedOver, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec, Version
from knowledge.parse.reader import Reader
from knowledge.parse.tree import Parsed
from knowledge.ports import UNKNOWN, Raw, Ref, Source
from knowledge.recipe import recipe
from knowledge.report import Failure, Progress, Watcher
from knowledge.spans import span
from knowledge.store.catalog import Catalog
from knowledge.store.ledger import Held
from knowledge.store.reads import Read, Reads
from knowledge.store.versions import Versions, version_key

FAILING = 0.5
"""A source in which more than this share of its known documents fails at once is itself at fault: all of it stays."""
FAILING_FROM = 10
"""Sources with fewer known documents are not judged by that."""
SILENT = 3
"""Documents in a row for which a source does not answer before it counts as unreachable: each may wait for a minute."""
PAGE = 100
"""Documents whose reading is kept at once: what a killed refresh must read again at most."""


@dataclass(frozen=True, slots=True)
class Library:
    """What harvesting works with: the configured sources, what is kept of them, and how to open one."""

    catalog: Catalog
    versions: Versions
    reads: Reads
    open_source: Callable[[SourceSpec], Source]


@dataclass(slots=True)
class Harvest:
    """What all sources hold now, by document id, and what could not be had.

    `cursors` and `misses` are kept only when the harvest is published: a refresh that is repeated counts nothing twice.
    """

    now: dict[str, Held] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    misses: dict[str, list[Read]] = field(default_factory=dict)
    forgotten: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)

    def keep(self, spec: SourceSpec, mine: dict[str, Held], error: str) -> None:
        """Keep the documents of a source that cannot be used now, and say so."""
        self.now.update({name: one for name, one in mine.items() if name not in self.now})
        self.failed.append(Failure(spec.name, "", f"{error}; its documents stay as they were"))


@dataclass(slots=True)
class _Open:
    """A source that was listed: its refs, the names it holds, and what is known of it.

    `readers` are the visibilities that the source itself states now, by ref; `lasting` where nothing ever leaves;
    `silent` counts the documents in a row for which it did not answer at all.
    """

    spec: SourceSpec
    source: Source
    refs: tuple[Ref, ...]
    names: frozenset[str]
    gone: frozenset[str]
    lasting: bool
    cursor: str
    recipe: str
    mine: dict[str, Held]
    reads: dict[str, Read]
    pending: list[tuple[Read, list[Version]]] = field(default_factory=list)
    found: dict[str, Held] = field(default_factory=dict)
    failures: set[str] = field(default_factory=set)
    readers: dict[str, str] = field(default_factory=dict)
    visibilities: dict[str, str] = field(default_factory=dict)
    unfetched: int = 0
    silent: int = 0


def harvest(  # noqa: PLR0913 - the last two are optional
    library: Library,
    reader: Reader,
    specs: Iterable[SourceSpec],
    held: dict[str, Held],
    *,
    only: frozenset[str] = frozenset(),
    watch: Watcher = lambda _: None,
) -> Harvest:
    """Read all sources, or those named in `only`; `held` is what the live edition has, by document id."""
    gathered = Harvest()
    opened: list[_Open] = []
    for spec in specs:
        mine = {name: one for name, one in held.items() if one.source == spec.name}
        if only and spec.name not in only:
            gathered.now.update(mine)
            continue
        try:
            opened.append(_open(library, spec, mine))
        except (SourceUnreachable, SourceRefused) as refused:
            gathered.keep(spec, mine, str(refused))
            library.catalog.note(spec.name, str(refused))
    for one in opened:
        gathered.owners.update(
            (name, (kept.source, kept.ref)) for name, kept in one.mine.items() if kept.ref in one.names
        )
    for one in opened:
        try:
            with span("read source", {"caveat.source.type": one.spec.type, "caveat.documents": len(one.refs)}):
                error = _read_source(library, reader, one, gathered, watch)
        except SourceUnreachable as unreachable:
            _store(library, one)
            error = str(unreachable)
            gathered.keep(one.spec, one.mine, error)
        library.catalog.note(one.spec.name, error)
    return gathered


def _open(library: Library, spec: SourceSpec, mine: dict[str, Held]) -> _Open:
    """List a source: from where its last listing ended, or whole when our way of reading has changed since."""
    how = recipe(spec)
    source = library.open_source(spec)
    kept = library.catalog.cursor(spec.name)
    since = kept.removeprefix(f"{how}:") if kept.startswith(f"{how}:") else ""
    listed = source.list(since)
    shown = frozenset(ref.name for ref in listed.refs)
    held = None if listed.whole else source.ids()
    lasting = not listed.whole and held is None
    names = (shown if held is None else held) - listed.gone
    if not names and mine and not lasting:
        raise SourceUnreachable("the source lists no documents any more")
    cursor = f"{how}:{listed.cursor}" if listed.cursor else ""
    reads = library.reads.all(spec.name)
    missing = sorted(names - shown)
    unchanged = tuple(Ref(name, reads[name].mark if name in reads else "") for name in missing)
    return _Open(spec, source, (*listed.refs, *unchanged), names, listed.gone, lasting, cursor, how, mine, reads)


def _read_source(library: Library, reader: Reader, one: _Open, gathered: Harvest, watch: Watcher) -> str:
    """Bring a source's documents into the harvest; return what an administrator should know, nothing when all is well."""
    known = library.versions.documents_of([key for read in one.reads.values() for key in read.version_ids])
    one.visibilities = library.versions.visibilities_of([held.version_id for held in one.mine.values()])
    by_ref: dict[str, dict[str, Held]] = {}
    for name, kept in one.mine.items():
        by_ref.setdefault(kept.ref, {})[name] = kept
    for number, ref in enumerate(one.refs, 1):
        if ref.name not in one.names:
            continue
        watch(Progress("read", number, len(one.refs), f"{one.spec.name}: {ref.name}"))
        read, versions = _read(reader, one, ref, known)
        if versions is None:
            ids = [(known[key], key) for key in read.version_ids]
        else:
            ids = [(version.document.id, version_key(version)) for version in versions]
            one.pending.append((read, versions))
        _take(one, gathered, read, ids, by_ref.get(ref.name, {}))
        if len(one.pending) >= PAGE:
            _store(library, one)
    _store(library, one)
    failing = sum(ref in by_ref for ref in one.failures)
    if len(by_ref) >= FAILING_FROM and failing > FAILING * len(by_ref):
        raise SourceUnreachable(f"{failing} of its {len(by_ref)} known documents failed at once")
    _missed(one, gathered)
    gathered.now.update(one.found)
    if not one.unfetched:
        gathered.cursors[one.spec.name] = one.cursor
    return f"{len(one.failures)} of {len(one.names)} documents failed" if one.failures else ""


def _read(reader: Reader, one: _Open, ref: Ref, known: dict[str, str]) -> tuple[Read, list[Version] | None]:
    """Return the reading of a document and its versions, None when the earlier reading still holds."""
    old = one.reads.get(ref.name)
    if old is not None and (old.recipe != one.recipe or not known.keys() >= set(old.version_ids)):
        old = None
    if old is not None and ref.mark and old.mark == ref.mark:
        return old, None
    blank = Read(ref.name, ref.mark, recipe=one.recipe)
    try:
        raw = one.source.fetch(ref, old.known if old else UNKNOWN)
    except PassedOver as passed:
        return replace(blank, passed_over=str(passed)), []
    except (DocumentRefused, SourceUnreachable) as refused:
        one.unfetched += 1
        one.silent = one.silent + 1 if isinstance(refused, SourceUnreachable) else 0
        if one.silent >= SILENT:
            raise SourceUnreachable(f"{refused}, and so for {SILENT} documents in a row") from refused
        return replace(blank, mark="", error=str(refused)), []
    one.silent = 0
    if raw is None:
        assert old is not None
        return replace(old, mark=ref.mark), None
    if "visibility" in raw.facts:
        one.readers[ref.name] = str(raw.facts["visibility"])
    blank = replace(blank, known=raw.known, raw_hash=_hash(raw))
    if old is not None and old.raw_hash == blank.raw_hash:
        same = replace(old, mark=ref.mark, known=raw.known)
        one.pending.append((same, []))
        return same, None
    return _parsed(reader, one, ref, raw, blank)


def _parsed(reader: Reader, one: _Open, ref: Ref, raw: Raw, blank: Read) -> tuple[Read, list[Version]]:
    try:
        found = reader.read(raw.content, raw.name)
    except PassedOver as passed:
        return replace(blank, passed_over=str(passed)), []
    except DocumentRefused as refused:
        return replace(blank, error=str(refused)), []
    versions: list[Version] = []
    refusals: list[str] = []
    for parsed in found:
        try:
            versions.append(_version(one.spec, ref, raw, parsed))
        except DocumentRefused as refused:
            refusals.append(f"{parsed.fragment}: {refused}" if parsed.fragment else str(refused))
    error = refusals[0] if refusals else ""
    if len(found) > 1 and refusals:
        error = f"{len(refusals)} of the {len(found)} documents in it were left out, the first because {error}"
    return replace(blank, error=error, version_ids=tuple(map(version_key, versions))), versions


def _version(spec: SourceSpec, ref: Ref, raw: Raw, parsed: Parsed) -> Version:
    document = describe(parsed, ref.name, spec, raw.facts)
    passages = chunk(document, parsed)
    if not passages:
        raise DocumentRefused("no passage could be made of its text")
    return Version(document, ref.name, parsed.text, passages)


def _take(one: _Open, gathered: Harvest, read: Read, ids: list[tuple[str, str]], before: dict[str, Held]) -> None:
    """Take the documents of a reading into the source's harvest; where it failed, keep their last good state."""
    error = read.error
    here = (one.spec.name, read.ref)
    for document, version in ids:
        taken = document in one.found or document in gathered.now
        if taken or gathered.owners.get(document, here) != here:
            error = error or f"its id {document} is taken by another document"
        else:
            one.found[document] = Held(version, *here)
    if read.passed_over:
        gathered.skipped.append(Failure(one.spec.name, read.ref, read.passed_over))
    if error:
        kept = {} if ids else {name: held for name, held in before.items() if name not in one.found}
        if read.ref in one.readers:  # its last good state may have had other readers than its source allows now
            allowed = one.readers[read.ref]
            kept = {name: held for name, held in kept.items() if one.visibilities.get(held.version_id) == allowed}
        one.found.update(kept)
        one.failures.add(read.ref)
        note = "; its last good state stays in service" if kept else ""
        gathered.failed.append(Failure(one.spec.name, read.ref, f"{error}{note}"))


def _missed(one: _Open, gathered: Harvest) -> None:
    """Keep what a patient source did not list this once, and let go of what it has not listed for long enough."""
    absent = {held.ref for held in one.mine.values()} - one.names
    for ref in sorted(absent):
        old = one.reads.get(ref, Read(ref, "", recipe=one.recipe))
        if one.lasting and ref not in one.gone:
            one.found.update(
                {name: held for name, held in one.mine.items() if held.ref == ref and name not in one.found}
            )
        elif ref not in one.gone and old.misses + 1 < one.source.patience:
            one.found.update(
                {name: held for name, held in one.mine.items() if held.ref == ref and name not in one.found}
            )
            gathered.misses.setdefault(one.spec.name, []).append(replace(old, misses=old.misses + 1))
        else:
            gathered.forgotten.setdefault(one.spec.name, []).append(ref)
    back = [replace(read, misses=0) for read in one.reads.values() if read.misses and read.ref in one.names]
    gathered.misses.setdefault(one.spec.name, []).extend(back)


def _store(library: Library, one: _Open) -> None:
    """Keep what was read so far; a refresh that is killed goes on from here."""
    library.versions.keep([version for _, versions in one.pending for version in versions])
    library.reads.keep(one.spec.name, [read for read, _ in one.pending])
    one.pending.clear()


def _hash(raw: Raw) -> str:
    said = json.dumps(dict(raw.facts), sort_keys=True, default=str)
    return hashlib.sha256(raw.content + b"\x1f" + said.encode()).hexdigest()[:32]
