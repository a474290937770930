"""Exact vector search over the ledger's own vectors: the fallback when the vector store cannot answer."""

from threading import Lock

import numpy as np

from knowledge.errors import VectorsUnavailable
from knowledge.model import Edition
from knowledge.ports import Matrix
from knowledge.store.ledger import Shelf
from knowledge.store.material import Material


class ExactVectors:
    """Holds the vectors of the shelves it was asked about in memory, float32, until another edition is asked for."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._edition = 0
        self._shelves: dict[str, tuple[list[str], Matrix]] = {}
        self._lock = Lock()

    def nearest(self, edition: Edition, shelf: Shelf, vector: Matrix, limit: int) -> list[tuple[str, float]]:
        """Return (passage id, cosine similarity), nearest first; raise VectorsUnavailable when the ledger lacks some."""
        ids, matrix = self._shelf(edition, shelf)
        if not ids:
            return []
        scores = matrix @ vector
        best = np.argsort(-scores, kind="stable")[:limit]
        return [(ids[index], float(scores[index])) for index in best]

    def _shelf(self, edition: Edition, shelf: Shelf) -> tuple[list[str], Matrix]:
        """Return the passages of a shelf that are not dead, with their vectors."""
        with self._lock:
            if edition.number != self._edition:
                self._edition, self._shelves = edition.number, {}
            if shelf.name not in self._shelves:
                rows = self._material.rows(self._material.members(shelf.name) - shelf.dead.keys())
                try:
                    matrix = self._material.vectors(edition.embedder, [key for _, key in rows])
                except KeyError as error:
                    raise VectorsUnavailable("the ledger lacks vectors of this edition") from error
                self._shelves[shelf.name] = ([passage for passage, _ in rows], matrix)
            return self._shelves[shelf.name]
