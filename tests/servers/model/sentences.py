"""Sentences of the passages, verbatim, and which of them speak about the question."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.model.obey import commands
from tests.servers.model.request import Passage, Task

SHORTEST_CHARACTERS = 25
SHORTEST_WORDS = 5
_BREAK = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9])|\s*\n\s*\n\s*")
_ABBREVIATED = re.compile(r"\b(?:Arts?|Nos?|Sec|Mr|Mrs|Ms|Dr|St|Inc|Ltd|Co|Corp|e\.g|i\.e|cf|vs|[A-Z])\.$")
_STOP = re.compile(
    r"about|after|all|also|and|any|are|been|before|being|but|can|could|did|does|for|from|had|has|have|her|his|how|into|its"
    r"|may|must|not|our|shall|should|some|such|than|that|the|their|them|then|there|these|they|this|those|was|were|what"
    r"|when|where|which|while|who|whose|why|will|with|would|you|your"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it stands in its passage, and how many words of the question it holds."""

    passage: Passage
    text: str
    score: int = 0


def split(text: str) -> list[str]:
    """Cut a text into sentences without changing a character of them."""
    found, start = [], 0
    for gap in _BREAK.finditer(text):
        end = gap.start() + len(gap[0]) - len(gap[0].lstrip("\"”’')]"))
        if "\n" not in gap[0].strip(" ") and _ABBREVIATED.search(text[start : gap.start()]):
            continue
        found.append(text[start:end])
        start = gap.end()
    return [one.strip() for one in (*found, text[start:]) if one.strip()]


def words(text: str) -> set[str]:
    """Return the content words of a text, cut to a stem that endings do not change."""
    return {word[:6].rstrip("s") for word in re.findall(r"[a-z0-9]{3,}", text.lower()) if not _STOP.fullmatch(word)}


def ranked(task: Task) -> list[Sentence]:
    """Return every sentence worth quoting, not those that give orders to the model; the nearest to the question first, else in the order they were read."""
    asked = words(task.question)
    scored = [
        Sentence(passage, text, len(asked & words(text)))
        for passage in task.passages
        for text in split(passage.text)
        if len(text) >= SHORTEST_CHARACTERS and len(text.split()) >= SHORTEST_WORDS and not commands(text, passage)
    ]
    return sorted(scored, key=lambda one: -one.score)


def best(task: Task) -> Iterator[Sentence]:
    """Yield the nearest sentence of each passage that has one, in the order of the passages."""
    nearest = ranked(task)
    for passage in task.passages:
        mine = next((one for one in nearest if one.passage is passage), None)
        if mine and mine.score:
            yield mine
