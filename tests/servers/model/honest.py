"""The competent model: it says what the passages say, and quotes it verbatim."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Protocol

from tests.servers.model.request import Task
from tests.servers.model.sentences import Sentence, best

_CLAUSE = re.compile(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+(?=[A-Z])")
_OPENING = re.compile(r"^(?:However|Moreover|Furthermore|In addition|Therefore|In particular), ")
# A parenthesis of one word, with a figure or with a condition carries meaning, so it stays.
_PARENTHESIS = re.compile(
    r"\s\((?![^()]*(?:\d|\b(?:not?|never|except|unless|only|if|subject|provided)\b))[^()\s]+\s[^()]+\)"
)


class Writer(Protocol):
    """Anything that writes the content of an answer."""

    def write(self, task: Task) -> str:
        """Answer a task."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of an answer."""

    text: str
    passage_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Honest:
    """Writes the nearest sentence of each of the first few passages, lightly shortened unless told otherwise."""

    limit: int = 3
    shorten: bool = True

    def write(self, task: Task) -> str:
        """Answer a task; without a sentence that touches the question there are no claims."""
        return dumps([faithful(one, shorten=self.shorten) for one in islice(best(task), self.limit)])


@dataclass(frozen=True, slots=True)
class Says:
    """Writes the same content to whatever it is asked."""

    content: str

    def write(self, task: Task) -> str:  # noqa: ARG002 - it does not listen
        """Answer with the content."""
        return self.content


def faithful(sentence: Sentence, *, shorten: bool = True) -> Claim:
    """Claim what a sentence says."""
    text = re.sub(r"\s+", " ", sentence.text)
    return Claim(shortened(text) if shorten else text, sentence.passage.id, sentence.text)


def shortened(text: str) -> str:
    """Leave out what a sentence does not need: its clause number, its connective, a parenthesis without conditions."""
    text = _OPENING.sub("", _CLAUSE.sub("", text))
    text = _PARENTHESIS.sub("", text)
    return text[:1].upper() + text[1:]


def dumps(claims: Iterable[Claim], **fields: Any) -> str:
    """Write claims down as the JSON object that the model was asked for."""
    return json.dumps({"claims": [asdict(claim) for claim in claims]} | fields, ensure_ascii=False)
