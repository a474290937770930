"""Orders what was weighed by what its text and its document say: what is cited, fades, binds nobody or was asked before."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import lift
from knowledge.evidence import Hit
from knowledge.fusion import Numbers, Weighed, scores
from knowledge.model import UNBINDING, Document, Kind, Passage, Status, Wording
from knowledge.query import Query
from knowledge.words import denied

SPARE = 20
"""How many passages beyond those asked for are read, since what their texts say may still move them up."""
SPREAD = 5.0
"""By how much log-odds a score falls by a factor of e."""
DENIED_BONUS = 0.5
"""Log-odds for a passage that denies what the question denies ("must not engage"): stop words are lost to every other part."""
LIFT = 0.5
"""Log-odds by which the very provision that the question cites, in the document it names, stands before all others."""
UNBINDING_LOSS = 2.0
"""Log-odds that a recital, preamble or note stands behind the law, unless the question asks for one."""
FADED = {
    Status.REPEALED: 1.5, Status.WITHDRAWN: 1.5, Status.SUPERSEDED: 1.5, Status.EXPIRED: 1.5, Status.DRAFT: 0.7,
    Status.PROPOSED: 0.7,
}  # fmt: skip
"""Log-odds that a text loses which holds no more or not yet; on a day in the past it is left out or kept by its dates."""
NEWS_YEAR, NEWS_MOST = 0.1, 0.6
"""Log-odds that a report loses for each year of its age, and at most."""
STEP = 1e-6
"""By how much a summary stands behind the official text."""
_EXPLAINING = re.compile(r"\b(?:recitals?|preamble|notes?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Foremost:
    """The passages of a search that are worth reading, by their log-odds and best first, with what was weighed of them."""

    weighed: Weighed
    odds: Numbers
    rows: Mapping[str, int]

    @property
    def cites(self) -> bool:
        """Whether the question cites a provision that was found."""
        return bool((self.weighed.column("pinned") > 0).any())


def foremost(weighed: Weighed, limit: int) -> Foremost:
    """Choose the passages to read for so many hits; what the question cites stands first."""
    odds = _lifted(scores(weighed), weighed.column("pinned") > 0)
    order = np.argsort(-odds, kind="stable")[: limit + SPARE]
    return Foremost(weighed, odds, {weighed.ids[at]: int(at) for at in order})


@dataclass(frozen=True, slots=True)
class Texts:
    """What was read of passages, by id: each with its document, and what only the texts tell.

    `near` says how near a passage's known questions are, `plain` its cosine by the embedder that ships where the edition has
    another.
    """

    passages: Mapping[str, tuple[Passage, Document]]
    near: Mapping[str, float]
    plain: Mapping[str, float]


def ordered(query: Query, found: Foremost, texts: Texts, day: date) -> tuple[Hit, ...]:
    """Return the passages that could be read as hits, best first, as of the day their edition came out."""
    denial = denied(query.text)
    pinned = found.weighed.column("pinned") > 0
    explains = _EXPLAINING.search(query.text) is not None
    value = {
        id_: float(found.odds[found.rows[id_]])
        + lift(texts.near.get(id_, 0.0))
        + (DENIED_BONUS if denial and denial & denied(passage.text) else 0.0)
        - _faded(document, day)
        - (UNBINDING_LOSS if passage.part in UNBINDING and not (explains or pinned[found.rows[id_]]) else 0.0)
        for id_, (passage, document) in texts.passages.items()
    }
    best = max(value.values(), default=0.0)
    columns = {name: found.weighed.column(name) for name in ("body", "pairs", "dense", "cosine")}
    hits = [
        Hit(
            passage,
            document,
            score=math.exp((value[id_] - best) / SPREAD),
            lexical=float(columns["body"][found.rows[id_]]),
            pairs=float(columns["pairs"][found.rows[id_]]),
            dense=float(columns["dense"][found.rows[id_]]),
            cosine=texts.plain.get(id_, float(columns["cosine"][found.rows[id_]])),
            asked=texts.near.get(id_, 0.0),
        )
        for id_, (passage, document) in texts.passages.items()
    ]
    return tuple(sorted(_officials_first(hits), key=lambda hit: (-hit.score, hit.passage.id)))


def _faded(document: Document, day: date) -> float:
    """Return the log-odds that a document loses for its status, and a report for its age on a day."""
    loss = FADED.get(document.status, 0.0)
    if document.kind is Kind.NEWS and document.published:
        loss += min(NEWS_MOST, max(0.0, (day - document.published).days / 365) * NEWS_YEAR)
    return loss


def _lifted(odds: Numbers, pinned: NDArray[np.bool_]) -> Numbers:
    """Put what is pinned before everything else, in its own order and close to it."""
    if not pinned.any() or pinned.all():
        return odds
    own = odds[pinned]
    lifted = odds.copy()
    lifted[pinned] = odds[~pinned].max() + LIFT + (own - own.min()) / max(float(np.ptp(own)), 1.0)
    return lifted


def _officials_first(hits: Sequence[Hit]) -> list[Hit]:
    """Put our own summary of a provision behind the official text of the same provision, where both were found."""
    official = {hit.passage.citation: hit.score for hit in hits if hit.document.wording is Wording.OFFICIAL}
    return [
        replace(hit, score=min(hit.score, official[hit.passage.citation] - STEP))
        if hit.document.wording is Wording.SUMMARY and hit.passage.citation in official
        else hit
        for hit in hits
    ]
