"""EU law as a source, from the Publications Office's CELLAR by CELEX number, consolidated texts included.

The place is a list of numbers: `32016R0679, 02014R0833-20250101`. The pages of EUR-Lex are never asked: they answer
programs with a puzzle for browsers (shared notes on sources, rule 1).
"""

import re

from knowledge.errors import DocumentRefused, SourceRefused
from knowledge.model import SourceSpec
from knowledge.parse.markup import tree
from knowledge.parse.notice import facts
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http, Reply
from knowledge.sources.naming import addressed, whole

BASE = "http://publications.europa.eu"
_CELEX = re.compile(r"[0-9]\d{4}[A-Z]{1,2}\d{4}(?:-\d{8})?(?:R\(\d+\))?")


class Cellar:
    """Reads acts in English, with what their notices say of dates and force."""

    patience = 2

    def __init__(self, http: Http, base: str, numbers: tuple[str, ...]) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._numbers = numbers

    def list(self, since: str) -> Listed:  # noqa: ARG002 - each act says itself whether it changed
        """Return the configured numbers."""
        return Listed(tuple(Ref(number) for number in self._numbers))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw | None:
        """Return an act; a rendition that is still being made (202, or an empty body) is asked for again next time."""
        reply = self._ask(ref.name, "application/xhtml+xml, text/html", known)
        if reply is None and known != UNKNOWN:
            return None
        act = whole(reply, f"the text of {ref.name}")
        if b"eli-subdivision" not in act.content and b"oj-" not in act.content:
            raise DocumentRefused("the answer is a page in place of the act; the next refresh tries again")
        said = {**self._notice(ref.name), "id": f"eu:{ref.name}"}
        if consolidated := re.fullmatch(r"0(\d{4}[A-Z]\d{4})-(\d{4})(\d{2})(\d{2})", ref.name):
            day = "-".join(consolidated.groups()[1:])
            said |= {"version": day, "as_of": day}
        return Raw(act.content, "act.xhtml", said, act.known)

    def ids(self) -> frozenset[str]:
        """Return the configured numbers."""
        return frozenset(self._numbers)

    def _notice(self, number: str) -> dict[str, object]:
        """Return what the notice says; an act is not refused for want of its notice."""
        reply = self._ask(number, "application/xml;notice=object", UNKNOWN)
        if reply is None or reply.status != 200 or not reply.content.strip():
            return {}
        return facts(tree(reply.content))

    def _ask(self, number: str, accept: str, known: Known) -> Reply | None:
        return self._http.get(f"{self._base}/resource/celex/{number}", accept=accept, language="eng", known=known)


def connect(spec: SourceSpec, http: Http) -> Cellar:
    """Open `cellar`; raise SourceRefused for what is no CELEX number."""
    words = spec.at.replace(",", " ").split()
    base = addressed(words.pop(0)) if words and "://" in words[0] else BASE
    if not words or not all(_CELEX.fullmatch(word) for word in words):
        raise SourceRefused("the place of a CELLAR source is a list of CELEX numbers: 32016R0679, 32022R2554")
    return Cellar(http, base, tuple(words))
