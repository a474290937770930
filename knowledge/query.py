"""Understands a question by rules: its terms and their synonyms, the vendors, instruments and topics it names."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from knowledge import yamls
from knowledge.model import Document
from knowledge.words import terms

_DATA = Path(__file__).parent / "data"
SYNONYM_WEIGHT = 0.4
"""What a synonym's term counts beside the asker's own word."""
FILLER_WEIGHT = 0.3
"""What a word counts that carries the request and not its subject: "explain", "guidance", "specific"."""
FAMILY_WEIGHT = 0.6
"""What the name of a vendor's group counts beside the name that was asked about."""
COUNTRIES = {"CN": "China", "RU": "Russia", "IR": "Iran", "KP": "North Korea", "BY": "Belarus", "US": "United States"}
"""What the country of a vendor's group is called in texts, where rules speak of it."""

_NORMATIVE = re.compile(
    r"\b(can|could|may|might|must|should|shall|need(s|ed)?|allowed|permitted|required?|requires?|obliged|have to|has to"
    r"|(ok(ay)?|fine|safe|legal|lawful|illegal|cleared|good) (to|for|in|with|under|here)|any (objections?|problems?|chance|concerns?|issues?)"
    r"|(want|like|plan|planning|going|hope|wish) to|thinking (of|about)|is it (ok(ay)?|legal|lawful|fine)|(treated|classed|counts?|qualif\w+) as"
    r"|comply|compliant|rules?|duty|duties|obligations?|deadlines?|policy|policies|who (approves?|signs?|decides?)"
    r"|how (fast|soon|long|quickly|many hours)|what (happens|applies|does .* (say|require|mean)))\b",
    re.IGNORECASE,
)
_PIN = re.compile(
    r"(?:\b(?P<kind>art(?:icle|s?\.)?|section|sec\.|recital|annex|clause|reg\.|CFR(?: part)?|D?FARS?|NYCRR|USC)|§+)"
    r"\s*(?P<number>\d+[a-z]?(?:[.-]\d+)*|[IVX]+\b)(?P<points>(?:\([0-9a-zA-Z]{1,5}\))*)",
    re.IGNORECASE,
)
_SHORT_PIN = re.compile(r"\b[A-Z]\w+ (?P<number>\d{1,3}[a-z]?)(?P<points>(?:\([0-9a-zA-Z]{1,5}\))+)")
"""The short form "DORA 30(2)": a name, a number and at least one point, or a year would do as well."""
_HOW_MANY = re.compile(
    r"\bhow (?:many|much|big|large|high|long|soon|fast|quickly|often)\b|\bwhat (?:share|percentage|amount|fine|penalty)\b|\bdeadline\b",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"\bwho (?:\w+ ){0,2}(?:approves?|approved|signs?|decides?|owns|is responsible)\b|\bour (?:own )?(?:polic|rule|deadline|process|procedure|approv|exception)"
    r"|\bour (?:\w+ )?(?:deadline|policy|process|approval|exception|house)\b|\bin-house\b|\bwhose signature\b|\bwe ourselves\b"
    r"|\bwho (?:takes|makes) (?:\w+ ){0,2}decisions?\b|\bcompany policy\b|\binternal(?:ly)?\b|\bexceptions?\b|\boffboard|\bPOL-\d",
    re.IGNORECASE,
)
_DEFINING = re.compile(
    r"\bdefin\w+\b|\bmeaning of\b|\bmeans?\b|\bwhat (?:is|are|counts? as|qualifies as) (?:an? |the )?[\w\s“”\"'-]{3,60}\?"
    r"|\bwho (?:is|counts as) an? ",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"[?;]+\s|,?\s+(?:and|or|but)\s+(?=(?:what|how|who|whom|when|where|which|why|is|are|do|does|did|can|could|should|must|may"
    r"|will|would|if)\b)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|could|may|must|should|shall|got|get|gets|say|says|said"
    r"|names?|lists?|owns?|won|lost|paid|caused|happened|affected|explain|tell|show|give|describe|summari[sz]e|define|compare)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(r"\b(?:who|whom|whose|what|when|where|which|why|how)\b", re.IGNORECASE)
_OF = re.compile(r"\bof\b|['’]s\b", re.IGNORECASE)
_YES_NO = re.compile(r"^\W*(?:has|have|had|is|are|was|were|did|does|do)\b", re.IGNORECASE)
_WHEN = re.compile(r"\bwhen\b|\bsince when\b|\bwhat date\b|\bfrom which date\b", re.IGNORECASE)
_LISTED = re.compile(
    r"\b(?:on|in) (?:the |an? |any )?(?:[\w-]+ ){0,4}lists?\b|\b(?:listed|designated|sanctioned|blacklisted|banned)\b",
    re.IGNORECASE,
)
_WANTS = {"number": _HOW_MANY, "date": _WHEN, "listing": _LISTED}
_HOSTING = frozenset({("host",), ("store",), ("process",)})
_ADEQUATE = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO"
    " AD AR CA FO GG IL IM JP JE NZ CH GB UY KR US BR".split()
)
"""The EEA, and countries with an adequacy decision, the US for certified companies and Canada for commercial ones only."""
_GENERIC = frozenset(
    terms(
        "know explain mean means say says apply applies happen example please question answer thing way make get give take"
        " company firm business organisation organization risk risks issue issues problem law laws regulation regulations rule"
        " rules article section policy policies new information about inform matter matters consider require requires required"
        " requirement requirements need needs allow allowed must may shall use using work help want like currently today"
        " relevant different special main important exactly actually really still yet ever contain include count"
        " big total many much old number roughly got lead anything someone else bit well inside go today one two people case thing"
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
    """One thing that a question asks about: the asker's words, and all term sequences that mean the same.

    A generic one carries no subject ("rule", "use"); one of the field belongs to the vocabulary of procurement risk.
    """

    name: str
    words: str
    ways: frozenset[tuple[str, ...]]
    generic: bool = False
    field: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """A provision that a question cites by number: "Art. 28(3)(a)" is the kind art., the number 28 and the points (3)(a)."""

    kind: str
    number: str
    points: str = ""

    def within(self, citation: str) -> bool:
        """Tell whether a citation is of this provision, or of a part of it: 28 is in "Art. 28(2)", not in "Art. 6(28)"."""
        for apart in ("recital", "annex"):
            if self.kind.startswith(apart) != (apart in citation.lower()):
                return False
        return (
            re.search(rf"(?<![\w.(-]){re.escape(self.number + self.points)}(?![\w-]|\.\d)", citation, re.IGNORECASE)
            is not None
        )


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the search understands it.

    `weights` maps terms to their weight, the asker's own words first, which `own` lists; `concepts` are what an answer has to cover, vendors apart; `named` are ids of
    documents that the question names, `names` the terms it names them by; `pins` are the provisions that it cites;
    `wants` is `number`, `date` or `listing` when the question asks for one; `house` is set when it asks what the company itself says,
    `yes_no` when it asks whether something is so; `defined` are ids of the passages that define a term it uses, and
    `defining` is set when it asks what that term means. `subject` and `about`, as weighted terms and as text, are what a
    question after it in its thread is about when it does not say; `parts` are the own terms of each of several questions in
    one; `near` are ids of documents that the answer before it cited; `lean` is what a follow-up leans on, None where a
    question stands alone.
    """

    text: str
    own: tuple[str, ...]
    weights: dict[str, float]
    pairs: dict[str, float]
    concepts: tuple[Concept, ...]
    vendors: tuple[Vendor, ...]
    named: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    pins: tuple[Pin, ...]
    topics: tuple[str, ...]
    aim: Aim
    wants: str = ""
    house: bool = False
    yes_no: bool = False
    defined: tuple[str, ...] = ()
    defining: bool = False
    subject: Mapping[str, float] = field(default_factory=dict)
    about: str = ""
    parts: tuple[tuple[str, ...], ...] = ()
    near: tuple[str, ...] = ()
    lean: "Lean | None" = None


@dataclass(frozen=True, slots=True)
class Lean:
    """How a follow-up leans on its thread.

    `alone` is the question without what its thread adds, `before` the question before it as it was read; `cited` are ids of
    the documents that the last answer cited, `cited_before` those of the answer before that one. `laws` are codes of the
    places it names itself, `said` is how much it says itself, 0 to 1, and `ours` whether it speaks of the asker's own company;
    `shown` is set where it shows that it leans ("and for health data?"), and `asked` are the things it asks about itself.
    """

    alone: Query
    before: Query
    cited: frozenset[str] = frozenset()
    cited_before: frozenset[str] = frozenset()
    laws: frozenset[str] = frozenset()
    said: float = 0.0
    ours: bool = False
    shown: bool = True
    asked: tuple[Concept, ...] = ()


class Names:
    """What questions can name of an edition: its documents by their names, and its defined terms."""

    def __init__(self, documents: Iterable[Document], definitions: Iterable[tuple[str, str]] = ()) -> None:
        """Take the documents that a reader may see, and (term, passage id) of the definitions in them."""
        named = [
            (name, document.id)
            for document in documents
            for name in dict.fromkeys((document.short, document.citation, *document.aliases))
        ]
        self._documents = _Phrases((_name(name), id_) for name, id_ in named)
        self._proper = frozenset(_name(name) for name, _ in named if name != name.lower())
        self._definitions = _Phrases((_name(term), passage) for term, passage in definitions)

    def documents(self, words: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Return the ids of the documents that these terms name, and the names that were used, longest first."""
        found = self._documents.within(words)
        ids = dict.fromkeys(id_ for _, id_ in found)
        return tuple(sorted(ids)), tuple(sorted({name for name, _ in found}, key=lambda name: (-len(name), name)))

    def proper(self, name: Sequence[str]) -> bool:
        """Tell whether a name is written with a capital ("Data Act"), and not a description ("patch deadline")."""
        return tuple(name) in self._proper

    def definitions(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the passages that define what these terms hold, those of the longest terms first."""
        found = sorted(self._definitions.within(words), key=lambda pair: (-len(pair[0]), pair[1]))
        return tuple(passage for _, passage in found)


class _Phrases:
    """Finds phrases in a text by their first term, so that a question costs its own length and not all names."""

    def __init__(self, phrases: Iterable[tuple[tuple[str, ...], str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, meaning in phrases:
            if phrase and not all(word in _GENERIC for word in phrase):
                self._by_first.setdefault(phrase[0], []).append((phrase, meaning))

    def within(self, words: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
        """Return each phrase that stands in the words, with its meaning."""
        return [
            (phrase, meaning)
            for at, word in enumerate(words)
            for phrase, meaning in self._by_first.get(word, ())
            if tuple(words[at : at + len(phrase)]) == phrase
        ]


def understand(text: str, known: Names) -> Query:
    """Read a question against what the asker may see; never fails, an empty text gives an empty query."""
    words = terms(text)
    vendors = _vendors(text, words)
    named, name_phrases = known.documents(words)
    topics = tuple(topics_in(words))
    vendor_words = {word for vendor in vendors for name in _names(vendor) for word in terms(name)}
    concepts = _concepts(text, [word for word in words if word not in vendor_words], name_phrases)
    if "privacy-transfers" in topics and any(vendor.country not in _ADEQUATE for vendor in vendors):
        concepts = tuple(_abroad(concept) for concept in concepts)
    weights = {word: FILLER_WEIGHT if word in _filler() else 1.0 for word in words}
    own = tuple(weights)
    for concept in concepts:
        for way in sorted(concept.ways, key=lambda way: (len(way), way)):
            for word in way:
                weights.setdefault(word, SYNONYM_WEIGHT / len(way))
    for vendor in vendors:
        for word in terms(f"{vendor.group} {COUNTRIES.get(vendor.country, '')}"):
            weights.setdefault(word, FAMILY_WEIGHT)
    return Query(
        text=text,
        own=own,
        weights=weights,
        pairs={f"{a}_{b}": min(weights[a], weights[b]) for a, b in itertools.pairwise(words)},
        concepts=concepts,
        vendors=vendors,
        named=named,
        names=name_phrases,
        pins=_pins(text),
        topics=topics,
        aim=Aim.NORM if _NORMATIVE.search(text) or (vendors and fragment(text)) else Aim.FACT,
        wants=next((what for what, asked in _WANTS.items() if asked.search(text)), ""),
        house=bool(_HOUSE.search(text)),
        yes_no=bool(_YES_NO.match(text)),
        defined=known.definitions(words),
        defining=bool(_DEFINING.search(text)),
        subject={word: weights[word] for word in own},
        about=text,
        parts=_parts(text),
    )


def topics_in(words: Sequence[str]) -> dict[str, int]:
    """Return the risk categories that these terms point to, with how many of each one's words they hold."""
    counted = {topic: sum(holds(words, cue) for cue in cues) for topic, cues in _topics().items()}
    return {topic: count for topic, count in counted.items() if count}


def holds(words: Sequence[str], sequence: Sequence[str]) -> bool:
    """Tell whether the sequence stands in the words, in order and without gaps."""
    size = len(sequence)
    if size == 1:
        return sequence[0] in words
    return any(tuple(words[at : at + size]) == tuple(sequence) for at in range(len(words) - size + 1))


def fragment(text: str) -> bool:
    """Tell whether a question is no sentence ("Hytera radios for the gate guards?"): it asks whether that may be."""
    return not any(sign.search(text) for sign in (_VERB, _ASKING, _OF))


def _concepts(text: str, left: Sequence[str], names: Sequence[tuple[str, ...]]) -> tuple[Concept, ...]:
    """Cover the question with names of instruments, then synonym groups, longest phrase first, then single words."""
    surface = {stem: word for word in reversed(re.findall(r"\w+", text)) for stem in terms(word)}
    field_words = {word for cues in _topics().values() for cue in cues for word in cue}
    phrases = [(name, frozenset({name}), True) for name in names if len(name) > 1]
    present = set(left)
    phrases += [(phrase, group, True) for phrase, group in _synonyms() if phrase[0] in present]
    phrases += [((word,), frozenset({(word,)}), word in field_words) for word in dict.fromkeys(left)]
    concepts: list[Concept] = []
    taken: set[str] = set()
    for phrase, ways, of_field in phrases:
        if holds(left, phrase) and taken.isdisjoint(phrase):
            said = " ".join(surface.get(stem, stem) for stem in phrase)
            generic = all(stem in _GENERIC for stem in phrase)
            concepts.append(Concept(" ".join(phrase), said, ways, generic, of_field and not generic))
            taken.update(phrase)
    order = {word: at for at, word in enumerate(left)}
    return tuple(sorted(concepts, key=lambda concept: order[concept.name.split()[0]]))


def _abroad(concept: Concept) -> Concept:
    """Let hosting with a vendor outside the adequate countries count as the transfer that data protection law calls it."""
    if not concept.ways & _HOSTING:
        return concept
    return replace(concept, ways=concept.ways | {tuple(terms("transfer")), tuple(terms("third country"))})


def vendors_in(text: str) -> tuple[Vendor, ...]:
    """Return the vendors of the shipped table that a text names, one for each group."""
    return _vendors(text, terms(text))


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


def _pins(text: str) -> tuple[Pin, ...]:
    """Return the provisions that a text cites by number, once each."""
    long = [Pin((found["kind"] or "").lower(), found["number"], found["points"]) for found in _PIN.finditer(text)]
    known = {(pin.number, pin.points) for pin in long}
    short = [Pin("", found["number"], found["points"]) for found in _SHORT_PIN.finditer(text)]
    return (*long, *(pin for pin in short if (pin.number, pin.points) not in known))


def _parts(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the terms of each question where a text asks several; a part of a single word belongs to the one before."""
    parts: list[tuple[str, ...]] = []
    for piece in _SEVERAL.split(text):
        words = tuple(dict.fromkeys(terms(piece)))
        if sum(word not in _filler() and word not in _GENERIC for word in words) > 1:
            parts.append(words)
        elif parts:
            parts[-1] = tuple(dict.fromkeys((*parts[-1], *words)))
    return tuple(parts) if len(parts) > 1 else ()


@lru_cache(maxsize=200_000)
def _name(name: str) -> tuple[str, ...]:
    """Return the terms of a document's name; every question meets the same names."""
    return tuple(terms(name))


@cache
def known_vendors() -> tuple[Vendor, ...]:
    """Return the shipped vendor table."""
    rows = yamls.read((_DATA / "vendors.yaml").read_text(encoding="utf-8"))
    return tuple(Vendor(row["name"], tuple(row["aliases"]), row["group"], row["country"]) for row in rows)


@cache
def _synonyms() -> tuple[tuple[tuple[str, ...], frozenset[tuple[str, ...]]], ...]:
    """Return (phrase, its group) for every phrase, longest first."""
    groups = yamls.read((_DATA / "synonyms.yaml").read_text(encoding="utf-8"))
    rows: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for group in groups:
        ways = {tuple(terms(str(phrase))) for phrase in group} - {()}
        for way in ways:
            rows.setdefault(way, set()).update(ways)
    everyday = yamls.read((_DATA / "everyday.yaml").read_text(encoding="utf-8"))
    for said, meant in everyday.items():
        way = tuple(terms(str(said)))
        rows.setdefault(way, {way}).update({tuple(terms(str(phrase))) for phrase in meant} - {()})
    rows.pop((), None)
    ordered = sorted(rows, key=lambda way: (-len(way), way))
    return tuple((way, frozenset(rows[way])) for way in ordered)


@cache
def _filler() -> frozenset[str]:
    words = yamls.read((_DATA / "filler.yaml").read_text(encoding="utf-8"))
    return frozenset(term for word in words for term in terms(word))


@cache
def _topics() -> dict[str, tuple[tuple[str, ...], ...]]:
    rows = yamls.read((_DATA / "topics.yaml").read_text(encoding="utf-8"))
    return {topic: tuple(tuple(terms(str(cue))) for cue in cues) for topic, cues in rows.items()}
