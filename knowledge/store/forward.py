"""The forward index of one shelf: the words of each passage in their order and its vector, to weigh what was found."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.ports import Embedder, Matrix
from knowledge.store.entry import Entry
from knowledge.words import terms

K1, B = 1.2, 0.75
"""BM25's parameters, those that tantivy uses."""
NEAR = (6, 12)
"""Widths of the windows, in terms, in which a question's words are counted as standing together."""
LEAD = 12
"""How many terms are a passage's beginning."""
_WORD = re.compile(r"\w+")
_APART = max(NEAR)

Numbers = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the forward index weighs passages by it.

    `terms` are the asker's own words and then those that mean the same, each with its weight and its inverse document
    frequency; `own` says how many of them come first. `likeness` is one unit vector for each of the own ones, `pairs`
    maps two terms that stand side by side to weight times rarity, `vector` is the question's own, `length` the mean
    length of all readable passages in terms. `parts` are the places in `terms` of the words of each of several questions in
    one.
    """

    terms: tuple[str, ...]
    weights: Numbers
    rarity: Numbers
    own: int
    likeness: Matrix
    pairs: Mapping[tuple[str, str], float]
    vector: Matrix
    length: float
    parts: tuple[tuple[int, ...], ...] = ()


class Forward:
    """Reads one forward index; its arrays stay on the disk and are paged in as they are used."""

    def __init__(self, folder: Path) -> None:
        def array(name: str) -> Any:
            return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))

        self._ids, self._terms, self._ends = array("ids"), array("terms"), array("ends")
        self._documents, self._places = array("documents"), array("places")
        self._vectors, self._steps, self._likeness = array("vectors"), array("steps"), array("likeness")
        words = (folder / "words.txt").read_text(encoding="utf-8").split("\n")
        self._numbers = {word: number for number, word in enumerate(words)}
        self.length: int = len(self._terms)

    def rows(self, ids: Sequence[str]) -> Rows:
        """Return the row of each passage id; every one must be on the shelf."""
        return np.searchsorted(self._ids, np.asarray(ids, self._ids.dtype))

    def holding(self, ids: Iterable[str]) -> set[str]:
        """Return those of these passages that are on the shelf."""
        asked = np.asarray(sorted(ids), self._ids.dtype)
        rows = np.minimum(np.searchsorted(self._ids, asked), len(self._ids) - 1)
        return {id_.decode() for id_ in asked[self._ids[rows] == asked].tolist()}

    def place(self, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return each passage's document, as a number that is the same on every shelf, and its place in the document."""
        return self._documents[rows].astype(np.int64), self._places[rows].astype(np.int64)

    def cosines(self, rows: Rows, vector: Matrix) -> Numbers:
        """Return the cosine of each row to a vector, up to the rounding of what is kept; zeros for one of another kind."""
        if vector.shape[0] != self._vectors.shape[1]:
            return np.zeros(len(rows), np.float32)
        return np.asarray((self._vectors[rows].astype(np.float32) @ vector) * self._steps[rows], np.float32)

    @np.errstate(
        invalid="ignore"
    )  # OpenBLAS now and then raises the flag over lanes that it pads; all that goes in is finite
    def signs(self, rows: Rows, asked: Asked) -> dict[str, Numbers]:
        """Return, for each row, how it meets the question: one array a sign, in the order of the rows."""
        text = self._text(rows)
        numbers = np.asarray([self._numbers.get(term, -2) for term in asked.terms], np.int32)
        met = text.terms[:, None] == numbers[None, :]
        counts = np.add.reduceat(met, text.starts, axis=0, dtype=np.float32)
        own = asked.weights[: asked.own] * asked.rarity[: asked.own]
        total = float(own.sum()) or 1.0
        found = (counts[:, : asked.own] > 0).astype(np.float32)
        lexical = self._bm25(counts, text.lengths, asked.length) @ (asked.weights * asked.rarity)
        alike = self._alike(text, numbers[: asked.own], asked.likeness)
        weighed: dict[str, Any] = {
            "body": lexical,
            "pairs": self._paired(text, asked),
            "cosine": self.cosines(rows, asked.vector),
            "share": lexical / (total * (K1 + 1)),
            "found": found @ own / total,
            "words": found.mean(axis=1, dtype=np.float32) if asked.own else np.zeros(len(rows), np.float32),
            **_close(met[:, : asked.own], own, text),
            "alike": alike @ own / total,
            "alike_missing": (alike * (1 - found)) @ own / np.maximum((1 - found) @ own, 1e-9),
            "part": _fullest(found, own, asked.parts),
            "part_alike": _fullest(alike, own, asked.parts),
            "length": np.log1p(text.lengths),
        }
        return {name: np.asarray(values, np.float32) for name, values in weighed.items()}

    def _text(self, rows: Rows) -> "_Text":
        """Return the terms of all these rows in one array, each row's followed by a gap that no window bridges."""
        ends = self._ends[rows + 1].astype(np.int64)
        begins = self._ends[rows].astype(np.int64)
        lengths = ends - begins
        starts = np.concatenate([[0], np.cumsum(lengths + _APART)[:-1]]).astype(np.int64)
        found = np.full(int(lengths.sum()) + _APART * len(rows), -1, np.int32)
        steps = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        found[np.repeat(starts, lengths) + steps] = self._terms[np.repeat(begins, lengths) + steps]
        return _Text(found, starts, lengths.astype(np.float32))

    @staticmethod
    def _bm25(counts: Numbers, lengths: Numbers, mean: float) -> Numbers:
        norm = K1 * (1 - B + B * lengths / max(mean, 1.0))
        return np.asarray(counts * (K1 + 1) / (counts + norm[:, None]), np.float32)

    def _paired(self, text: "_Text", asked: Asked) -> Numbers:
        """Return BM25 over the question's pairs of neighbouring words."""
        total = np.zeros(len(text.starts), np.float32)
        for (left, right), weight in asked.pairs.items():
            first, second = self._numbers.get(left), self._numbers.get(right)
            if first is None or second is None:
                continue
            side = np.zeros(len(text.terms), np.float32)
            side[:-1] = (text.terms[:-1] == first) & (text.terms[1:] == second)
            if side.any():
                counts = np.add.reduceat(side, text.starts)
                total += weight * self._bm25(counts[:, None], text.lengths, asked.length)[:, 0]
        return total

    def _alike(self, text: "_Text", numbers: NDArray[np.int32], likeness: Matrix) -> Numbers:
        """Return, for each row and word of the question, how alike the most alike word of the passage is (0 to 1)."""
        held = np.zeros(len(self._numbers) + 1, np.bool_)
        held[text.terms] = True  # the gaps, -1, fall on the place after the last word
        held[-1] = False
        words = np.flatnonzero(held)
        where = np.full(len(held), len(words))
        where[words] = np.arange(len(words))
        alike = np.zeros((len(words) + 1, len(numbers)), np.float32)
        alike[:-1] = np.clip(self._likeness[words].astype(np.float32) @ (likeness.T / np.float32(127)), 0, 1)
        alike[:-1][words[:, None] == numbers[None, :]] = 1
        return np.maximum.reduceat(alike[where[text.terms]], text.starts, axis=0)


@dataclass(frozen=True, slots=True)
class _Text:
    """The terms of several passages in one array: where each starts, and how many terms it has."""

    terms: NDArray[np.int32]
    starts: NDArray[np.int64]
    lengths: Numbers


def _fullest(found: NDArray[Any], own: Numbers, parts: Sequence[Sequence[int]]) -> Any:
    """Return the weight of what is found of the part of the question that is found best; of all where it has no parts."""
    places = [list(part) for part in parts] or [list(range(len(own)))]
    shares = [found[:, at] @ own[at] / max(float(own[at].sum()), 1e-9) for at in places]
    return np.max(shares, axis=0)


def _close(met: NDArray[np.bool_], own: Numbers, text: _Text) -> dict[str, Any]:
    """Return the weight of the question's words in the fullest window of each passage, and in its beginning."""
    total = float(own.sum()) or 1.0
    sums = np.vstack([np.zeros((1, met.shape[1]), np.int32), np.cumsum(met, axis=0, dtype=np.int32)])
    found: dict[str, Any] = {}
    for width in NEAR:
        # No window that begins in the last gap holds a word.
        inside = np.zeros(len(met), np.float32)
        inside[: len(met) - width + 1] = (sums[width:] > sums[:-width]).astype(np.float32) @ own
        found[f"within_{width}"] = np.maximum.reduceat(inside, text.starts) / total
    begin = sums[np.minimum(text.starts + LEAD, len(met))] > sums[text.starts]
    found["lead"] = begin.astype(np.float32) @ own / total
    return found


def write_forward(folder: Path, entries: Sequence[Entry], matrix: Matrix, words: Embedder) -> None:
    """Write the forward index of entries, sorted by passage id, with their vectors; `words` embeds single words."""
    folder.mkdir(parents=True)
    said: Counter[str] = Counter()
    numbers: dict[str, int] = {}
    cut: list[NDArray[np.int32]] = []
    for entry in entries:
        said.update(_WORD.findall(entry.body.lower()))
        cut.append(np.asarray([numbers.setdefault(term, len(numbers)) for term in terms(entry.body)], np.int32))
    steps = np.abs(matrix).max(axis=1, initial=0.0) / 127
    arrays = {
        "ids": np.asarray([entry.passage_id.encode() for entry in entries]),
        "terms": np.concatenate(cut) if cut else np.zeros(0, np.int32),
        "ends": np.concatenate([[0], np.cumsum([len(one) for one in cut])]).astype(np.int64),
        "documents": np.asarray([document_number(entry.document_id) for entry in entries], np.int64),
        "places": np.asarray(list(_places(entries)), np.int32),
        "vectors": np.rint(matrix / np.where(steps > 0, steps, 1)[:, None]).astype(np.int8),
        "steps": steps.astype(np.float32),
        "likeness": np.rint(words.embed(_surface(numbers, said)) * 127).astype(np.int8),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / "words.txt").write_text("\n".join(numbers), encoding="utf-8")


def document_number(document_id: str) -> int:
    """Return a document's number in every forward index: 63 bits of the hash of its id."""
    return int.from_bytes(hashlib.sha256(document_id.encode()).digest()[:8]) >> 1


def _places(entries: Sequence[Entry]) -> Iterator[int]:
    """Yield each entry's place among those of its document."""
    order = sorted(range(len(entries)), key=lambda row: (entries[row].document_id, entries[row].start))
    places = [0] * len(entries)
    for before, row in zip([-1, *order], order, strict=False):
        same = before >= 0 and entries[before].document_id == entries[row].document_id
        places[row] = places[before] + 1 if same else 0
    yield from places


def _surface(numbers: Mapping[str, int], said: Mapping[str, int]) -> list[str]:
    """Return the commonest word behind each stem, which is what the embedder knows."""
    best: dict[str, tuple[int, str]] = {}
    for word, count in said.items():
        for term in terms(word):
            best[term] = max(best.get(term, (0, "")), (count, word))
    return [best[term][1] if term in best else term for term in numbers]
