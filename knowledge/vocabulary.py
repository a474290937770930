"""What the shipped word lists say of terms: synonyms, the risk categories they point to, which carry no subject."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from knowledge import yamls
from knowledge.words import Phrases, terms

_DATA = Path(__file__).parent / "data"
GENERIC = frozenset(
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


def topics_in(words: Sequence[str]) -> dict[str, int]:
    """Return the risk categories that these terms point to, with how many of each one's words they hold."""
    counted = Counter(topic for _, (topic, _) in set(_cues().within(words)))
    return {topic: counted[topic] for topic in _topics() if topic in counted}


@cache
def field_terms() -> frozenset[str]:
    """Return the terms of the field of procurement risk: all that point to a risk category."""
    return frozenset(word for cues in _topics().values() for cue in cues for word in cue)


def synonyms_in(words: Sequence[str]) -> list[tuple[tuple[str, ...], frozenset[tuple[str, ...]]]]:
    """Return each phrase of the words that has synonyms, the longest first, with all phrases that mean the same."""
    found = dict(_synonyms().within(words))
    return sorted(found.items(), key=lambda pair: (-len(pair[0]), pair[0]))


@cache
def _synonyms() -> Phrases[frozenset[tuple[str, ...]]]:
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
    return Phrases((way, frozenset(group)) for way, group in rows.items())


@cache
def filler() -> frozenset[str]:
    """Return the terms that carry a request and not its subject: "explain", "guidance", "specific"."""
    words = yamls.read((_DATA / "filler.yaml").read_text(encoding="utf-8"))
    return frozenset(term for word in words for term in terms(word))


@cache
def _cues() -> Phrases[tuple[str, int]]:
    """Return the words that point to a risk category, numbered: two words with the same stem count twice."""
    return Phrases((cue, (topic, number)) for topic, cues in _topics().items() for number, cue in enumerate(cues))


@cache
def _topics() -> dict[str, tuple[tuple[str, ...], ...]]:
    rows = yamls.read((_DATA / "topics.yaml").read_text(encoding="utf-8"))
    return {topic: tuple(tuple(terms(str(cue))) for cue in cues) for topic, cues in rows.items()}
