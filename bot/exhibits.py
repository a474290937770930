"""What signed links open: the receipt of an answer, and the source behind a number, as those it was made for may see it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot import pages
from bot.audit import Since, genuine, since, trace
from bot.links import Links
from knowledge.store.chain import Kept
from knowledge.store.history import History, Trace
from knowledge.store.ledger import Ledger
from knowledge.store.receipts import Receipts

_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


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
        links = {
            source["n"]: self.links.evidence(answer_id, source["n"], kept.body["readable"], int(expiry))
            for source in kept.body["sources"]
        }
        return self.memo(kept, links)

    def memo(self, kept: Kept, links: Mapping[int, str]) -> str:
        """Return the page of a receipt without asking who reads it."""
        moved = [self._since(kept, source, trace(self.history, kept, source)) for source in kept.body["sources"]]
        return pages.memo(kept, [one for one in moved if one], links)

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
        labels = kept.body.get("readable", ()) if kept else ()
        return kept if self.links.opens(path, expiry, signature, labels) and labels else None

    def _readable(self, kept: Kept, sources: list[dict[str, Any]]) -> bool:
        """Tell whether those whom the link was made for may still read all these documents today."""
        documents = {source["document_id"] for source in sources}
        return self.ledger.open_now(documents, frozenset(kept.body["readable"])) == documents

    def _sheet(self, kept: Kept, source: dict[str, Any]) -> pages.Sheet | None:
        leaf = self.history.leaf(source["document_id"], kept.edition)
        if leaf is None:
            return None
        quotes = [(one["start"], one["end"]) for one in kept.body["claims"] if one["source"] == source["n"]]
        shown = pages.sheet(leaf.passages, source["passage_id"], quotes)
        return shown if shown is None or quotes else pages.marked(shown, _steps(kept, source))

    def _since(self, kept: Kept, source: dict[str, Any], found: Trace) -> Since | None:
        return since(kept.body, source, found, self.today())


def _steps(kept: Kept, source: dict[str, Any]) -> list[str]:
    """Return the next steps that stand on a source."""
    return [step["text"] for step in kept.body.get("next_steps", ()) if step["source"] == source["n"]]
