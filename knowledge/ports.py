"""What the knowledge base needs from the world: an embedder, a vector store, a source."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float32]]


class Embedder(Protocol):
    """Turns texts into unit vectors; `name` changes whenever its vectors would."""

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one L2-normalised float32 row per text; a text without a known word gives a zero row."""
        ...


class Segments(Protocol):
    """Stores immutable sets of vectors; every failure is VectorsUnavailable."""

    def write(self, name: str, ids: Sequence[str], matrix: Matrix) -> None:
        """Create a segment with all its vectors."""
        ...

    def nearest(self, name: str, vector: Matrix, limit: int) -> list[tuple[str, float]]:
        """Return (passage id, cosine similarity), nearest first."""
        ...

    def names(self) -> set[str]:
        """Return the names of all segments, finished or not."""
        ...

    def drop(self, name: str) -> None:
        """Delete a segment; one that is not there is no error."""
        ...


class Source(Protocol):
    """A place that documents come from; raises SourceUnreachable when it cannot be listed."""

    def list(self) -> Iterator[str]:
        """Yield the refs of all its documents."""
        ...

    def fetch(self, ref: str) -> bytes:
        """Return a document's bytes; raise DocumentRefused when they cannot be had."""
        ...
