"""The pages that people open or print: what the service is, a receipt, a source with its quote, and what is not there."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChainableUndefined, Environment, PackageLoader

from bot.audit import Since, claims_on, placed
from bot.words import RUNGS, UNDERSTOOD, day, left_out, plain, spoken
from knowledge.model import Passage, Role
from knowledge.store.chain import Kept

NEIGHBOURS = 2
"""Passages shown before and after the cited one."""
LONGEST_NEIGHBOUR = 1_200
"""Characters shown of a neighbour; of the cited passage all are."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A cited passage among its neighbours; `marks` are the quotes' places in it, in order and apart from each other."""

    before: tuple[Passage, ...]
    passage: Passage
    after: tuple[Passage, ...]
    marks: tuple[tuple[int, int], ...]


def memo(kept: Kept, since: Sequence[Since], links: Mapping[int, str]) -> str:
    """Return a receipt as one self-contained page; `links` lead from a source's number to its evidence."""
    moved = {one.n: one for one in since}
    return _PAGES.get_template("memo.html").render(
        kept=kept, body=kept.body, claims=placed(kept.body), moved=moved, links=links
    )


def evidence(kept: Kept, source: Mapping[str, Any], sheet: Sheet | None, moved: Since | None, receipt_url: str) -> str:
    """Return a source with its quotes marked; a sheet of None says that the ledger's text is not the quoted one."""
    quotes = claims_on(kept.body, source["n"])
    return _PAGES.get_template("evidence.html").render(
        kept=kept, body=kept.body, source=source, sheet=sheet, moved=moved, quotes=quotes, receipt_url=receipt_url
    )


def front(*, model: bool, vectors: bool, days: int) -> str:
    """Return the page that says what the service is, what it keeps and who else is asked; 0 days is without an end.

    `vectors` says that a server computes those of questions and sources.
    """
    return _PAGES.get_template("front.html").render(model=model, vectors=vectors, days=days)


def missing() -> str:
    """Return the page for what is unknown, expired, forged or not allowed: it tells these apart for nobody."""
    return _PAGES.get_template("missing.html").render()


def unavailable() -> str:
    """Return the page for when the ledger does not answer."""
    return _PAGES.get_template("unavailable.html").render()


def notice(title: str, words: str, what: str) -> str:
    """Return a page that says one thing; `what` names the kind of page."""
    return _PAGES.get_template("notice.html").render(title=title, words=words, what=what)


def sheet(passages: Sequence[Passage], passage_id: str, quotes: Sequence[tuple[int, int]]) -> Sheet | None:
    """Return a passage of a document among its neighbours; None when the document has no such passage."""
    at = next((n for n, one in enumerate(passages) if one.id == passage_id), None)
    if at is None:
        return None
    before, after = passages[max(0, at - NEIGHBOURS) : at], passages[at + 1 : at + 1 + NEIGHBOURS]
    return Sheet(tuple(before), passages[at], tuple(after), apart(quotes))


def marked(shown: Sheet, texts: Sequence[str]) -> Sheet:
    """Return a sheet with those of these texts marked that stand in its passage word for word."""
    text = shown.passage.text
    return replace(shown, marks=apart([(at, at + len(one)) for one in texts if one and (at := text.find(one)) >= 0]))


def apart(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return spans in order, those that overlap joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def pieces(shown: Sheet) -> Iterator[tuple[str, bool]]:
    """Yield the passage's text in pieces, each with whether it is a quote."""
    at = 0
    for start, end in shown.marks:
        yield shown.passage.text[at:start], False
        yield shown.passage.text[start:end], True
        at = end
    yield shown.passage.text[at:], False


def _date(text: str | None) -> str:
    """Return an ISO date as people write it, empty for none."""
    return day(date.fromisoformat(text)) if text else ""


def _moment(text: str | None) -> str:
    """Return an ISO moment to the minute."""
    return f"{(at := datetime.fromisoformat(text)).day} {at:%b %Y, %H:%M} UTC" if text else "at an unknown time"


def _web(url: str | None) -> str:
    """Return an address that may become a link, empty for one that is not of the web."""
    if not url or plain(url) != url or any(mark in url for mark in " \"'<>\\"):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _more(claim: Mapping[str, Any]) -> bool:
    """Tell whether a claim's words are others than those of its quote."""
    return not plain(f"{claim.get('opening') or ''} {claim['quote']}").strip().endswith(plain(claim["text"]))


def _spoken(role: str, source: Mapping[str, Any]) -> str:
    return spoken(Role(role), attached="attached" in source)


def _cut(text: str) -> str:
    return f"{text[:LONGEST_NEIGHBOUR]} …" if len(text) > LONGEST_NEIGHBOUR else text


def _shown(value: object) -> object:
    """Return a value as it is printed: texts without invisible and control characters."""
    return plain(value) if type(value) is str else value


def _environment() -> Environment:
    pages = Environment(
        loader=PackageLoader("bot.pages", ""), autoescape=True, undefined=ChainableUndefined, finalize=_shown,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    pages.filters |= {
        "date": _date, "moment": _moment, "web": _web, "host": _host, "pieces": pieces, "more": _more, "cut": _cut,
    }  # fmt: skip
    pages.globals |= {"RUNGS": RUNGS, "UNDERSTOOD": UNDERSTOOD, "left_out": left_out, "spoken": _spoken}
    return pages


def _policy(pages: Environment) -> str:
    """Return the content security policy of every page: our one style sheet and nothing else."""
    style = pages.get_template("page.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


_PAGES = _environment()
POLICY = _policy(_PAGES)
"""What a page may load; as a header, frames are forbidden too."""
_PAGES.globals["policy"] = POLICY
