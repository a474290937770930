"""Exact vector search over the ledger's own vectors: the fallback when the vector store cannot answer."""

from threading import Lock

import numpy as np

from knowledge.errors import VectorsUnavailable
from knowledge.ports import Matrix
from knowledge.store.ledger import Ledger


class ExactVectors:
    """Holds the vectors of the shelves it was asked about in memory, float32, until another edition is asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._edition = 0
        self._shelves: dict[str, tuple[list[str], Matrix]] = {}
        self._lock = Lock()

    def nearest(
        self, edition: int, embedder: str, visibility: str, vector: Matrix, limit: int
    ) -> list[tuple[str, float]]:
        """Return (passage id, cosine similarity), nearest first; raise VectorsUnavailable when the ledger lacks some."""
        ids, matrix = self._shelf(edition, embedder, visibility)
        if not ids:
            return []
        scores = matrix @ vector
        best = np.argsort(-scores, kind="stable")[:limit]
        return [(ids[index], float(scores[index])) for index in best]

    def _shelf(self, edition: int, embedder: str, visibility: str) -> tuple[list[str], Matrix]:
        with self._lock:
            if edition != self._edition:
                self._edition, self._shelves = edition, {}
            if visibility not in self._shelves:
                rows = self._ledger.shelved(edition, visibility)
                try:
                    matrix = self._ledger.vectors(embedder, [key for _, key in rows])
                except KeyError as error:
                    raise VectorsUnavailable("the ledger lacks vectors of this edition") from error
                self._shelves[visibility] = ([passage for passage, _ in rows], matrix)
            return self._shelves[visibility]
