"""Understands a question by rules: its terms and their synonyms, the vendors, instruments and topics it names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from knowledge.model import Document
from knowledge.words import terms

_DATA = Path(__file__).parent / "data"
SYNONYM_WEIGHT = 0.4
"""What a synonym's term counts beside the asker's own word."""
FAMILY_WEIGHT = 0.6
"""What the name of a vendor's group counts beside the name that was asked about."""
_COUNTRIES = {"CN": "China", "RU": "Russia", "IR": "Iran", "KP": "North Korea", "BY": "Belarus", "US": "United States"}

_NORMATIVE = re.compile(
    r"\b(can|could|may|might|must|should|shall|need(s|ed)?|allowed|permitted|required?|requires?|obliged|have to|has to"
    r"|ok(ay)? to|comply|compliant|rules?|duty|duties|obligations?|deadlines?|policy|policies|who (approves?|signs?|decides?)"
    r"|how (fast|soon|long|quickly|many hours)|what (happens|applies|does .* (say|require|mean)))\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\b(?:art(?:icle|\.)?|§+|section|sec\.?|annex|clause)\s*([\dIVX]+[a-z]?(?:\.\d+)*)((?:\([0-9a-zA-Z]+\))*)", re.I
)
_GENERIC = frozenset(
    terms(
        "know explain mean means say says apply applies happen example please question answer thing way make get give take"
        " company firm business organisation organization risk risks issue issues problem law laws regulation regulations rule"
        " rules article section policy policies new information about inform matter matters consider require requires required"
        " requirement requirements need needs allow allowed must may shall use using work help want like currently today"
        " relevant different special main important exactly actually really still yet ever rank"
    )
)
"""Terms that carry no subject: a passage does not bear on a question because it holds one of these."""


class Aim(StrEnum):
    """What kind of answer a question wants."""

    NORM = "norm"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor that a question can name: its group's other names lead to what is known about the group."""

    name: str
    aliases: tuple[str, ...]
    group: str
    country: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a question asks about: the asker's words, and all term sequences that mean the same."""

    name: str
    words: str
    ways: frozenset[tuple[str, ...]]
    generic: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the search understands it.

    `weights` maps terms to their weight; `concepts` are what an answer has to cover, vendors apart; `named` are ids of
    documents that the question names; `pins` are article or section numbers, `("28", "(2)")`.
    """

    text: str
    weights: dict[str, float]
    pairs: dict[str, float]
    concepts: tuple[Concept, ...]
    vendors: tuple[Vendor, ...]
    named: tuple[str, ...]
    pins: tuple[tuple[str, str], ...]
    topics: tuple[str, ...]
    aim: Aim


def understand(text: str, documents: Sequence[Document]) -> Query:
    """Read a question against the documents that the asker may see; never fails, an empty text gives an empty query."""
    words = terms(text)
    vendors = _vendors(text, words)
    vendor_words = {word for vendor in vendors for name in _names(vendor) for word in terms(name)}
    concepts = _concepts(text, words, vendor_words)
    weights = dict.fromkeys(words, 1.0)
    for concept in concepts:
        for way in concept.ways:
            for word in way:
                weights.setdefault(word, SYNONYM_WEIGHT / len(way))
    for vendor in vendors:
        for word in terms(f"{vendor.group} {_COUNTRIES.get(vendor.country, '')}"):
            weights.setdefault(word, FAMILY_WEIGHT)
    return Query(
        text=text,
        weights=weights,
        pairs=dict.fromkeys((f"{a}_{b}" for a, b in zip(words, words[1:], strict=False)), 1.0),
        concepts=concepts,
        vendors=vendors,
        named=_named(words, documents),
        pins=tuple((found[1], found[2]) for found in _ARTICLE.finditer(text)),
        topics=tuple(topic for topic, cues in _topics().items() if any(holds(words, cue) for cue in cues)),
        aim=Aim.NORM if _NORMATIVE.search(text) else Aim.FACT,
    )


def holds(words: Sequence[str], sequence: Sequence[str]) -> bool:
    """Tell whether the sequence stands in the words, in order and without gaps."""
    size = len(sequence)
    if size == 1:
        return sequence[0] in words
    return any(tuple(words[at : at + size]) == tuple(sequence) for at in range(len(words) - size + 1))


def _concepts(text: str, words: Sequence[str], vendor_words: set[str]) -> tuple[Concept, ...]:
    """Cover the question with synonym groups, longest phrase first, then with its single words."""
    surface = {stem: word for word in reversed(re.findall(r"\w+", text)) for stem in terms(word)}
    concepts: list[Concept] = []
    left = [word for word in words if word not in vendor_words]
    taken: set[str] = set()
    for phrase, group in _synonyms():
        if holds(left, phrase) and not taken.issuperset(phrase):
            words_said = " ".join(surface.get(stem, stem) for stem in phrase)
            generic = all(stem in _GENERIC for stem in phrase)
            concepts.append(Concept(" ".join(phrase), words_said, group, generic))
            taken.update(phrase)
    concepts += [
        Concept(word, surface.get(word, word), frozenset({(word,)}), generic=word in _GENERIC)
        for word in dict.fromkeys(left)
        if word not in taken
    ]
    order = {word: at for at, word in enumerate(words)}
    return tuple(sorted(concepts, key=lambda concept: order.get(concept.name.split()[0], 0)))


def _vendors(text: str, words: Sequence[str]) -> tuple[Vendor, ...]:
    """Return the vendors named, longest name first; a name inside a longer one does not count again."""
    found: list[tuple[int, Vendor]] = []
    for vendor in known_vendors():
        matched = [
            name for name in _names(vendor) if holds(words, terms(name)) or (not name.isascii() and name in text)
        ]
        if matched and not (
            len(matched[0]) <= 4 and matched[0].isupper() and not re.search(rf"\b{matched[0]}\b", text)
        ):
            found.append((max(len(terms(name)) for name in matched), vendor))
    found.sort(key=lambda pair: -pair[0])
    groups: dict[str, Vendor] = {}
    for _, vendor in found:
        groups.setdefault(vendor.group, vendor)
    return tuple(groups.values())


def _names(vendor: Vendor) -> tuple[str, ...]:
    return (vendor.name, *vendor.aliases)


def family(vendor: Vendor) -> tuple[str, ...]:
    """Return every name under which a vendor's group is known here."""
    names = [vendor.group]
    for other in known_vendors():
        if other.group == vendor.group:
            names += _names(other)
    return tuple(dict.fromkeys(names))


def _named(words: Sequence[str], documents: Iterable[Document]) -> tuple[str, ...]:
    return tuple(
        document.id
        for document in documents
        if any(
            (sequence := terms(name)) and holds(words, sequence) and not all(word in _GENERIC for word in sequence)
            for name in (document.short, document.citation, *document.aliases)
        )
    )


@cache
def known_vendors() -> tuple[Vendor, ...]:
    """Return the shipped vendor table."""
    rows = yaml.safe_load((_DATA / "vendors.yaml").read_text(encoding="utf-8"))
    return tuple(Vendor(row["name"], tuple(row["aliases"]), row["group"], row["country"]) for row in rows)


@cache
def _synonyms() -> tuple[tuple[tuple[str, ...], frozenset[tuple[str, ...]]], ...]:
    """Return (phrase, its group) for every phrase, longest first."""
    groups = yaml.safe_load((_DATA / "synonyms.yaml").read_text(encoding="utf-8"))
    rows: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for group in groups:
        ways = {tuple(terms(str(phrase))) for phrase in group} - {()}
        for way in ways:
            rows.setdefault(way, set()).update(ways)
    ordered = sorted(rows, key=lambda way: (-len(way), way))
    return tuple((way, frozenset(rows[way])) for way in ordered)


@cache
def _topics() -> dict[str, tuple[tuple[str, ...], ...]]:
    rows = yaml.safe_load((_DATA / "topics.yaml").read_text(encoding="utf-8"))
    return {topic: tuple(tuple(terms(str(cue))) for cue in cues) for topic, cues in rows.items()}
