"""Walks through a list in XML without holding all of it: no document type, no entities, no network, nothing cut off."""

import io
from collections.abc import Iterator

from lxml import etree

from knowledge.errors import ListRefused
from knowledge.lists.content import page
from knowledge.parse.clean import line


def elements(raw: bytes, root: str, *names: str) -> Iterator[etree._Element]:
    """Yield the elements of these names, whole, in the order in which they end; none of them may hold another.

    What was yielded is emptied when the next one is asked for. Raises ListRefused for another root, for a document type and,
    perhaps only at the end, for XML that is broken or cut off.
    """
    if not raw.strip():
        raise ListRefused("the file is empty")
    if page(raw):
        raise ListRefused("the publisher answered with a web page instead of the list")
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ListRefused("the XML declares a document type or entities, which no honest list needs; it was not read")
    tags = [f"{{*}}{name}" for name in (*names, root)]
    steps = etree.iterparse(
        io.BytesIO(raw), events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    found = False
    try:
        for _, element in steps:
            if not found:
                _check(element.getroottree(), root)
                found = True
            if element.getparent() is not None:
                yield element
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise ListRefused("the XML is broken or cut off, so nothing of it was taken") from error
    if not found:
        raise ListRefused(f"the XML holds no {root}, so it is not this list")


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace, whatever stands in that."""
    return str(element.tag).rpartition("}")[2]


def said(element: etree._Element, path: str) -> str:
    """Return the text at a path of child names as one line, "" where there is none."""
    return line(element.findtext("/".join(f"{{*}}{name}" for name in path.split("/"))) or "")


def all_said(element: etree._Element, path: str) -> tuple[str, ...]:
    """Return every text at a path that says something."""
    found = element.iterfind("/".join(f"{{*}}{name}" for name in path.split("/")))
    return tuple(filter(None, (line(one.text or "") for one in found)))


def children(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """Yield the elements at a path of child names."""
    yield from element.iterfind("/".join(f"{{*}}{name}" for name in path.split("/")))


def _check(tree: "etree._ElementTree[etree._Element]", root: str) -> None:
    if tree.docinfo.doctype:
        raise ListRefused("the XML declares a document type, which no honest list needs; it was not read")
    if (name := local(tree.getroot())) != root:
        raise ListRefused(f"the XML begins with {name[:60]} where this list begins with {root}")


def _forget(element: etree._Element) -> None:
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
