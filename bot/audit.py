"""Whether a kept answer still is what was sealed, and what has become of its sources since."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot.words import day
from knowledge.model import Document, Status
from knowledge.store.chain import Chain, Kept
from knowledge.store.history import History, Trace
from knowledge.store.receipts import Receipts

_ENDED = {
    Status.SUSPENDED: "is suspended now",
    Status.REPEALED: "is repealed now",
    Status.WITHDRAWN: "is withdrawn now",
    Status.SUPERSEDED: "is superseded now",
    Status.EXPIRED: "has expired since",
}


class Fate(StrEnum):
    """What can have become of a cited passage since the answer."""

    SAME = "unchanged"
    CHANGED = "changed"
    ENDED = "ended"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Since:
    """What became of a source; `edition` is the first one without the cited words, None where they still stand."""

    n: int
    citation: str
    fate: Fate
    edition: int | None
    words: str
    reads_now: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found; `altered` are the citations whose passage is not in the ledger as it was quoted."""

    kept: Kept
    chain: Chain
    altered: tuple[str, ...]
    since: tuple[Since, ...]

    @property
    def untouched(self) -> bool:
        """Tell whether record, chain and every passage are what was sealed."""
        return self.kept.untouched and not self.chain.breaks and not self.altered


def verify(receipts: Receipts, history: History, kept: Kept, today: date) -> Verdict:
    """Recompute the chain, the record's seal and the hash of every passage, and look for what has changed since.

    Of a record that is not the one that was sealed nothing more is looked at: what it says of its sources proves nothing.
    """
    if not kept.untouched:
        return Verdict(kept, receipts.chain(), (), ())
    traces = {source["n"]: trace(history, kept, source) for source in kept.body.get("sources", ())}
    altered = [
        source["citation"]
        for source in kept.body.get("sources", ())
        if not genuine(kept.body, source, traces[source["n"]].text)
    ]
    moved = tuple(
        became
        for source in kept.body.get("sources", ())
        if (became := since(kept.body, source, traces[source["n"]], today))
    )
    return Verdict(kept, receipts.chain(), tuple(altered), moved)


def trace(history: History, kept: Kept, source: Mapping[str, Any]) -> Trace:
    """Return what the ledger knows of a receipt's source, then and now; of a file that came with the question, the receipt's own."""
    if "attached" in source:
        return Trace(source["attached"]["text"], None)
    return history.trace(source["passage_id"], source.get("document_id", ""), source["citation"], kept.edition)


def genuine(body: Mapping[str, Any], source: Mapping[str, Any], text: str | None) -> bool:
    """Tell whether the ledger's text of a source has the hash, and at their places the quotes, that the receipt has."""
    frozen = body.get("passages", {}).get(source["passage_id"])
    if frozen is None or text is None or hashlib.sha256(text.encode()).hexdigest() != frozen["sha256"]:
        return False
    return all(
        text[claim["start"] : claim["end"]] == claim["quote"] if "start" in claim else claim["quote"] in text
        for claim in claims_on(body, source["n"])
    )


def claims_on(body: Mapping[str, Any], n: int) -> list[dict[str, Any]]:
    """Return the claims that stand on a source, each with the place of its quote where the receipt has kept it."""
    return [claim for claim in placed(body) if claim["source"] == n]


def placed(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a receipt's claims with the places of their quotes; receipts of an older Caveat have kept none."""
    claims, places = body.get("claims", ()), body.get("quoted", ())
    if len(places) != len(claims):
        places = ({},) * len(claims)
    return [{**claim, **place} for claim, place in zip(claims, places, strict=True)]


def since(body: Mapping[str, Any], source: Mapping[str, Any], found: Trace, today: date) -> Since | None:
    """Return how a source has changed, ended or vanished since the answer; None when it has not."""
    n, citation = source["n"], source["citation"]
    if found.left_in is not None and not found.now:
        what = "the document no longer has this provision" if found.document else "its document was removed"
        words = f"is no longer in the knowledge base since edition {found.left_in}: {what}"
        return Since(n, citation, Fate.VANISHED, found.left_in, words)
    if found.left_in is not None:
        words = f"reads differently since edition {found.left_in}"
        return Since(n, citation, Fate.CHANGED, found.left_in, words, tuple(one.text for one in found.now))
    ended = _ended(found, source, today)
    if ended and not _had_ended(body, source):
        return Since(n, citation, Fate.ENDED, None, ended)
    return None


def _ended(found: Trace, source: Mapping[str, Any], today: date) -> str:
    """Return in words that a source whose text still stands no longer holds; empty when it holds."""
    document = found.document
    if document is None:
        return ""
    passage = next((one for one in found.now if one.id == source["passage_id"]), None)
    ends_on = passage.ends_on if passage and passage.ends_on else document.ends_on
    if ends_on and ends_on < today:
        return f"is no longer in force since {day(ends_on)}"
    if found.successor is not None and _holds(found.successor, today):
        return f"is replaced now by {found.successor.citation or found.successor.title}"
    return _ENDED.get(document.status, "")


def _holds(document: Document, today: date) -> bool:
    start = document.applies_from or document.in_force_from
    return start is None or start <= today


def _had_ended(body: Mapping[str, Any], source: Mapping[str, Any]) -> bool:
    """Tell whether the answer itself said already that this source no longer held."""
    ends_on = source.get("ends_on")
    return source.get("status") in set(_ENDED) or bool(ends_on and ends_on < body.get("as_of", ""))
