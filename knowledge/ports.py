"""What the knowledge base needs from the world: an embedder, a vector store, a source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float32]]


class Embedder(Protocol):
    """Turns texts into unit vectors; `name` changes whenever its vectors would."""

    @property
    def name(self) -> str:
        """What its vectors are kept under."""
        ...

    @property
    def dimensions(self) -> int:
        """How long its vectors are."""
        ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one L2-normalised float32 row per text; a text without a known word gives a zero row.

        Raises VectorsUnavailable where it asks a server or needs a download that cannot be had.
        """
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


@dataclass(frozen=True, slots=True)
class Ref:
    """A document as a listing names it: `name` stays the same from listing to listing.

    `mark` changes whenever the document may have changed (size and time of a file, a version, a date); an equal mark
    saves the fetch. Empty where the source does not tell.
    """

    name: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a source listed: `refs`, the cursor to ask with next time, and the names it says were withdrawn.

    `whole` when `refs` are all that it holds, so that what is missing is gone.
    """

    refs: tuple[Ref, ...]
    cursor: str = ""
    gone: frozenset[str] = frozenset()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the last fetch of a document, for a conditional request."""

    etag: str = ""
    modified: str = ""


UNKNOWN = Known()


@dataclass(frozen=True, slots=True)
class Raw:
    """A document as it was fetched: `name` with an ending that says its format, and the facts that its source knows.

    `facts` has the keys of `describe.Fields` and goes before what the text says of itself.
    """

    content: bytes
    name: str
    facts: Mapping[str, object] = field(default_factory=dict)
    known: Known = UNKNOWN


class Source(Protocol):
    """A place that documents come from; raises SourceUnreachable when it cannot be listed or asked any more.

    `patience` is how many listings in a row must miss a document before it counts as removed: 1 for a place that cannot
    lie about what it holds, such as a folder, 2 for one across a network.
    """

    patience: int

    def list(self, since: str) -> Listed:
        """Return its documents, or those that changed after the cursor `since`; the empty cursor asks for all."""
        ...

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw | None:
        """Return a document, or None when it is still as `known`; raise DocumentRefused when it cannot be had."""
        ...

    def ids(self) -> frozenset[str] | None:
        """Return the names of all documents it holds now; asked only after a listing that was not whole.

        None where nothing ever leaves: a feed shows its newest entries only, and what it reported was reported.
        """
        ...
