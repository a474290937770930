"""Follow-ups: what a question leaves out, taken from the questions before it in its thread, by rules."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from knowledge.model import Turn
from knowledge.query import Names, Query, family, holds, understand
from knowledge.words import terms

LEANS = 0.6
"""What an earlier question's word counts in one that cannot stand alone ("and for health data?")."""
SHORT = 4
"""Words with a subject of their own up to which a question without a name in it may lean on its thread."""
SHARED = 1.0
"""By how many words what is taken from the thread may outweigh a question's own."""
ASIDE = 0.5
"""What a leaning question's own words count among what the next one is about, beside the subject they all share."""
TURNS = 3
"""How many earlier questions are read."""

_DATA = Path(__file__).parent / "data"
_OPENS = re.compile(
    r"^\W*(?:and|or|but|so|also|then|ok(?:ay)?|no|yes|hm+|what about|how about|what if|same|why|why not|any|only|even|still"
    r"|until when|since when|from when|by when|in which|under which|instead|otherwise|which ones?)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|such|there|he|she|him|her|one|ones|same|either|both|else|too|also"
    r"|as well|anyway|instead|the (?:first|second|last|other|latter|former) one|meant|at all|after that|during the)\b",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(r"\b(?:say|says|said|think|mean|means|so|after|before|shows?|claims?) that\b", re.IGNORECASE)
_LEVELS = (("low",), ("moder",), ("high",), ("critic",), ("unknown",))


def follow(text: str, before: Sequence[Turn], known: Names) -> Query:
    """Read a question in its thread; `before` are the earlier ones of the same asker, oldest first.

    A question that stands alone is read as it is, whatever was asked before. Where one leans on its thread, the words of
    the earlier questions count less than its own, and what it puts in another's place (a vendor, an instrument, a place,
    an amount, a level) is dropped from them. What the last answer cited counts as named where the question names nothing itself.
    """
    query = understand(text, known)
    earlier = [turn for turn in before if turn.text.strip()][-TURNS:]
    share = leaning(text, query) if earlier else 0.0
    if not share:
        return query
    carried = _carried(query, follow(earlier[-1].text, earlier[:-1], known), share)
    return carried if query.named or query.vendors else replace(carried, near=earlier[-1].documents)


def leaning(text: str, query: Query) -> float:
    """Return what the words of earlier questions count in this one, 0 where it stands alone."""
    own = [concept for concept in query.concepts if not concept.generic]
    named = bool(query.vendors or query.named)
    opens, points = _OPENS.search(text), _POINTS.search(_SUBORDINATE.sub(" ", text))
    if opens and len(own) <= 2 * SHORT:
        return LEANS
    if points and len(own) + 2 * named <= SHORT + 1:
        return LEANS
    if not own and not named:
        return LEANS
    return LEANS if len(own) <= SHORT and not named else 0.0


def places_in(text: str) -> bool:
    """Tell whether a text names a country or region."""
    words = terms(text)
    return any(holds(words, way) for way in _kinds()[0])


def _carried(query: Query, earlier: Query, share: float) -> Query:
    """Return a question with what it leaves out."""
    gone = _replaced(query, earlier)
    subject = {term: weight for term, weight in earlier.subject.items() if term not in gone}
    own = (*query.own, *(term for term in subject if term not in query.own))
    share *= min(1.0, (sum(query.weights[term] for term in query.own) + SHARED) / max(1e-9, sum(subject.values())))
    weights = {
        **query.weights,
        **{term: weight * share for term, weight in subject.items() if term not in query.weights},
    }
    about = _without(earlier.about, gone)
    kept = [concept for concept in earlier.concepts if gone.isdisjoint(concept.name.split())]
    concepts = {concept.name: concept for concept in (*query.concepts, *kept)}
    elliptic = bool(gone) and len(query.own) <= SHORT
    said = _kept(query)
    return replace(
        query,
        text=f"{about} {query.text}".strip(),
        own=own,
        weights={term: weights[term] for term in (*own, *(other for other in weights if other not in own))},
        pairs={**_paired(earlier, subject, share), **query.pairs},
        concepts=tuple(concepts.values()),
        vendors=query.vendors or earlier.vendors,
        named=query.named or earlier.named,
        names=query.names or earlier.names,
        pins=query.pins or (() if query.named else earlier.pins),
        topics=tuple(dict.fromkeys((*query.topics, *earlier.topics))),
        aim=earlier.aim if elliptic else query.aim,
        wants=query.wants or (earlier.wants if elliptic else ""),
        house=query.house or (elliptic and earlier.house),
        yes_no=query.yes_no or (elliptic and earlier.yes_no),
        subject={
            **{term: weight * ASIDE for term, weight in query.weights.items()},
            **subject,
            **dict.fromkeys(said, 1.0),
        },
        about=" ".join([about, *(word for word in re.findall(r"\w+", query.text) if set(terms(word)) & said)]).strip(),
    )


def _paired(earlier: Query, subject: Mapping[str, float], share: float) -> dict[str, float]:
    return {
        pair: weight * share
        for pair, weight in earlier.pairs.items()
        if all(term in subject for term in pair.split("_", 1))
    }


def _kept(query: Query) -> frozenset[str]:
    """Return the terms of a question that those after it are about as well: what it names, its places, amounts and levels."""
    names = [*query.names, *(tuple(terms(name)) for vendor in query.vendors for name in family(vendor))]
    kinds = [way for ways in _kinds() for way in ways if holds(query.own, way)]
    named = {term for way in (*names, *kinds) for term in way if term in query.own}
    return frozenset(named | {term for term in query.own if _counts(term)})


def _replaced(query: Query, earlier: Query) -> frozenset[str]:
    """Return the terms of the earlier question in whose place this one puts others of the same kind."""
    gone: set[str] = set()
    if query.vendors and {one.group for one in query.vendors} != {one.group for one in earlier.vendors}:
        gone |= {term for vendor in earlier.vendors for name in family(vendor) for term in terms(name)}
    if query.named and not set(query.named) & set(earlier.named):
        gone |= {term for name in earlier.names for term in name}
    for ways in _kinds():
        ours = {way for way in ways if holds(query.own, way)}
        theirs = {way for way in ways if holds(earlier.own, way)}
        if ours and theirs - ours:
            gone |= {term for way in theirs - ours for term in way}
    if any(map(_counts, query.own)):
        gone |= {term for term in earlier.own if _counts(term)}
    return frozenset(gone - set(query.own))


def _counts(term: str) -> bool:
    return any(map(str.isdigit, term))


def _without(text: str, gone: frozenset[str]) -> str:
    """Return a text without the words of these terms."""
    return re.sub(r"\w+", lambda word: "" if set(terms(word[0])) & gone else word[0], text).strip()


@cache
def _kinds() -> tuple[frozenset[tuple[str, ...]], ...]:
    """Return the sets of phrases of which one takes another's place: places, risk levels."""
    rows = yaml.safe_load((_DATA / "places.yaml").read_text(encoding="utf-8"))
    places = frozenset(tuple(terms(str(name))) for names in rows.values() for name in names)
    return places - {()}, frozenset(_LEVELS)
