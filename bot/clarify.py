"""What a question leaves open, as choices: which vendor, which data, which country, what for."""

import re
from collections.abc import Iterator, Sequence

from bot.model import Category
from knowledge.aim import Aim
from knowledge.bearing import Bearing
from knowledge.model import Document
from knowledge.query import Query
from knowledge.thread import places_in
from knowledge.vendors import Vendor, family

MOST = 4
"""Choices offered at once."""
_THAT_VENDOR = re.compile(
    r"\b(?:this|that|the|our|a certain) (?:\w+ )?(?:vendor|supplier|provider|company|seller|contractor|manufacturer)\b"
    r"|^\W*(?:is|are|was|were|has|have|can|may|should) (?:it|they|we use it|we use them|we buy from them)\b",
    re.IGNORECASE,
)
_POINTED = re.compile(r"\b(?:them|they|it|this|that|these|those)\b", re.IGNORECASE)
LONGEST = 9
"""Words of a question beyond which it says enough by itself to be answered without a name."""
_ABOUT_ONE = re.compile(
    r"\b(?:sanctioned|listed|blacklisted|banned|designated|trustworthy|safe|risky|blocked|screened|on (?:the|a|any) \w* ?lists?"
    r"|use (?:it|them)|buy from (?:it|them)|work with (?:it|them))\b",
    re.IGNORECASE,
)
_DATA = re.compile(r"\b(?:data|records?|files?|information|backups?)\b", re.IGNORECASE)
_DATA_KIND = re.compile(
    r"\b(?:personal|customers?|clients?|users?|health|patients?|employees?|staff|HR|payroll|biometric|payment|financial|technical|machine"
    r"|controlled|restricted|confidential|public|source code|CUI|PII|sensitive|genomic|location|log|telemetry|non-personal|children)\b",
    re.IGNORECASE,
)
_MOVES = re.compile(r"\b(?:transfer|send|export|host|store|keep|move|share|process|put)(?:s|ed|ing)?\b", re.IGNORECASE)
_FOR = {
    Category.PRIVACY: "What if {name} holds personal data of EU customers?",
    Category.BANS: "May we use {name} under a US federal contract?",
    Category.SANCTIONS: "Is {name} on a sanctions or export control list?",
    Category.FOREIGN_CONTROL: "Can a foreign government reach the data that {name} holds?",
    Category.CYBER: "May {name} products run on our network?",
    Category.FORCED_LABOUR: "May we import goods from {name}?",
    Category.CONTINUITY: "What if {name} fails or we want to leave?",
    Category.AI: "May {name} train its AI on our data?",
}
_DATA_CHOICES = (
    "personal data of EU customers",
    "employee data",
    "health data",
    "technical data without any person in it",
)
_PLACE_CHOICES = ("the EU or EEA", "the United Kingdom", "the United States", "China")


def asked_back(query: Query, documents: Sequence[Document]) -> tuple[str, tuple[str, ...]]:
    """Return what to ask back of a question that nothing answers, with choices; empty when nothing is left open.

    `documents` are those that the asker may read: vendors that only others may read about are never offered.
    """
    if not query.vendors and query.lean is None and (pointed := _POINTED.search(query.text)) and _says_nothing(query):
        return (
            f"Who or what do you mean by “{pointed[0]}”? Name the vendor, the product or the data in the question.",
            (),
        )
    if query.vendors or query.aim is Aim.NORM or len(query.text.split()) > LONGEST:
        return "", ()
    if _THAT_VENDOR.search(query.text) and _ABOUT_ONE.search(query.text):
        known = list(dict.fromkeys(name for document in documents for name in document.vendors[:1]))
        return "Which vendor do you mean? Name it in the question.", tuple(known[:MOST])
    return "", ()


def _says_nothing(query: Query) -> bool:
    return all(concept.generic for concept in query.concepts) and not query.named and not query.pins


def narrower(query: Query, found: Sequence[Bearing]) -> tuple[str, ...]:
    """Return questions that would make an answered one precise: what a vendor is to be used for, which data, which country."""
    if query.vendors and not [concept for concept in query.concepts if not concept.generic]:
        return tuple(_uses(query.vendors[0], found))[:MOST]
    moves = _MOVES.search(query.text) and Category.PRIVACY.value in query.topics
    if not moves or query.named or query.house:
        return ()
    if _DATA.search(query.text) and not _DATA_KIND.search(query.text):
        return tuple(f"What about {kind}?" for kind in _DATA_CHOICES)
    if not query.vendors and not places_in(query.text):
        return tuple(f"And to {place}?" for place in _PLACE_CHOICES)
    return ()


def _uses(vendor: Vendor, found: Sequence[Bearing]) -> Iterator[str]:
    """Yield questions in the categories of the documents that are about this vendor, most of them first."""
    names = {name.casefold() for name in family(vendor)}
    about = [one.hit.document for one in found if names & {name.casefold() for name in one.hit.document.vendors}]
    counted = [topic for document in {one.id: one for one in about}.values() for topic in document.topics]
    for category, words in sorted(_FOR.items(), key=lambda row: -counted.count(row[0].value)):
        if category.value in counted:
            yield words.format(name=vendor.name)
