"""Signed links to receipts and evidence: each opens until its day, and only what its first readers may read."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bot.model import Answer

DAY = 86_400
_MOMENT = re.compile(r"[0-9]{1,11}")


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links below `base` and tells whether one may be opened; `now` gives the time in seconds since 1970.

    A signature covers path, expiry and the labels that asker and place could read when the answer was given. The labels
    stand in the receipt, not in the link, so a link that is passed on tells nobody who may read what.
    """

    base: str
    secret: bytes
    days: int
    now: Callable[[], float]

    def attach(self, answer: Answer, labels: frozenset[str]) -> Answer:
        """Return the answer with links to its receipt and to the evidence of each source; notices and answers without a base stay."""
        if not self.base or answer.edition is None:
            return answer
        until = self.expiry()
        sources = tuple(
            replace(source, evidence_url=self.evidence(answer.id, source.n, labels, until)) for source in answer.sources
        )
        return replace(answer, sources=sources, receipt_url=self.receipt(answer.id, labels, until))

    def expiry(self) -> int:
        """Return when a link that is made now ends."""
        return int(self.now()) + self.days * DAY

    def evidence(self, answer_id: str, n: int, labels: Iterable[str], until: int) -> str:
        """Return the link to the passage behind a source, at its quote."""
        return f"{self._link(f'/evidence/{answer_id}/{n}', labels, until)}#quote"

    def receipt(self, answer_id: str, labels: Iterable[str], until: int) -> str:
        """Return the link to an answer's receipt."""
        return self._link(f"/receipts/{answer_id}", labels, until)

    def chart(self, answered: int, refused: int) -> str:
        """Return the link to the picture of these two figures, which stand in it and are signed with it."""
        return self._link(f"/charts/{answered}-{refused}.png", (), self.expiry())

    def opens(self, path: str, expiry: str, signature: str, labels: Iterable[str]) -> bool:
        """Tell whether a link is ours, for these labels, and not expired."""
        if not _MOMENT.fullmatch(expiry):
            return False
        genuine = hmac.compare_digest(
            self._sign(path, int(expiry), labels).encode(), signature.encode("utf-8", "replace")
        )
        return genuine and int(expiry) >= self.now()

    def _link(self, path: str, labels: Iterable[str], until: int) -> str:
        return f"{self.base}{path}?e={until}&s={self._sign(path, until, labels)}"

    def _sign(self, path: str, until: int, labels: Iterable[str]) -> str:
        signed = json.dumps(["caveat link", path, until, sorted(labels)]).encode()
        return base64.urlsafe_b64encode(hmac.digest(self.secret, signed, hashlib.sha256)).decode().rstrip("=")
