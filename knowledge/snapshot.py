"""One edition as one kind of reader sees it, open for searching: its shelves, documents and the words it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.cited import Names
from knowledge.model import Document, Edition
from knowledge.ports import Embedder, Matrix, Segments
from knowledge.store.exact import ExactVectors
from knowledge.store.ledger import Ledger, Shelf
from knowledge.store.lexical import idf
from knowledge.store.material import Material
from knowledge.store.shelves import Opened, Shelves


@dataclass(frozen=True, slots=True)
class Parts:
    """What every reading works with.

    `embedder` made the vectors of the passages. `words` ships with the package: how alike words and sentences are, and whether an
    answer was found, is told with it whatever the embedder. From `material` a shelf is built that this machine lacks.
    """

    ledger: Ledger
    material: Material
    shelves: Shelves
    segments: Segments
    exact: ExactVectors
    embedder: Embedder
    words: Embedder


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One edition as one kind of reader sees it; `numbers` are its documents by their number in the forward indexes."""

    edition: Edition
    shelves: tuple[tuple[Shelf, Opened], ...]
    documents: tuple[Document, ...]
    names: Names
    live: bool
    numbers: Mapping[int, Document]

    @property
    def length(self) -> float:
        """The mean length of a passage in terms."""
        size = sum(opened.lexical.size for _, opened in self.shelves)
        return sum(opened.forward.length for _, opened in self.shelves) / max(1, size)

    def rarity(self, field: str, words: Iterable[str]) -> dict[str, float]:
        """Return the inverse document frequency of each term in a field, over all shelves."""
        indexes = [opened.lexical for _, opened in self.shelves]
        size = sum(index.size for index in indexes)
        return {word: idf(size, sum(index.frequency(field, word) for index in indexes)) for word in words}

    def absent(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of these terms that nothing holds."""
        indexes = [opened.lexical for _, opened in self.shelves]
        fields = ("body", "header")
        return frozenset(
            word for word in words if not any(one.frequency(field, word) for one in indexes for field in fields)
        )

    def mean(self, vector: Matrix) -> float:
        """Return the mean cosine of all passages to a vector."""
        total = sum(shelf.passages for shelf, _ in self.shelves)
        return sum(float(shelf.centroid @ vector) * shelf.passages for shelf, _ in self.shelves) / max(1, total)
