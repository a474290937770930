"""What signed links open: the receipt of an answer, and the source behind a number, as those it was made for may see it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot import pages
from bot.access import labels
from bot.audit import Since, Verdict, claims_on, genuine, since, trace, verify
from bot.chart import bar
from bot.links import Links
from bot.model import Asker, Place
from knowledge.model import Passage
from knowledge.store.chain import Kept
from knowledge.store.history import History, Trace
from knowledge.store.ledger import Ledger
from knowledge.store.receipts import Receipts

_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")
_FIGURES = re.compile(r"([0-9]{1,9})-([0-9]{1,9})\.png")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A source of a receipt as it is shown; a `sheet` of None says that the ledger's text is not the quoted one."""

    source: dict[str, Any]
    sheet: pages.Sheet | None
    since: Since | None


@dataclass(frozen=True, slots=True)
class Exhibits:
    """Opens signed links; everything that a link does not open is None, whatever the reason."""

    receipts: Receipts
    ledger: Ledger
    history: History
    links: Links
    today: Callable[[], date]

    def receipt(self, answer_id: str, expiry: str, signature: str) -> str | None:
        """Return the page of a receipt, where all its sources may still be read."""
        kept = self._kept(f"/receipts/{answer_id}", answer_id, expiry, signature)
        if kept is None or not self._readable(kept, kept.body["sources"]):
            return None
        return self._memo(kept, int(expiry))

    def chart(self, name: str, expiry: str, signature: str) -> bytes | None:
        """Return the picture of the two figures in its name."""
        figures = _FIGURES.fullmatch(name)
        if figures is None or not self.links.opens(f"/charts/{name}", expiry, signature, ()):
            return None
        return bar(int(figures[1]), int(figures[2]))

    def memo(self, kept: Kept) -> str:
        """Return the page of a receipt without asking who reads it; it links to evidence where there is a public address."""
        return self._memo(kept, self.links.expiry() if self.links.base else None)

    def _memo(self, kept: Kept, until: int | None) -> str:
        sources = kept.body.get("sources", ())
        moved = [self._since(kept, source, trace(self.history, kept, source)) for source in sources]
        readable = kept.body.get("readable", ())
        links = {}
        if until is not None and readable:
            links = {one["n"]: self.links.evidence(kept.answer_id, one["n"], readable, until) for one in sources}
        return pages.memo(kept, [one for one in moved if one], links)

    def verify(self, kept: Kept) -> Verdict:
        """Recompute a receipt's seal, the chain and the hash of every passage, and look for what has changed since."""
        return verify(self.receipts, self.history, kept, self.today())

    def allows(self, kept: Kept, asker: Asker, *, admin: bool) -> bool:
        """Tell whether someone may read a receipt: all its sources, and a question that was asked in private only as its asker.

        An administrator reads private questions too, but no source that is not open to them; a file that came with a question
        is its asker's.
        """
        shared = kept.body.get("place", {}).get("shared", False)
        own = kept.asker.rpartition(":")[2] == asker.id
        if any("attached" in source for source in kept.body.get("sources", ())) and not own:
            return False
        return (shared or own or admin) and self._open(kept.body.get("sources", ()), labels(asker, Place("terminal")))

    def within(self, answer_id: str, asker: Asker, place: Place) -> Kept | None:
        """Return a receipt to somebody at the place that its answer stands at, where all its sources are open to both today.

        What was answered to a person alone stands wherever that person is alone: a platform may name that place in two ways.
        """
        kept = self.receipts.sealed(answer_id) if _ID.fullmatch(answer_id) else None
        if kept is None:
            return None
        stood = kept.body.get("place", {})
        private = kept.asker == asker.id and place.labels is None and not stood.get("shared", True)
        if stood.get("name") != place.name and not private:
            return None
        return kept if self._open(kept.body.get("sources", ()), labels(asker, place)) else None

    def shown(self, kept: Kept) -> tuple[Exhibit, ...]:
        """Return the sources of a receipt in their order, without asking who reads them."""
        found = ((source, trace(self.history, kept, source)) for source in kept.body.get("sources", ()))
        return tuple(
            Exhibit(
                source,
                self._sheet(kept, source) if genuine(kept.body, source, traced.text) else None,
                self._since(kept, source, traced),
            )
            for source, traced in found
        )

    def receipt_url(self, kept: Kept) -> str:
        """Return a link to a receipt for those whom it was made for, empty without a public address."""
        readable = kept.body.get("readable", ())
        if not self.links.base or not readable:
            return ""
        return self.links.receipt(kept.answer_id, readable, self.links.expiry())

    def evidence(self, answer_id: str, n: str, expiry: str, signature: str) -> str | None:
        """Return the page of the n-th source of an answer, where it may still be read."""
        if not _NUMBER.fullmatch(n):
            return None
        kept = self._kept(f"/evidence/{answer_id}/{n}", answer_id, expiry, signature)
        source = next((one for one in kept.body["sources"] if one["n"] == int(n)), None) if kept else None
        if kept is None or source is None or not self._readable(kept, [source]):
            return None
        found = trace(self.history, kept, source)
        shown = self._sheet(kept, source) if genuine(kept.body, source, found.text) else None
        receipt = ""
        if self._readable(kept, kept.body["sources"]):
            receipt = self.links.receipt(answer_id, kept.body["readable"], int(expiry))
        return pages.evidence(kept, source, shown, self._since(kept, source, found), receipt)

    def _kept(self, path: str, answer_id: str, expiry: str, signature: str) -> Kept | None:
        kept = self.receipts.sealed(answer_id) if _ID.fullmatch(answer_id) else None
        readable = kept.body.get("readable", ()) if kept else ()
        return kept if self.links.opens(path, expiry, signature, readable) and readable else None

    def _readable(self, kept: Kept, sources: list[dict[str, Any]]) -> bool:
        """Tell whether those whom the link was made for may still read all these documents today."""
        return self._open(sources, frozenset(kept.body["readable"]))

    def _open(self, sources: Iterable[dict[str, Any]], readable: frozenset[str]) -> bool:
        """Tell whether all these documents may be read today; what was quoted of an attached file stands where it was attached."""
        documents = {source["document_id"] for source in sources if "attached" not in source}
        return self.ledger.open_now(documents, readable) == documents

    def _sheet(self, kept: Kept, source: dict[str, Any]) -> pages.Sheet | None:
        passages = self._passages(kept, source)
        quotes = [(one["start"], one["end"]) for one in claims_on(kept.body, source["n"])]
        shown = pages.sheet(passages, source["passage_id"], quotes)
        return shown if shown is None or quotes else pages.marked(shown, _steps(kept, source))

    def _passages(self, kept: Kept, source: dict[str, Any]) -> tuple[Passage, ...]:
        """Return the passages of a source's document in its edition; of an attached file only what the receipt keeps."""
        if "attached" not in source:
            leaf = self.history.leaf(source["document_id"], kept.edition)
            return leaf.passages if leaf else ()
        place, held = kept.body["passages"][source["passage_id"]], source["attached"]
        return (
            Passage(
                source["passage_id"], source["document_id"], source["citation"], source["heading"], held["text"],
                place["start"], place["end"], source["context"] or "", page=held["page"],
            ),
        )  # fmt: skip

    def _since(self, kept: Kept, source: dict[str, Any], found: Trace) -> Since | None:
        return since(kept.body, source, found, self.today())


def _steps(kept: Kept, source: dict[str, Any]) -> list[str]:
    """Return the next steps that stand on a source."""
    return [step["text"] for step in kept.body.get("next_steps", ()) if step["source"] == source["n"]]
