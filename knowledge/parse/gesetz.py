"""Reads a German federal law in the Markdown of its open collection; what is not in force yet is said to be unknown."""

import re
from collections.abc import Iterator

from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_KNOWN = re.compile(r"\A---\n(?:.*\n){0,12}?jurabk: ?(\S+)")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_MADE = re.compile(r"Ausfertigungsdatum\n: +(\d{4}-\d{2}-\d{2})")
_HEADING = re.compile(r"^(#{1,6}) (.+)$")
_SECTION = re.compile(r"(?:\(XXXX\) )?§ (\d+[a-z]?)\b")
_PARAGRAPH = re.compile(r"\((\d{1,2}[a-z]?)\) ")
_PENDING = "zukünftig in Kraft"


def knows(text: str) -> bool:
    """Tell whether a text is such a law, by its front matter."""
    return _KNOWN.match(text) is not None


def read(text: str) -> tuple[Parsed, ...]:
    """Parse a law: § and Absatz as it prints them."""
    named, title, made = _KNOWN.match(text), _TITLE.search(text), _MADE.search(text)
    short = named[1] if named else ""
    pending = _PENDING in text
    meta: dict[str, object] = {
        "id": f"de:{short.lower()}", "title": line(title[1]) if title else short, "short": short, "citation": short, "kind": "regulation",
        "jurisdiction": "DE", "language": "de", "licence": "official work, § 5 UrhG",
        "url": f"https://www.gesetze-im-internet.de/{short.lower()}/", "status": "unknown" if pending else "in_force",
    }  # fmt: skip
    if made:
        meta["published"] = made[1]
    flags = ("not_yet_in_force",) if pending else ()
    return (build(_blocks(text), title=str(meta["title"]), meta=meta, flags=flags),)


def _blocks(text: str) -> Iterator[Block]:
    section = ""
    number = ""
    for raw in re.split(r"\n\s*\n", text.split("\n---", 1)[-1]):
        said = line(raw)
        if not said or said.startswith(("Ausfertigungsdatum", "Fundstelle")):
            continue
        if heading := _HEADING.match(raw.strip()):
            found = _SECTION.search(heading[2])
            section, number = (found[1] if found else ""), ""
            yield Block(Shape.HEADING, line(heading[2]), len(heading[1]))
            continue
        if paragraph := _PARAGRAPH.match(said):
            number = paragraph[1]
        path = (f"§ {section}", f"Abs. {number}") if section and number else (f"§ {section}",) if section else ()
        yield Block(Shape.PARAGRAPH, said, pinpoint=Pinpoint(path))
