"""Files that come with a question: brought by the platform's own port, read for this question, and told of where they are not."""

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.errors import FileUnread
from bot.model import Answer, AttachedFile, Fetch
from knowledge import enclosure
from knowledge.enclosure import Paper
from knowledge.errors import DocumentRefused, PassedOver
from knowledge.evidence import FileRef, Turn
from knowledge.query import Query

MOST = 3
"""Files that are read for one question."""
PDF_PICTURES = "needs_ocr"
"""How the refusal of a scan begins."""
SCANNED = "it holds pictures of text only, as a scan does: run text recognition on it and attach it again"
POLICY_QUESTIONS = (
    "Where may customer data be stored and hosted?",
    "Within how many hours must a vendor notify a personal data breach?",
    "Which rules are there for subprocessors of a vendor?",
    "What happens to our data after the contract ends?",
)
"""What is asked of a file, one after the other, where somebody wants it held against our policies."""
_READERS = ThreadPoolExecutor(2, "attached")
"""Two files are read at a time in one process: each takes a process of its own."""
_NOUN = r"(?:file|document|attachment|pdf|doc|spreadsheet|sheet|table|slides|deck|upload)s?"
_POINTING = re.compile(
    rf"\b(?:(?:in|see|from|with|per) )?(?:the |this |that |these |my |our )?(?:attached|enclosed|uploaded)\b(?: {_NOUN}\b)?"
    rf"|\b(?:(?:in|from) )?(?:this|that|these|the|my) {_NOUN}\b|\battachments?\b",
    re.IGNORECASE,
)
"""Words that only say that something is attached: nothing is searched by them."""
_NAMED = re.compile(
    r"\b(?:this|that|their|the) (?:dpa|contract|agreement|report|questionnaire|certificate|soc ?2|terms)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    "please pls can could you hi hello hey fyi summarise summarize summary review check read look at into over see assess analyse"
    " analyze have a what do does think of about thoughts any issues problems concerns here is are s it this that these them the on"
    " for me us give our my thanks thank in with and quick quickly one say says tell".split()
)
"""Words of a message that says no more than that a file is to be looked at."""
_CHECK = r"\b(?:check|screen|vet|run|assess)\b(?:\W+\w+){0,3}?\W+"
_VENDORS = re.compile(rf"{_CHECK}(?:vendors|suppliers|companies)\b", re.IGNORECASE)
_THESE = re.compile(
    rf"{_CHECK}(?:these|them|all|those|every|each|list|names?|vendors?|suppliers?|companies|it|rows?|this)\b",
    re.IGNORECASE,
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The files of a question: what could be read of them, and each with what became of it."""

    papers: tuple[Paper, ...] = ()
    files: tuple[AttachedFile, ...] = ()


NOTHING = Enclosed()


def bare(text: str) -> bool:
    """Tell whether what came with a file asks nothing of it yet; expects `question_text`."""
    return all(word in _EMPTY for word in re.findall(r"[^\W_]+", _POINTING.sub(" ", text).lower()))


def wants_checks(text: str, *, table: bool = False) -> bool:
    """Tell whether somebody wants the vendors of a file checked; of a table "check these" says as much."""
    return bool((_THESE if table else _VENDORS).search(text))


def unpointed(text: str) -> str:
    """Return a question without the words that only point at its file; itself where nothing else is left."""
    rest = re.sub(r"\s+", " ", _POINTING.sub(" ", text)).strip()
    return rest if re.search(r"\w{3}", rest) else text


def points(text: str) -> bool:
    """Tell whether a question speaks of a file."""
    return bool(_POINTING.search(text) or _NAMED.search(text))


def concerned(text: str, query: Query, before: Sequence[Turn]) -> tuple[FileRef, ...]:
    """Return the files of an earlier question of the asker's own that this one goes on with, none where it speaks of nothing of theirs."""
    # A file that was handed over without a question is what the next one is about.
    if before and before[-1].files and (query.lean is not None or not before[-1].text):
        return before[-1].files
    latest = next((turn.files for turn in reversed(before) if turn.files), ())
    return latest if points(text) else ()


async def opened(refs: Sequence[FileRef], fetch: Fetch | None) -> Enclosed:
    """Bring and read files; one that cannot be had or read is said to be, and the others are read all the same."""
    found = [await _opened(ref, fetch) for ref in refs[:MOST]]
    more = tuple(
        AttachedFile(ref, enclosure.shown(ref.name), unread=f"I read {MOST} files for one question")
        for ref in refs[MOST:]
    )
    papers = {paper.document.id: paper for paper, _ in found if paper is not None}
    return Enclosed(tuple(papers.values()), (*(file for _, file in found), *more))


async def _opened(ref: FileRef, fetch: Fetch | None) -> tuple[Paper | None, AttachedFile]:
    blank = AttachedFile(ref, enclosure.shown(ref.name) or "A file without a name")
    try:
        name, content = await brought(ref, fetch)
        paper = await reading(enclosure.read, content, name)
    except FileUnread as refused:
        return None, replace(blank, unread=str(refused))
    return paper, AttachedFile(ref, paper.document.title, paper.document.version)


async def brought(ref: FileRef, fetch: Fetch | None) -> tuple[str, bytes]:
    """Return a file's name and bytes; raise FileUnread where it cannot be had."""
    if fetch is None:
        raise FileUnread("files cannot be read here")
    return await fetch(ref)


async def reading(read: Callable[[bytes, str], T], content: bytes, name: str) -> T:
    """Read bytes beside the loop, in turn; raise FileUnread where they cannot be."""
    try:
        return await asyncio.get_running_loop().run_in_executor(_READERS, read, content, name)
    except (DocumentRefused, PassedOver) as refused:
        why = SCANNED if str(refused).startswith(PDF_PICTURES) else str(refused)
        raise FileUnread(why) from refused


def told(answer: Answer, enclosed: Enclosed, query: Query) -> Answer:
    """Return the answer with what a reader must know of its files: which were not read, and which say nothing to the point."""
    if not enclosed.files:
        return answer
    cited = {claim.document.id for claim in answer.claims}
    words = [f"{refusal(one)} What is said here stands without it." for one in enclosed.files if not one.sha256]
    for paper in enclosed.papers:
        words += _said(paper, query, cited=paper.document.id in cited)
    answer = replace(answer, files=enclosed.files)
    if answer.claims:
        return replace(answer, unknowns=(*words, *answer.unknowns))
    reason = " ".join((answer.reason, *words)).strip()
    return replace(answer, summary=reason, reason=reason)


def refusal(one: AttachedFile) -> str:
    """Return that a file was not read, and why."""
    return f"{one.name} was not read: {one.unread.rstrip('.')}."


def _said(paper: Paper, query: Query, *, cited: bool) -> list[str]:
    name = paper.document.title
    words = [] if cited else [f"I read the attached file {name}, and found nothing in it that answers this."]
    if not paper.whole:
        words.append(f"The attached file {name} is long: I read its first {len(paper.passages):,} passages.")
    if cited and query.vendors and not enclosure.names(paper, query):
        words.append(
            f"The attached file {name} does not name {query.vendors[0].name}: whose words it holds is not known."
        )
    return words
