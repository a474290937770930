"""What was measured of a passage against a question: the share it covers, its sentences, whether it names the vendor."""

from dataclasses import dataclass

from knowledge.evidence import Hit


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: the share of the question it covers, its likeness to it, whether it names the vendor.

    `meaning` is the share it covers by words of near meaning, `headed` the same together with its headings, `echo` how near
    it comes to all longer words of the question; each 0 to 1.
    """

    start: int
    end: int
    text: str
    cover: float
    likeness: float
    vendor: bool
    meaning: float = 0.0
    headed: float = 0.0
    echo: float = 0.0


@dataclass(frozen=True, slots=True)
class Bearing:
    """A passage that bears on the question: the share it covers, whether it is about the vendor, and its sentences."""

    hit: Hit
    cover: float
    vendor: bool
    concepts: frozenset[str]
    sentences: tuple[Sentence, ...]
