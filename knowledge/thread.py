"""Follow-ups: what a question leaves out, taken from the questions before it in its thread, by rules."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from knowledge import yamls
from knowledge.aim import fragment
from knowledge.cited import Names
from knowledge.concepts import Concept
from knowledge.evidence import Turn
from knowledge.query import Lean, Query, understand
from knowledge.vendors import family
from knowledge.words import Phrases, terms

LEANS = 0.6
"""What an earlier question's word counts in one that cannot stand alone ("and for health data?")."""
TALK = 0.3
"""What a follow-up's own word counts that only keeps the talk going ("say", "though", "get")."""
SHORT = 4
"""Words with a subject of their own up to which a question without a name in it may lean on its thread."""
FEW = 2
"""Things up to which a question that is no sentence leans on its thread though it names one ("SBOM?", "on the 1260H list?")."""
SHARED = 3.0
"""By how many words what is taken from the thread may outweigh a question's own."""
ASIDE = 0.5
"""What a leaning question's own words count among what the next one is about, beside the subject they all share."""
FULL = 5
"""Things from which a follow-up says as much as it can."""
HALF, NEAR, FAR = 0.5, 0.4, 0.28
"""Likenesses to what was found below which a question has nothing to do with its thread: where no source holds most of what it
asks about or a name in it, where none holds some of it, and where all words are known."""
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
_ADDS = re.compile(
    r"^\W*(?:on|for|with|via|to|as|without|under|in|at|from)\s+(?!which|what|whom|when|how|where)", re.IGNORECASE
)
_TRADE = re.compile(r"\bIT\b")
"""No pronoun: "IT security"."""
_SUBORDINATE = re.compile(r"\b(?:say|says|said|think|mean|means|so|after|before|shows?|claims?) that\b", re.IGNORECASE)
_OURS = re.compile(r"\b(?:our|ours|we|us|I|my|boss|company|in-house|here|internal(?:ly)?)\b", re.IGNORECASE)
"""Speaks of the asker's own company, whose rules may then be meant."""
_WHOLE = re.compile(
    r"^\W*(?:who|whom|whose|what|when|where|which|why|how|can|could|may|might|must|should|shall|will|would|do|does|did|is|are|was"
    r"|were|has|have|had|tell|write|give|recommend|show|explain|make|find|translate|suggest)\b",
    re.IGNORECASE,
)
"""Begins as a question or request that may well be whole."""
_LEVELS = Phrases(((level,), level) for level in ("low", "moder", "high", "critic", "unknown"))
_LAWS = ("EU", "GB", "US")
"""Places whose laws ours are compared with."""


def follow(text: str, before: Sequence[Turn], known: Names) -> Query:
    """Read a question in its thread; `before` are the earlier ones of the same asker, oldest first.

    A question that stands alone is read as it is, whatever was asked before. Where one leans on its thread, the words of
    the earlier questions count less than its own, and what it puts in another's place (a vendor, an instrument, a place,
    an amount, a level) is dropped from them. What the last answer cited counts as named where the question names nothing
    itself and stays with the same law. `lean` keeps such a question as it is without its thread, and what it leans on.
    """
    query = understand(text, known)
    earlier = [turn for turn in before if turn.text.strip()][-TURNS:]
    if not earlier or not leaning(text, query, known):
        return query
    last = follow(earlier[-1].text, earlier[:-1], known)
    carried = _carried(query, last, earlier[-1].documents, known)
    return replace(carried, lean=_lean(query, last, [turn.documents for turn in earlier]))


def leaning(text: str, query: Query, known: Names) -> bool:
    """Tell whether a question leaves out what the questions before it may say."""
    own = spoken(query)
    named = bool(query.vendors) or any(map(known.proper, query.names))
    return shown(text, query, named=named) or (not named and len(own) <= SHORT)


def shown(text: str, query: Query, *, named: bool) -> bool:
    """Tell whether a question shows that it leans: by how it opens, what it points to, or being no sentence."""
    own = spoken(query)
    if _OPENS.search(text) and len(own) <= 2 * SHORT:
        return True
    if _POINTS.search(_SUBORDINATE.sub(" ", _TRADE.sub(" ", text))) and len(own) + 2 * named <= SHORT + 1:
        return True
    return bool((fragment(text) or _ADDS.search(text)) and len(own) + bool(query.vendors) <= FEW)


def nearest_apart(lean: Lean, missing: Sequence[Concept]) -> float:
    """Return below which likeness to all that was found a follow-up has nothing to do with its thread; 0 where it always has.

    `missing` are the things it asks about that no source holds.
    """
    asked = len(lean.asked)
    if lean.shown:
        return FAR if asked == len(missing) > 1 else 0.0
    if not _WHOLE.search(lean.alone.text):
        return 0.0
    names = any(one.words[:1].isupper() and lean.alone.text.find(one.words) > 0 for one in missing)
    if missing and (names or 2 * len(missing) >= asked):
        return HALF
    return NEAR if missing else FAR * (asked > 1)


def spoken(query: Query) -> list[Concept]:
    """Return what a question itself asks about, without words that carry no subject or only keep the talk going."""
    return [concept for concept in query.concepts if not (concept.generic or _talk().issuperset(concept.name.split()))]


def places_in(text: str) -> bool:
    """Tell whether a text names a country or region."""
    return bool(_places().within(terms(text)))


def _carried(query: Query, earlier: Query, cited: tuple[str, ...], known: Names) -> Query:
    """Return a question with what it leaves out; `cited` are the documents of the last answer."""
    gone, elsewhere = _replaced(query, earlier, known), _elsewhere(query, earlier)
    subject = {term: weight for term, weight in earlier.subject.items() if term not in gone}
    query = _quiet(query)
    own = (*query.own, *(term for term in subject if term not in query.own))
    bound = (sum(query.weights[term] for term in query.own) + SHARED) / max(1e-9, sum(subject.values()))
    share = LEANS * min(1.0, bound)
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
        near=() if query.named or query.vendors or elsewhere else cited,
        text=f"{about} {query.text}".strip(),
        own=own,
        weights={term: weights[term] for term in (*own, *(other for other in weights if other not in own))},
        pairs={**_paired(earlier, subject, share), **query.pairs},
        concepts=tuple(concepts.values()),
        vendors=query.vendors or earlier.vendors,
        named=query.named or (() if elsewhere else earlier.named),
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


def _lean(query: Query, before: Query, cited: Sequence[tuple[str, ...]]) -> Lean:
    """Return what a question leans on; `cited` are the documents of each answer before it, the last one's at the end."""
    return Lean(
        alone=_quiet(query),
        before=before,
        cited=frozenset(cited[-1]),
        cited_before=frozenset(cited[-2] if len(cited) > 1 else ()),
        laws=frozenset(code for _, code in _places().within(query.own)),
        said=min(FULL, len(spoken(query))) / FULL,
        ours=_OURS.search(query.text) is not None,
        shown=shown(query.text, query, named=False),
        asked=tuple(spoken(query)),
    )


def _quiet(query: Query) -> Query:
    """Return a question in which the words that only keep the talk going count little."""
    loud = {term: TALK if term in _talk() else 1.0 for term in query.own}
    return replace(
        query,
        weights={term: weight * loud.get(term, 1.0) for term, weight in query.weights.items()},
        pairs={pair: weight * min(loud[term] for term in pair.split("_", 1)) for pair, weight in query.pairs.items()},
    )


def _elsewhere(query: Query, earlier: Query) -> bool:
    """Tell whether a question asks the same of another law ("and in the UK?") or of the company itself ("our policy?")."""
    laws = {way for way, code in _places().within(query.own) if code in _LAWS}
    return bool(laws - _ways(_places(), earlier.own)) or (query.house and not earlier.house)


def _paired(earlier: Query, subject: Mapping[str, float], share: float) -> dict[str, float]:
    return {
        pair: weight * share
        for pair, weight in earlier.pairs.items()
        if all(term in subject for term in pair.split("_", 1))
    }


def _kept(query: Query) -> frozenset[str]:
    """Return the terms of a question that those after it are about as well: what it names, its places, amounts and levels."""
    names = [*query.names, *(tuple(terms(name)) for vendor in query.vendors for name in family(vendor))]
    kinds = _ways(_places(), query.own) | _ways(_LEVELS, query.own)
    named = {term for way in (*names, *kinds) for term in way if term in query.own}
    return frozenset(named | {term for term in query.own if _counts(term)})


def _replaced(query: Query, earlier: Query, known: Names) -> frozenset[str]:
    """Return the terms of the earlier question in whose place this one puts others of the same kind."""
    gone: set[str] = set()
    if query.vendors and {one.group for one in query.vendors} != {one.group for one in earlier.vendors}:
        gone |= {term for vendor in earlier.vendors for name in family(vendor) for term in terms(name)}
    if any(map(known.proper, query.names)) and not set(query.named) & set(earlier.named):
        gone |= {term for name in earlier.names for term in name}
    for kind in (_places(), _LEVELS):
        ours, theirs = _ways(kind, query.own), _ways(kind, earlier.own)
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
def _talk() -> frozenset[str]:
    """Return the terms of words that only keep a talk going."""
    rows = yamls.read((_DATA / "chatter.yaml").read_text(encoding="utf-8"))
    return frozenset(term for words in rows for word in words for term in terms(str(word)))


@cache
def _places() -> Phrases[str]:
    """Return places by every name that a text may give them, with their ISO code."""
    rows = yamls.read((_DATA / "places.yaml").read_text(encoding="utf-8"))
    return Phrases((tuple(terms(str(name))), code) for code, names in rows.items() for name in names)


def _ways(kind: Phrases[str], words: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the phrases of a kind that stand in the words; one takes another's place."""
    return {way for way, _ in kind.within(words)}
