"""The facts of a search: what a thread said before, the passages that were found, and how."""

from dataclasses import dataclass, field

from knowledge.model import Document, Passage, Role, role_of


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that somebody attached to a question: how its platform knows it, and what it is called there."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a thread, the ids of the documents that its answer cited, and the files that came with it."""

    text: str
    documents: tuple[str, ...] = ()
    files: tuple[FileRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with its fused score (0 to about 1, comparable within one search) and its parts.

    `dense` is scaled within the search, `cosine` is the plain similarity to the question, 0 where it was not measured.
    `asked` is how near the question is to one that the passage is known to answer, 0 where it has none.
    """

    passage: Passage
    document: Document
    score: float
    lexical: float = 0.0
    pairs: float = 0.0
    dense: float = 0.0
    cosine: float = 0.0
    asked: float = 0.0

    @property
    def role(self) -> Role:
        """What this passage can prove."""
        return role_of(self.document, self.passage)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one search found, best first, and how it was found.

    `degraded` names parts that could not be used (`vectors`); `timings_ms` is by step.
    """

    edition: int
    hits: tuple[Hit, ...]
    degraded: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
