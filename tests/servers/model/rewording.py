"""How the local model says questions in other words: not at all, as somebody wrote down beforehand, or what it likes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Rewording(Protocol):
    """Anything that says a question in other words."""

    def reword(self, asked: Mapping[str, Any]) -> str:
        """Answer with the content for a question and the earlier ones of its thread."""


@dataclass(frozen=True, slots=True)
class Echo:
    """Repeats each question and knows no other words: what a model does that helps nobody."""

    def reword(self, asked: Mapping[str, Any]) -> str:
        """Repeat the question."""
        return reply(str(asked.get("question", "")), ())


Thread = tuple[str, ...]
"""The texts of a question and of those before it, the question last."""


@dataclass(frozen=True, slots=True)
class Rewords:
    """Says what was written down for a question, by its text or its whole thread; repeats those that it does not know."""

    known: Mapping[str | Thread, tuple[str, Sequence[str]]] = field(default_factory=dict)

    def reword(self, asked: Mapping[str, Any]) -> str:
        """Say what was written down."""
        earlier = [str(one.get("question", "")) for one in asked.get("earlier", ())]
        return reply(*self.said(str(asked.get("question", "")), earlier))

    def said(self, question: str, earlier: Sequence[str] = ()) -> tuple[str, Sequence[str]]:
        """Return the question and the words that were written down; its thread goes before its text alone."""
        return self.known.get((*earlier, question)) or self.known.get(question, (question, ()))


@dataclass(frozen=True, slots=True)
class Insists:
    """Says the same whatever it is asked: to search for something else, to bring in what nobody said."""

    text: str
    words: Sequence[str] = ()

    def reword(self, asked: Mapping[str, Any]) -> str:  # noqa: ARG002 - it does not listen
        """Say it."""
        return reply(self.text, self.words)


def reply(text: str, words: Sequence[str]) -> str:
    """Write down a reply as it was asked for."""
    return json.dumps({"question": text, "terms": list(words)}, ensure_ascii=False)
