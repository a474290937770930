"""What the knowledge base says of a vendor: under which names it is looked for there, and which passages bear on it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from knowledge.bearing import Bearing
from knowledge.evidence import Hit
from knowledge.model import NOTE, Role
from knowledge.names.forms import form
from knowledge.names.grade import Grade
from knowledge.names.score import nondescript
from knowledge.query import Query
from knowledge.rank import Bearings, bearings, known_by
from knowledge.reading import Reading
from knowledge.screened import Screened
from knowledge.vendors import COUNTRIES, Vendor, family, known_vendors, vendors_in
from knowledge.words import terms

READ, BESIDE = 14, 5
"""Passages about the vendor that are read for one question, and of law or policy on its country, or of policy for a step."""
HOME = "US"
"""The country whose name stands in too many rules to say anything of a vendor."""
NOTHING = Bearings((), (), (), ())
SHORTEST = 3
"""Letters that a name must have to be looked for in texts."""
_SURE = frozenset({Grade.CONFIRMED, Grade.PROBABLE})


def vendors_of(name: str, screened: Screened) -> tuple[Vendor, ...]:
    """Return the names to look for in texts: those of our table, else the typed one and the listed party where it is sure.

    A typed name that is only a place, a legal form or a common word is not looked for: every second text has it.
    """
    sure = [one.party.name for one in screened.found if one.grade in _SURE or one.owned]
    names = list(dict.fromkeys((name, *sure)))
    table = {vendor.group: vendor for one in names for vendor in vendors_in(one, terms(one))}
    told = names[1:] if nondescript(form(name)) else names
    own = [one for one in told if sum(map(str.isalpha, one)) >= SHORTEST]
    return tuple(table.values()) or tuple(Vendor(one, (), one, screened.country) for one in own)


class Reader:
    """One edition as the asker sees it on a day; `degraded` is set once a search had to do without vectors."""

    def __init__(self, reading: Reading, day: date) -> None:
        self._reading, self._day = reading, day
        self.degraded = False

    def query(self, question: str, vendors: Sequence[Vendor]) -> Query:
        """Read a question about the vendor, whose own names are no subject of it."""
        query = self._reading.understand(question.replace("{vendor}", vendors[0].name))
        names = {word for vendor in vendors for one in (vendor.name, *family(vendor)) for word in terms(one)}
        concepts = tuple(one for one in query.concepts if not names & {word for way in one.ways for word in way})
        return replace(query, vendors=tuple(vendors), concepts=concepts)

    def about(self, query: Query) -> Bearings:
        """Return what bears on the vendor: passages that name it, and law and policy on the country of its group."""
        hits = self._search(query)
        names = _telling(query.vendors, hits)
        named = [hit for hit in hits if _names(hit, names)][:READ]
        if not named:
            return NOTHING
        held = {hit.passage.id for hit in named}
        beside = [hit for hit in hits if hit.passage.id not in held and _abroad(hit, query.vendors)]
        found = self._bearings(query, sorted((*named, *beside[:BESIDE]), key=lambda hit: -hit.score))
        return replace(found, found=found.found or tuple(one for one in found.fitting if one.vendor))

    def demands(self, question: str) -> tuple[Bearing, ...]:
        """Return what company policy demands, what covers most of the question first."""
        query = self._reading.understand(question)
        policies = [hit for hit in self._search(query) if hit.role is Role.POLICY][:BESIDE]
        return tuple(sorted(self._bearings(query, policies).measured, key=_fit, reverse=True))

    def _search(self, query: Query) -> tuple[Hit, ...]:
        evidence = self._reading.search(query, asked=False)  # these questions are our own, in the words of rules
        self.degraded = self.degraded or "vectors" in evidence.degraded
        return tuple(hit for hit in evidence.hits if not hit.passage.citation.startswith(NOTE))

    def _bearings(self, query: Query, hits: Sequence[Hit]) -> Bearings:
        known = known_by(hits, self._day, self._reading.documents)
        return bearings(query, known, self._reading.measure(query))


def _fit(one: Bearing) -> tuple[float, float]:
    return round(one.cover, 2), max((sentence.likeness for sentence in one.sentences), default=0.0)


def _telling(vendors: Sequence[Vendor], hits: Sequence[Hit]) -> list[str]:
    """Return the names to be met in texts; of those that our table does not have, none that is an ordinary word there."""
    table = {vendor.name for vendor in known_vendors()}
    own = [name for vendor in vendors if vendor.name in table for name in family(vendor)]
    typed_ones = [vendor.name for vendor in vendors if vendor.name not in table]
    written = "\n".join(hit.passage.text for hit in hits)
    return [*own, *(name for name in typed_ones if not re.search(_word(name.lower()), written))]


def _names(hit: Hit, names: Sequence[str]) -> bool:
    """Tell whether a passage names the vendor, or its document does and the passage names nobody else."""
    text = f"{hit.passage.heading}\n{hit.passage.context}\n{hit.passage.text}"
    if _met(text, names):
        return True
    return _met("; ".join(hit.document.vendors), names) and not _met(text, sorted(_everybody() - set(names)))


@cache
def _everybody() -> frozenset[str]:
    """Return every name of our table."""
    return frozenset(name for vendor in known_vendors() for name in (vendor.name, vendor.group, *vendor.aliases))


def _met(text: str, names: Sequence[str]) -> bool:
    """Tell whether a text has one of the names, each word of it with its capital."""
    low = text.lower()
    return any(
        all(not word[:1].islower() for word in met[0].split())
        for name in names
        if name.lower() in low
        for met in re.finditer(_word(name), text, re.IGNORECASE)
    )


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name)


def _abroad(hit: Hit, vendors: Sequence[Vendor]) -> bool:
    """Tell whether a law or policy speaks of the country of a vendor's group."""
    countries = {COUNTRIES[one.country] for one in vendors if one.country in COUNTRIES and one.country != HOME}
    text = f"{hit.passage.heading} {hit.passage.context} {hit.passage.text}"
    return hit.role in {Role.POLICY, Role.LAW} and any(country in text for country in countries)
