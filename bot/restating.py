"""Asks a language model for a question in other words, so that more is found: nothing of its reply is an answer to anybody.

Everyday questions and rules rarely share words, and a follow-up leaves out what its thread says. What the model gives only
changes what is searched for, and what it may not bring in is taken out: see `trusted`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from bot.addresses import addressed
from bot.breaker import Breaker
from bot.errors import BudgetSpent, ModelFailed
from bot.ground import adds
from bot.paying import paid
from bot.ports import Earlier, Model, Purse, Restated
from knowledge.evidence import Evidence
from knowledge.parse.clean import hides
from knowledge.query import Query
from knowledge.reading import Reading
from knowledge.spans import span
from knowledge.vendors import vendors_in
from knowledge.words import terms

log = structlog.get_logger()

SECONDS, SHARE = 6.0, 0.3
"""The most seconds that this may take, and the most of a question's budget: the draft needs the rest."""
MOST_WORDS, LONGEST_WORDS, LONGEST = 8, 80, 400
"""How many words or phrases are searched for, and the letters of one, and of a question that is shown as understood."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A question to be restated: who asks it where, what was asked before it in its thread, and the seconds it has in all."""

    text: str
    before: Sequence[Earlier]
    user: str
    place: str
    seconds: float

    @property
    def said(self) -> str:
        """All that its asker said, and the sources that were named to them."""
        return " ".join([*(f"{one.text} {', '.join(one.cited)}" for one in self.before), self.text])


@dataclass(frozen=True, slots=True)
class Reworded:
    """What may be used of a restating: the question as it stands alone, empty where it is to be read as it is, and other words."""

    text: str = ""
    words: tuple[str, ...] = ()


AS_IT_IS = Reworded()


async def reworded(model: Model, breaker: Breaker | None, purse: Purse | None, wish: Wish) -> Reworded:
    """Return a question in other words, or nothing where the model cannot say or may not be asked."""
    if breaker and breaker.open:
        return AS_IT_IS
    seconds = min(SECONDS, SHARE * wish.seconds)
    with span("restate", {"caveat.before": len(wish.before)}) as traced:
        try:
            most = model.most_restating(wish.text, wish.before)
            said = await paid(
                purse, wish.user, wish.place, most, lambda: model.restate(wish.text, wish.before, seconds)
            )
        except BudgetSpent:
            return AS_IT_IS
        except ModelFailed as failed:
            log.info("restate.failed", why=failed.why)
            return AS_IT_IS
        found = trusted(said, wish)
        traced.note({"caveat.alone": bool(found.text), "caveat.words": len(found.words)})
    return found


def sought(reading: Reading, query: Query, other: Reworded) -> tuple[Query, Evidence]:
    """Search for a question as rules read it, and in what may be used of a model's words; return it as it is read with these."""
    query, evidence = reading.seek(query)
    query = reading.understand(other.text) if other.text else query
    return query, reading.widened(query, evidence, other.words) if other.words else evidence


def trusted(said: Restated, wish: Wish) -> Reworded:
    """Return what may be used of a model's words.

    A question that has nothing before it is read as it was asked. One that leans on its thread is read in the model's words
    where these hold no figure, name, vendor or address that the asker has not said or been shown. Words to search for
    name no other vendor.
    """
    text = re.sub(r"\s+", " ", said.text).strip()
    faithful = bool(wish.before) and 0 < len(text) <= LONGEST and not (hides(said.text) or addressed(text))
    known = _groups(wish.said)
    if not faithful or adds(text, wish.said) or not _groups(text) <= known:
        text = ""
    words = tuple(dict.fromkeys(_usable(said.words, known)))[:MOST_WORDS]
    # One that repeats a question and knows no other words has not read its thread: ours is the better reading.
    return Reworded(text if words or text != wish.text else "", words)


def _usable(words: Sequence[str], known: frozenset[str]) -> Iterator[str]:
    for one in words:
        phrase = re.sub(r"\s+", " ", one).strip()
        if 0 < len(phrase) <= LONGEST_WORDS and not (hides(one) or addressed(phrase)) and _groups(phrase) <= known:
            yield phrase


def _groups(text: str) -> frozenset[str]:
    return frozenset(vendor.group for vendor in vendors_in(text, terms(text)))
