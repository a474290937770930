"""From the versions of an edition to verified shelves: what stands is reused, what changed stands in a new one beside it."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge.errors import RefreshRefused, SegmentsDamaged
from knowledge.model import Edition
from knowledge.ports import Embedder, Matrix, Segments
from knowledge.report import Progress, Watcher
from knowledge.spans import span
from knowledge.store.entry import Entry
from knowledge.store.ledger import Ledger, Shelf
from knowledge.store.material import Material
from knowledge.store.plan import Stock, plan
from knowledge.store.shelves import Shelves
from knowledge.store.verify import SAMPLES, Claimed, claim

EMBED_BATCH = 512
"""Texts embedded and kept at once: what a killed refresh must embed again at most."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What builds shelves: `check` raises SegmentsDamaged unless segments are whole as a fresh process sees them."""

    ledger: Ledger
    material: Material
    segments: Segments
    shelves: Shelves
    embedder: Embedder
    check: Callable[[Sequence[Claimed]], None]


def shelve(
    shop: Workshop, live: Edition | None, before: frozenset[str], now: frozenset[str], watch: Watcher
) -> list[Shelf]:
    """Return whole and checked shelves for an edition of the versions `now`, where the live one has those `before`.

    Raises RefreshRefused when the shelves would not hold exactly the passages of these versions.
    """
    standing = shop.ledger.shelves(live.number) if live and live.embedder == shop.embedder.name else ()
    stock: dict[str, list[Stock]] = {}
    for shelf in standing:
        stock.setdefault(shelf.visibility, []).append(
            Stock(shelf.name, shop.material.members(shelf.name), frozenset(shelf.dead))
        )
    if not stock or any(not one.keys for shelves in stock.values() for one in shelves):
        stock, before = {}, frozenset()
    gone, fresh = shop.material.keys(sorted(before - now)), shop.material.keys(sorted(now - before))
    known = {shelf.name: shelf for shelf in standing}
    found: list[Shelf] = []
    for visibility in sorted(stock.keys() | fresh.keys()):
        new = frozenset(fresh.get(visibility, ()))
        planned = plan(stock.get(visibility, ()), frozenset(gone.get(visibility, ())) - new, new)
        found += [_aged(shop.material, known[one.name], one) for one in planned.kept]
        if planned.built:
            found.append(_build(shop, visibility, planned.built, watch))
    _count(shop.material, found, now)
    _check(shop, found, {shelf.name for shelf in standing}, watch)
    return found


def mend(shop: Workshop, live: Edition, watch: Watcher) -> None:
    """Build again those shelves of the live edition that this machine has lost or that are damaged."""
    standing = shop.ledger.shelves(live.number)
    _check(shop, standing, {shelf.name for shelf in standing}, watch)


def _aged(material: Material, shelf: Shelf, stock: Stock) -> Shelf:
    """Return a kept shelf with what has died in it by now."""
    if stock.dead == shelf.dead.keys():
        return shelf
    _, passages = material.holding(stock.dead)
    return replace(shelf, dead=passages)


def _build(shop: Workshop, visibility: str, keys: frozenset[str], watch: Watcher) -> Shelf:
    versions, _ = shop.material.holding(keys)
    entries = shop.material.entries(versions, keys)
    with span("embed", {"caveat.passages": len(entries), "gen_ai.operation.name": "embeddings"}):
        _embed(shop, entries, watch)
    name = _name(shop.embedder.name, visibility, keys)
    shop.material.keep_members(name, keys)
    with span("write shelf", {"caveat.passages": len(entries), "db.system.name": "chroma"}):
        matrix = _write(shop, name, entries, watch)
    return Shelf(name, visibility, len(entries), matrix.mean(axis=0))


def _write(shop: Workshop, name: str, entries: Sequence[Entry], watch: Watcher) -> Matrix:
    """Write a shelf, in place of a damaged one of the same name if there is one; return its vectors."""
    watch(Progress("write", 0, len(entries)))
    matrix = shop.material.vectors(shop.embedder.name, [entry.text_hash for entry in entries])
    shop.shelves.write(name, entries, matrix)
    shop.segments.drop(name)
    shop.segments.write(name, [entry.passage_id for entry in entries], matrix)
    watch(Progress("write", len(entries), len(entries)))
    return matrix


def _rebuild(shop: Workshop, name: str, watch: Watcher) -> None:
    keys = shop.material.members(name)
    versions, _ = shop.material.holding(keys)
    _write(shop, name, shop.material.entries(versions, keys), watch)


def _count(material: Material, shelves: Iterable[Shelf], now: frozenset[str]) -> None:
    """Hold the shelves against the versions: both must come to the same passages for every visibility."""
    held: dict[str, int] = {}
    for shelf in shelves:
        held[shelf.visibility] = held.get(shelf.visibility, 0) + shelf.passages - len(shelf.dead)
    if {name: count for name, count in held.items() if count} != material.count(sorted(now)):
        raise RefreshRefused("the new shelves do not hold exactly the passages of this edition; nothing was published")


def _check(shop: Workshop, shelves: Sequence[Shelf], reused: set[str], watch: Watcher) -> None:
    """Check shelves from a fresh process; a reused one that is not whole is built again, a new one is refused."""
    watch(Progress("verify", 0, len(shelves)))
    claims = [_claimed(shop, shelf) for shelf in shelves]
    try:
        with span("verify", {"caveat.shelves": len(claims)}):
            shop.check(claims)
    except SegmentsDamaged as damaged:
        if not damaged.names <= reused:
            raise
        for name in damaged.names:
            _rebuild(shop, name, watch)
        shop.check([one for one in claims if one.name in damaged.names])
    watch(Progress("verify", len(shelves), len(shelves)))


def _claimed(shop: Workshop, shelf: Shelf) -> Claimed:
    """Take the samples of a shelf's check without reading all its vectors."""
    keys = sorted(shop.material.members(shelf.name))
    rows = shop.material.rows(keys[:: max(1, len(keys) // SAMPLES)])
    matrix = shop.material.vectors(shop.embedder.name, [text_hash for _, text_hash in rows])
    return replace(claim(shelf.name, [passage for passage, _ in rows], matrix), count=shelf.passages)


def _embed(shop: Workshop, entries: Sequence[Entry], watch: Watcher) -> None:
    """Keep the vectors that are missing; an unchanged text is never embedded twice."""
    texts = {entry.text_hash: entry.embedded for entry in entries}
    missing = sorted(shop.material.missing_vectors(shop.embedder.name, texts))
    for start in range(0, len(missing), EMBED_BATCH):
        watch(Progress("embed", start, len(missing)))
        batch = missing[start : start + EMBED_BATCH]
        shop.material.keep_vectors(shop.embedder.name, batch, shop.embedder.embed([texts[key] for key in batch]))
    watch(Progress("embed", len(missing), len(missing)))


def _name(embedder: str, visibility: str, keys: Iterable[str]) -> str:
    total = hashlib.sha256(f"{embedder}\x1f{visibility}".encode())
    for key in sorted(keys):
        total.update(key.encode())
    return f"kb-{total.hexdigest()[:32]}"
