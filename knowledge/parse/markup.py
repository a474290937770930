"""Reads XML safely and hands it to the parser for its root element: law, notices and advisories each have their own."""

from collections.abc import Callable

from lxml import etree

from knowledge.errors import DocumentRefused, PassedOver
from knowledge.parse import clml, ecfr, formex, register
from knowledge.parse.tree import Parsed


def _notice(_root: etree._Element) -> tuple[Parsed, ...]:
    raise PassedOver("this is a notice about an act, not its text")


ROOTS: dict[str, Callable[[etree._Element], tuple[Parsed, ...]]] = {
    "DLPSTEXTCLASS": ecfr.read, "ECFR": ecfr.read, "DIV1": ecfr.read, "DIV5": ecfr.read, "DIV8": ecfr.read, "DIV9": ecfr.read,
    "RULE": register.read, "PRORULE": register.read, "NOTICE": register.read, "PRESDOCU": register.read,
    "Legislation": clml.read, "ACT": formex.read, "CONS.ACT": formex.read, "LEXP.COMBINED": formex.read,
}  # fmt: skip
"""Parsers by the root element's local name, without its namespace."""

_DEPTH = 256
"""Levels of nesting; a law has under thirty."""


def read(raw: bytes) -> tuple[Parsed, ...]:
    """Parse an XML file; raise DocumentRefused when it is broken, declares entities, or is of no known form."""
    root = tree(raw)
    name = etree.QName(root).localname
    if name not in ROOTS:
        raise DocumentRefused(f"this XML is of no form that is read: its root element is {name[:60]}")
    if name == "NOTICE" and root.get(
        "decoding"
    ):  # CELLAR's notices share their root's name with the Federal Register's
        return _notice(root)
    return ROOTS[name](root)


def tree(raw: bytes) -> etree._Element:
    """Return the root of an XML file, read without network, external entities or expansion."""
    if b"<!ENTITY" in raw:
        raise DocumentRefused("the XML declares entities, which no honest source needs; it was not expanded")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise DocumentRefused("the XML is broken, so nothing of it was read") from error
    if any(_depth(node) > _DEPTH for node in root.iter() if not len(node)):
        raise DocumentRefused("the XML is nested deeper than any document")
    return root


def _depth(node: etree._Element) -> int:
    return sum(1 for _ in node.iterancestors())
