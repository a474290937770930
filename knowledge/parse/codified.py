"""Reads US regulations from their Markdown and text renditions: CFR parts, FAR clauses, executive orders."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge.model import Part
from knowledge.parse.cfr import levels
from knowledge.parse.clean import line
from knowledge.parse.ecfr import guides
from knowledge.parse.paragraph import plain, prescribes
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_PART = re.compile(r"^# (\d+) CFR Part (\d+)\s*[—–-]\s*(.+)$", re.MULTILINE)
_CLAUSE = re.compile(r"^## FAR (\d+\.\d+-\d+) (.+)$", re.MULTILINE)
_ORDER = re.compile(r"Executive Order (\d{5})\s*[—–-]\s*([^*\n]{5,200})\*\*\s*\*([A-Z][a-z]+ \d{1,2}, \d{4})\*")
_RULE = re.compile(r"\bList of Subjects in (\d+) CFR Part (\d+)\b")
_RULE_SECTION = re.compile(r"^§\s?(\d{1,4}\.\d{1,3})$")
_SECTION = re.compile(r"^#{2,4} § ?(\d+[\d.]*[a-z]?) (.+)$")
_HEADING = re.compile(r"^(#{1,6}) (.+)$")
_ORDER_SECTION = re.compile(r"^(?:- )?\*(?:Section|Sec\.) (\d+)\*\.\s*\*([^*]+)\*\.?\s*(.*)$", re.DOTALL)
_SUBPART = re.compile(r"^Subpart [A-Z]{1,2}\s*[—–-]\s*\S")
_APPENDIX = re.compile(r"^(Appendix [A-Z0-9]{1,3}) to Part \d+\s*[—–-]\s*\S")
_RULE_END = re.compile(r"^(?:Dated: [A-Z][a-z]+ \d{1,2}, \d{4}\.|Footnotes|\[FR Doc\. .*)$")
"""Where the text of a published rule ends: what follows is signed, or belongs to the preamble."""
_SIGNED = re.compile(r"^[A-Z][A-Z.,' ]{5,60}$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_UNENDED = re.compile(r"[^.:;—]$")
_PAGE = re.compile(r"^\{\d+\}-{10,}$|^!\[[^\]]*\]\([^)]*\)$")
_SNAPSHOT = re.compile(r"(?:snapshot of|eCFR text as of the) ([A-Z][a-z]+ \d{4})")
_US: dict[str, object] = {"kind": "regulation", "jurisdiction": "US", "licence": "US Government work"}


def knows(text: str) -> bool:
    """Tell whether a text is one of these renditions, by its headings."""
    head = text[:6_000]
    return not head.startswith("---") and any(known.search(head) for known in (_PART, _CLAUSE, _ORDER, _RULE))


def read(text: str) -> tuple[Parsed, ...]:
    """Parse a rendition; a file of clauses gives a document for each."""
    if _CLAUSE.search(text[:6_000]):
        return tuple(_clauses(text))
    if _PART.search(text[:6_000]):
        return (_part(text),)
    return (_rule(text) if _RULE.search(text[:6_000]) else _order(text),)


@dataclass(frozen=True, slots=True)
class _Section:
    """A section with its paragraphs, italics still marked."""

    number: str
    title: str
    paragraphs: tuple[str, ...]


def _part(text: str) -> Parsed:
    found = _PART.search(text)
    assert found is not None
    title, part = found[1], found[2]
    meta: dict[str, object] = {
        **_US, "id": f"us:cfr:{title}:{part}", "title": f"{title} CFR Part {part} {line(found[3])}", "short": f"{title} CFR {part}",
        "citation": f"{title} CFR Part {part}", "url": f"https://www.ecfr.gov/current/title-{title}/part-{part}", **_snapshot(text),
    }  # fmt: skip
    flags: list[str] = []
    blocks = [block for heading, section in _sections(text) for block in _section(heading, section, part, flags)]
    return build(blocks, title=str(meta["title"]), meta=meta, prefix=f"{title} CFR", flags=_flags(flags))


def _sections(text: str) -> Iterator[tuple[str, _Section | None]]:
    """Yield headings, and sections with what stands below them until the next heading; those without a number are notes."""
    number = title = ""
    paragraphs: list[str] = []
    for raw in re.split(r"\n\s*\n", _COMMENT.sub("", text)):
        said = raw.strip()
        section, heading = _SECTION.match(said), _HEADING.match(said)
        if heading and number:
            yield "", _Section(number, title, tuple(paragraphs))
            number, paragraphs = "", []
        if section:
            number, title = section[1], line(section[2])
        elif heading and not _PART.match(said):
            yield line(heading[2]), None
        elif number and said:
            paragraphs.append(said)
        elif said and not heading:
            yield "", _Section("", "", (said,))
    if number:
        yield "", _Section(number, title, tuple(paragraphs))


def _section(heading: str, section: _Section | None, part: str, flags: list[str]) -> Iterator[Block]:
    if section is None:
        yield Block(Shape.HEADING, heading, 1)
        return
    if not section.number:
        for said in section.paragraphs:
            yield Block(Shape.PARAGRAPH, line(plain(said)), pinpoint=Pinpoint((f"part {part}",), Part.NOTE))
        return
    yield Block(Shape.HEADING, f"§ {section.number} {section.title}", 2)
    yield from _placed(section.number, section.paragraphs, flags)


def _placed(number: str, paragraphs: Iterable[str], flags: list[str]) -> Iterator[Block]:
    """Yield the paragraphs under their paths; amendment notes are no law, a numbering that fails cites the section."""
    notes = [said.startswith(">") for said in paragraphs]
    texts = [line(said.lstrip("> ")) for said in paragraphs]
    law = [text for text, note in zip(texts, notes, strict=True) if not note]
    found = levels(law, number)
    if found is None:
        flags.append(number)
        found = [Pinpoint((number,))] * len(law)
    places = iter(found)
    for text, note in zip(texts, notes, strict=True):
        pinpoint = Pinpoint((number,), Part.NOTE) if note else next(places)
        if prescribes(text):
            pinpoint = Pinpoint((number,), Part.PREAMBLE)
        yield Block(Shape.PARAGRAPH, line(plain(text)), pinpoint=pinpoint)


def _clauses(text: str) -> Iterator[Parsed]:
    starts = [(found.start(), found[1], line(found[2])) for found in _CLAUSE.finditer(text)]
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    for (start, number, title), end in zip(starts, ends, strict=True):
        body = [said.strip() for said in re.split(r"\n\s*\n", text[start:end])[1:] if said.strip()]
        dated = next(
            (found for said in body if (found := re.match(r"^### .*\(([A-Z][A-Za-z]{2,8}\.? \d{4})\)$", said))), None
        )
        meta: dict[str, object] = {
            **_US, "id": f"us:cfr:48:{number}", "title": f"FAR {number} {title}", "short": f"FAR {number}", "citation": f"48 CFR {number}",
            "authority": "FAR Council", "url": f"https://www.acquisition.gov/far/{number}", "aliases": (f"FAR {number}", f"48 CFR {number}"),
            "version": dated[1] if dated else "", **_snapshot(text),
        }  # fmt: skip
        flags: list[str] = []
        paragraphs = [said for said in body if not said.startswith("#")]
        heads = [Block(Shape.HEADING, f"{number} {title}", 1)]
        blocks = [*heads, *_placed(number, paragraphs, flags)]
        kept = {name: value for name, value in meta.items() if value}
        yield build(blocks, title=str(meta["title"]), meta=kept, prefix="48 CFR", fragment=number, flags=_flags(flags))


def _rule(text: str) -> Parsed:
    """Read a rule as it was published, without structure: its paragraphs stand by section, and only so are they cited."""
    found = _RULE.search(text)
    assert found is not None
    title, part = found[1], found[2]
    meta: dict[str, object] = {
        **_US, "id": f"us:cfr:{title}:{part}", "title": f"{title} CFR Part {part}", "short": f"{title} CFR {part}",
        "citation": f"{title} CFR Part {part}", "url": f"https://www.ecfr.gov/current/title-{title}/part-{part}",
    }  # fmt: skip
    blocks = list(_rule_blocks(text, part))
    return build(
        blocks, title=str(meta["title"]), meta=meta, prefix=f"{title} CFR", flags=("numbering_inconsistent:all",)
    )


def _rule_blocks(text: str, part: str) -> Iterator[Block]:
    """Yield the sections and appendices of a rule; a number in its own line counts only where it goes up."""
    here, last, titled = Pinpoint(), 0, True
    for raw in re.split(r"\n\s*\n", text):
        said = line(raw)
        section, appendix = _RULE_SECTION.match(said), _APPENDIX.match(said)
        number = section[1].split(".") if section else []
        if number and number[0] == part and int(number[1]) > last:
            here, last, titled = Pinpoint((".".join(number),)), int(number[1]), False
        elif not last or not said:
            continue
        elif _RULE_END.match(said):
            return
        elif not titled:
            yield Block(Shape.HEADING, f"§ {here.path[0]} {said}", 2)
            titled = True
        elif appendix or _SUBPART.match(said):
            yield Block(Shape.HEADING, said, 1)
            path = f"part {part} {appendix[1]}" if appendix else f"part {part}"
            here = Pinpoint((path,), Part.NOTE if guides(said) else Part.BODY)
        else:
            yield Block(Shape.PARAGRAPH, said, pinpoint=here)


def _order(text: str) -> Parsed:
    found = _ORDER.search(text)
    assert found is not None
    day = datetime.strptime(found[3], "%B %d, %Y").date().isoformat()  # noqa: DTZ007 - a calendar day has no zone
    meta: dict[str, object] = {
        **_US, "id": f"us:eo:{found[1]}", "title": f"Executive Order {found[1]}: {line(found[2])}", "short": f"EO {found[1]}",
        "citation": f"Executive Order {found[1]}", "published": day, "authority": "President of the United States",
    }  # fmt: skip
    flags: list[str] = []
    blocks: list[Block] = []
    for number, title, paragraphs in _order_sections(text):
        blocks.append(Block(Shape.HEADING, f"Section {number} {title}" if number else title, 1))
        if not number:
            part = Part.PREAMBLE if title == "Preamble" else Part.NOTE
            places = [Pinpoint((title,), part)] * len(paragraphs)
        else:
            placed = levels(paragraphs, f"Sec. {number}")
            if placed is None:
                flags.append(f"Sec. {number}")
            places = placed or [Pinpoint((f"Sec. {number}",))] * len(paragraphs)
        blocks += [
            Block(Shape.PARAGRAPH, line(plain(said)), pinpoint=at) for said, at in zip(paragraphs, places, strict=True)
        ]
    return build(blocks, title=str(meta["title"]), meta=meta, flags=_flags(flags))


def _order_sections(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (number, title, paragraphs); a sentence that a page cuts is one again, what is signed is no section's."""
    number, title, paragraphs, turned = "", "Preamble", list[str](), False
    for raw in re.split(r"\n\s*\n|\n(?=\s*- )", text):
        said = line(raw)
        if not said or said.startswith("#"):
            continue
        if _PAGE.match(said):
            turned = True
            continue
        found = _ORDER_SECTION.match(said)
        signed = bool(number) and _SIGNED.match(said)
        if found or signed:
            if paragraphs:
                yield number, title, paragraphs
            number, title = (found[1], line(found[2])) if found else ("", "Notes")
            paragraphs = [found[3]] if found and found[3] else [] if found else [said]
        elif turned and paragraphs and not said.startswith("- ") and _UNENDED.search(paragraphs[-1]):
            paragraphs[-1] = f"{paragraphs[-1]} {said}"
        else:
            paragraphs.append(said.removeprefix("- "))
        turned = False
    if paragraphs:
        yield number, title, paragraphs


def _snapshot(text: str) -> dict[str, object]:
    """Return as of when a rendition was taken; what was amended after it is not in it, and answers must say so."""
    found = _SNAPSHOT.search(text[:1_000])
    if not found:
        return {}
    day = datetime.strptime(f"1 {found[1]}", "%d %B %Y").date()  # noqa: DTZ007 - a calendar day has no zone
    return {"as_of": day.isoformat(), "status": "amended_since"}


def _flags(sections: Sequence[str]) -> tuple[str, ...]:
    return (f"numbering_inconsistent:{','.join(sections)}"[:200],) if sections else ()
