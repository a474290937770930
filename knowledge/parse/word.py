"""Reads Word files with the numbers that Word shows: lists and clauses are counted as the program counts them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.errors import DocumentRefused
from knowledge.parse import policy
from knowledge.parse.clean import line
from knowledge.parse.package import checked
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading (\d)|title", re.IGNORECASE)
_DOTTED = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?")
_LETTER = re.compile(r"\(?([a-z]{1,4}|\d{1,3})[.)]+")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
          (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(slots=True)
class _Numbering:
    """The counters of a document: by abstract list, so that a resumed list goes on (shared notes on sources, 8c)."""

    levels: Mapping[str, Mapping[int, Mapping[str, str]]]
    lists: Mapping[str, str]
    starts: Mapping[tuple[str, int], int]
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def label(self, number: str, level: int) -> str:
        """Count one paragraph of a list on, and return its label as Word prints it."""
        abstract = self.lists.get(number)
        form = self.levels.get(abstract or "", {}).get(level)
        if abstract is None or form is None:
            return ""
        here = (abstract, level)
        if (number, level) in self.starts and (number, level) not in self.begun:
            self.begun.add((number, level))
            self.counts[here] = self.starts[number, level] - 1
        self.counts[here] = self.counts.get(here, int(form["start"]) - 1) + 1
        for deeper in [key for key in self.counts if key[0] == abstract and key[1] > level]:
            del self.counts[deeper]
        if form["format"] == "bullet":
            return "-"
        if form["format"] == "none":
            return ""
        return re.sub(r"%([1-9])", lambda found: self._shown(abstract, int(found[1]) - 1, form), form["text"])

    def _shown(self, abstract: str, level: int, own: Mapping[str, str]) -> str:
        form = self.levels[abstract].get(level, own)
        count = self.counts.get((abstract, level), int(form["start"]))
        return _written(count, "decimal" if own.get("legal") else form["format"])


def read(raw: bytes) -> tuple[Parsed, ...]:
    """Parse a Word file; deleted and hidden text is left out, inserted text is in."""
    import docx  # noqa: PLC0415 - heavy, and only Word files need it

    stream = checked(raw, "Word (.docx)", "word/document.xml")
    try:
        document = docx.Document(stream)
    except (KeyError, ValueError, AttributeError) as error:
        raise DocumentRefused("the Word (.docx) file is broken, so nothing of it was read") from error
    blocks = list(_blocks(document, _numbering(document)))
    title = next((block.text for block in blocks if block.shape is Shape.HEADING), document.core_properties.title or "")
    head = "\n".join(block.text for block in blocks[:30])
    return (build(blocks, title=title, meta=policy.facts(head)),)


def _blocks(document: Any, numbering: _Numbering) -> Iterator[Block]:
    section = ""
    for node in document.element.body.iter(f"{_W}p", f"{_W}tbl"):
        if node.tag == f"{_W}tbl":
            yield from (Block(Shape.PARAGRAPH, row, pinpoint=_at(section)) for row in _rows(node))
            continue
        if any(above.tag == f"{_W}tbl" for above in node.iterancestors()):
            continue
        text = line(_text(node))
        label = _label(document, node, numbering)
        if not text:
            continue
        level = _level(document, node)
        dotted = _DOTTED.fullmatch(label)
        if dotted:
            section = dotted[1]
        elif level:
            section = ""
        letter = _LETTER.fullmatch(label) if section and not dotted else None
        said = f"{label} {text}".strip()
        if level:
            yield Block(Shape.HEADING, said, level)
        else:
            yield Block(Shape.PARAGRAPH, said, pinpoint=_at(section, f"({letter[1]})" if letter else ""))


def _at(section: str, letter: str = "") -> Pinpoint:
    return Pinpoint(tuple(filter(None, (f"§{section}", letter)))) if section else Pinpoint()


def _text(node: Any) -> str:
    """Return a paragraph's visible words in order."""
    said = ""
    for part in node.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}noBreakHyphen"):
        run = next((above for above in part.iterancestors() if above.tag == f"{_W}r"), None)
        gone = any(above.tag in {f"{_W}del", f"{_W}moveFrom"} for above in part.iterancestors())
        hidden = run is not None and run.find(f"{_W}rPr/{_W}vanish") is not None
        if not gone and not hidden:
            said += {f"{_W}t": part.text or "", f"{_W}noBreakHyphen": "-"}.get(part.tag, " ")
    return said


def _rows(table: Any) -> Iterator[str]:
    for row in table.iterchildren(f"{_W}tr"):
        cells = [line(" ".join(_text(one) for one in cell.iter(f"{_W}p"))) for cell in row.iterchildren(f"{_W}tc")]
        if any(cells):
            yield " | ".join(cell for cell in cells if cell)


def _level(document: Any, node: Any) -> int:
    """Return a heading's level by its style, 0 for a paragraph."""
    named = node.find(f"{_W}pPr/{_W}pStyle")
    if named is None:
        return 0
    style = next((one for one in document.styles if one.style_id == named.get(f"{_W}val")), None)
    found = _HEADING.fullmatch(style.name) if style is not None and style.name else None
    return int(found[1] or 1) if found else 0


def _label(document: Any, node: Any, numbering: _Numbering) -> str:
    number, level = _own_number(node.find(f"{_W}pPr/{_W}numPr"))
    named = node.find(f"{_W}pPr/{_W}pStyle")
    style_id = named.get(f"{_W}val") if named is not None else None
    seen = set()
    while number is None and style_id and style_id not in seen:
        seen.add(style_id)
        style = next(
            (one for one in document.styles.element.iter(f"{_W}style") if one.get(f"{_W}styleId") == style_id), None
        )
        if style is None:
            break
        number, level = _own_number(style.find(f"{_W}pPr/{_W}numPr"))
        if number is not None and level is None:
            level = _level_of_style(numbering, number, style_id)
        based = style.find(f"{_W}basedOn")
        style_id = based.get(f"{_W}val") if based is not None else None
    return "" if number in {None, "0"} else numbering.label(str(number), level or 0)


def _own_number(node: Any) -> tuple[str | None, int | None]:
    if node is None:
        return None, None
    number, level = node.find(f"{_W}numId"), node.find(f"{_W}ilvl")
    return (
        number.get(f"{_W}val") if number is not None else None, int(level.get(f"{_W}val")) if level is not None else None,
    )  # fmt: skip


def _level_of_style(numbering: _Numbering, number: str, style_id: str) -> int:
    levels = numbering.levels.get(numbering.lists.get(number, ""), {})
    return next((level for level, form in levels.items() if form.get("style") == style_id), 0)


def _numbering(document: Any) -> _Numbering:
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return _Numbering({}, {}, {})
    levels = {
        one.get(f"{_W}abstractNumId"): {
            int(level.get(f"{_W}ilvl")): _form(level) for level in one.iterchildren(f"{_W}lvl")
        }
        for one in root.iterchildren(f"{_W}abstractNum")
    }
    lists, starts = {}, {}
    for one in root.iterchildren(f"{_W}num"):
        number = one.get(f"{_W}numId")
        lists[number] = one.find(f"{_W}abstractNumId").get(f"{_W}val")
        for change in one.iterchildren(f"{_W}lvlOverride"):
            start = change.find(f"{_W}startOverride")
            if start is not None:
                starts[number, int(change.get(f"{_W}ilvl"))] = int(start.get(f"{_W}val"))
    return _Numbering(levels, lists, starts)


def _form(level: Any) -> dict[str, str]:
    def value(name: str, default: str) -> str:
        found = level.find(f"{_W}{name}")
        return str(found.get(f"{_W}val", default)) if found is not None else default

    legal = "yes" if level.find(f"{_W}isLgl") is not None else ""
    return {
        "start": value("start", "1"), "format": value("numFmt", "decimal"), "text": value("lvlText", ""), "style": value("pStyle", ""),
        "legal": legal,
    }  # fmt: skip


def _written(count: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"}:
        letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in {"lowerRoman", "upperRoman"}:
        said = ""
        for value, sign in _ROMAN:
            while count >= value:
                said, count = said + sign, count - value
        return said.upper() if form == "upperRoman" else said
    return f"{count:02d}" if form == "decimalZero" else str(count)
