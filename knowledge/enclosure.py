"""A file that came with a question, read for this question alone: its passages, and which of them bear on it."""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath

from knowledge.bearing import Bearing
from knowledge.chunk import chunk
from knowledge.concepts import Concept
from knowledge.errors import DocumentRefused
from knowledge.evidence import Hit
from knowledge.model import ATTACHED, Document, Kind, Passage
from knowledge.parse import EXTRACTOR
from knowledge.parse.clean import line
from knowledge.parse.reader import Reader
from knowledge.parse.tree import Parsed
from knowledge.query import Query
from knowledge.rank import Bearings, Measure, bearings
from knowledge.vendors import family
from knowledge.words import holds, terms

MOST = 4_000
"""Passages of one file that are read: about 1,500 pages."""
SURE_FROM = 0.25
"""How sure we must be that a file answers: less than of a knowledge base, since its asker says that it is about the question."""
FOREMOST = 40
"""Passages that are measured sentence by sentence."""
COVERS, ALIKE, BEST_COVERS = 0.5, 0.45, 0.3
"""The share of a question that a passage covers, or the likeness of its best sentence, from which it can be an answer to it; the
last for the best passage, as in "is this period in line with our policy?"."""
LONGEST_NAME = 100
MEANING = 1.0
"""What a passage's likeness to the question counts beside its words, which count 1 for the best one."""
SECONDS, MEMORY = 45.0, 2 << 30
"""For one file: people wait for it, unlike for a refresh."""
_SATURATION = 1.2
_SUBJECT = 0.2
"""The share of a file's passages in which a name must stand to be what the whole file is about."""
_ADDRESSED = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.]{0,60}\b(?:instructions?|rules?|prompts?|guidelines?)\b"
    r"|\b(?:system|developer) prompt\b|\b(?:answer|reply|respond|say|state) (?:only |that |with )"
    r"|\byou are (?:now |an? )?(?:\w+ )?(?:ai|assistant|language model|chatbot)\b",
    re.IGNORECASE,
)
"""A sentence that speaks to whoever answers. It changes nothing, and is no statement of a vendor's that anybody should read."""
_PICTURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"RIFF")
_OLD = b"\xd0\xcf\x11\xe0"
_PARTS = {b"word/document.xml": ".docx", b"xl/workbook.xml": ".xlsx", b"ppt/presentation.xml": ".pptx"}
_MACROS = b"vbaProject.bin"
_TABLES = {".csv", ".tsv"}
_WRITTEN = {".md": ".md", ".markdown": ".md"}
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_PAGE = re.compile(rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
READ = "PDF, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), CSV, HTML, Markdown or plain text"


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as it was read; `whole` is False where it has more passages than are read."""

    document: Document
    passages: tuple[Passage, ...]
    whole: bool = True


def read(content: bytes, name: str) -> Paper:
    """Read a file in a process of its own; raise DocumentRefused, with a clause that says why it cannot be read.

    Nothing that the file says of itself is believed: not what kind of document it is, nor how it is to be cited.
    """
    digest = hashlib.sha256(content).hexdigest()
    document = _document(digest, name)
    found: list[Passage] = []
    for parsed in parsed_by_content(content, name):
        found += islice(chunk(document, _unpretending(parsed)), MOST + 1 - len(found))
    passages = tuple({one.id: one for one in found}.values())
    if not passages:
        raise DocumentRefused("it holds no readable text")
    return Paper(document, passages[:MOST], whole=len(passages) <= MOST)


def parsed_by_content(content: bytes, name: str) -> tuple[Parsed, ...]:
    """Parse a file by what it holds, whatever its name says; raise DocumentRefused where that cannot be done."""
    with Reader(SECONDS, MEMORY) as reader:
        return reader.read(content, f"file{kind(content, name)}")


def kind(content: bytes, name: str) -> str:
    """Return the ending of the format that the bytes are in; a name tells only one kind of plain text from another."""
    if not content.strip():
        raise DocumentRefused("it is empty")
    if b"%PDF" in content[:1_024]:
        return ".pdf"
    if content.startswith(_OLD):
        raise DocumentRefused(
            "it is protected by a password, or in an old Office format: save it without one as .docx or .xlsx"
        )
    if content.startswith(b"PK"):
        return _office(content)
    if content.startswith(_PICTURES):
        raise DocumentRefused("it is a picture, and text in pictures is not read")
    if b"\x00" in content[:8_192] and not content.startswith(_WIDE):
        raise DocumentRefused(f"this kind of file is not read: save it as {READ}")
    if _PAGE.match(content):
        return ".html"
    ending = PurePosixPath(name).suffix.lower()
    return ending if ending in _TABLES else _WRITTEN.get(ending, ".txt")


def _office(content: bytes) -> str:
    """Return which Office format a zip is; its parts' names stand in it as they are."""
    ending = next((ending for part, ending in _PARTS.items() if part in content), "")
    if not ending:
        raise DocumentRefused(f"archives are not opened: attach the file itself, as {READ}")
    if _MACROS in content:
        raise DocumentRefused("it holds macros, and files with macros are not opened: save it without them")
    return ending


def shown(name: str) -> str:
    """Return a file's name as it is told: on one line, without what steers a display, cut to length."""
    said = line(name)
    return said if len(said) <= LONGEST_NAME else f"{said[: LONGEST_NAME - 1]}…"


def names(paper: Paper, query: Query) -> bool:
    """Tell whether a file, or its name, names a vendor that is asked about."""
    wanted = [tuple(terms(name)) for vendor in query.vendors for name in family(vendor)]
    texts = (paper.document.title, *(passage.text for passage in paper.passages))
    words = (terms(text.replace("-", " ").replace("_", " ")) for text in texts)
    return any(holds(said, name) for said in words for name in wanted if name)


def bearing(papers: Sequence[Paper], query: Query, measure: Measure) -> Bearings:
    """Return which passages of these files bear on a question; `measure` is that of the knowledge base.

    A file bears on a vendor when it names it anywhere: its sentences say "the processor" and "we".
    """
    spoken = {word for paper in papers for passage in paper.passages for word in terms(passage.text)}
    own = replace(measure, absent=measure.absent - spoken)
    hits = [hit for paper in papers for hit in _foremost(paper, query, measure)]
    concepts = tuple(one for one in query.concepts if not _subject(one, papers))
    found = _stated(bearings(replace(query, vendors=(), concepts=concepts), hits, own, SURE_FROM))
    about = {paper.document.id for paper in papers if query.vendors and names(paper, query)}
    return replace(
        found,
        found=_about([one for one in found.found if _meets(one)], about),
        fitting=_about(found.fitting, about),
        nearest=_about(found.nearest, about),
        measured=_about(found.measured, about),
    )


def joined(base: Bearings, own: Bearings) -> Bearings:
    """Return what bears on a question from files and knowledge base together; the files' passages stand first."""
    sure = [one.confidence for one in (base, own) if one.found] or [max(base.confidence, own.confidence)]
    return Bearings(
        found=(*own.found, *base.found),
        fitting=(*own.fitting, *base.fitting),
        nearest=(*own.nearest, *base.nearest),
        missing=own.missing,
        measured=(*own.measured, *base.measured),
        confidence=min(sure),
    )


def _subject(concept: Concept, papers: Sequence[Paper]) -> bool:
    """Tell whether a name of the question is what a file is about, as its vendor's: that it stands there answers nothing."""
    if not concept.words[:1].isupper():
        return False
    return any(
        holds(terms(paper.document.title.replace("-", " ").replace("_", " ")), way)
        or sum(holds(terms(one.text), way) for one in paper.passages) > max(1.0, _SUBJECT * len(paper.passages))
        for paper in papers
        for way in concept.ways
    )


def _stated(found: Bearings) -> Bearings:
    """Return what was found without sentences that speak to whoever answers."""

    def kept(several: Sequence[Bearing]) -> tuple[Bearing, ...]:
        quiet = ((one, tuple(said for said in one.sentences if not _ADDRESSED.search(said.text))) for one in several)
        # What is left of a passage must meet the question by itself.
        return tuple(
            one if len(said) == len(one.sentences) else replace(one, sentences=said)
            for one, said in quiet
            if len(said) == len(one.sentences) or any(sentence.cover > 0 for sentence in said)
        )

    return replace(
        found, found=kept(found.found), fitting=kept(found.fitting), nearest=kept(found.nearest),
        measured=kept(found.measured),
    )  # fmt: skip


def _meets(one: Bearing) -> bool:
    """Tell whether a passage meets the question by itself: the best one of a short file need not."""
    likeness = max((said.likeness for said in one.sentences), default=0.0)
    return one.cover >= COVERS or likeness >= ALIKE or (one.hit.score >= 1.0 and one.cover >= BEST_COVERS)


def _about(found: Sequence[Bearing], about: set[str]) -> tuple[Bearing, ...]:
    return tuple(
        replace(one, vendor=True, sentences=tuple(replace(sentence, vendor=True) for sentence in one.sentences))
        if one.hit.document.id in about
        else one
        for one in found
    )


def _foremost(paper: Paper, query: Query, measure: Measure) -> list[Hit]:
    """Return the passages that meet the question best by words and meaning, scored against the best of them."""
    texts = [f"{passage.heading} {passage.context} {passage.text}" for passage in paper.passages]
    lexical = list(_lexical([Counter(terms(text)) for text in texts], query))
    likeness = list(measure.likeness(texts))
    top = max(lexical, default=0.0) or 1.0
    rough = [words / top + MEANING * alike for words, alike in zip(lexical, likeness, strict=True)]
    best = max(rough, default=0.0) or 1.0
    order = sorted(range(len(rough)), key=lambda at: (-rough[at], at))[:FOREMOST]
    return [
        Hit(
            paper.passages[at], paper.document, score=rough[at] / best, lexical=lexical[at] / top, dense=likeness[at],
            cosine=likeness[at],
        )
        for at in order
    ]  # fmt: skip


def _lexical(counted: Sequence[Counter[str]], query: Query) -> Iterator[float]:
    """Yield what each passage's words are worth: rare words of the question more, a repeated one little more."""
    holding = Counter(word for words in counted for word in words if word in query.weights)
    rarity = {word: math.log(1 + (len(counted) - held + 0.5) / (held + 0.5)) + 0.1 for word, held in holding.items()}
    for words in counted:
        yield sum(
            query.weights[word] * rarity[word] * words[word] / (words[word] + _SATURATION)
            for word in rarity
            if word in words
        )


def _document(digest: str, name: str) -> Document:
    """Return the facts of a file: what a vendor says, from whom and of when is not known."""
    told = shown(name) or "without a name"
    return Document(
        id=f"attached:{digest[:32]}", title=told, short=f"File {told}", citation=f"File {told}", kind=Kind.VENDOR_EVIDENCE,
        jurisdiction="", visibility="", source=ATTACHED, version=digest, extractor=EXTRACTOR,
    )  # fmt: skip


def _unpretending(parsed: Parsed) -> Parsed:
    """Return a parsed file without what it says of itself, so that no heading makes it be cited as a law."""
    return replace(parsed, meta={}, pinned=False, prefix="", fragment="")
