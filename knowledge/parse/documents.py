"""Reads JSON and JSON lines, and hands each to the parser for its form: acts, catalogues, advisories, packs."""

import json
from collections.abc import Callable
from typing import Any

from knowledge.errors import DocumentRefused, PassedOver
from knowledge.parse import act, controls, csaf, kev, oscal, register
from knowledge.parse.tree import Parsed

FORMS: list[tuple[Callable[[Any], bool], Callable[[Any], tuple[Parsed, ...]]]] = [
    (act.knows, act.read),
    (csaf.knows, csaf.read),
    (kev.knows, kev.read),
    (oscal.knows, oscal.read),
    (controls.knows, controls.read),
    (register.knows, register.read_one),
]
"""(does it know this value, its parser), asked in order; a value is what json gives: dict, list, string, number."""
LINE_FORMS: list[tuple[Callable[[Any], bool], Callable[[Any], Parsed]]] = [(register.knows, register.read_row)]
"""The same for a single line of a file of JSON lines."""


def read(raw: bytes) -> tuple[Parsed, ...]:
    """Parse a JSON file; raise DocumentRefused when it is broken, PassedOver when its form is none that holds texts."""
    value = _loaded(raw)
    for knows, reader in FORMS:
        if knows(value):
            return reader(value)
    raise PassedOver("this JSON is of no form that holds citable texts")


def read_lines(raw: bytes) -> tuple[Parsed, ...]:
    """Parse JSON lines, a document each; raise PassedOver when no line is of a form that holds texts."""
    found = []
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        value = _loaded(line, f"line {number} of it")
        found += [reader(value) for knows, reader in LINE_FORMS if knows(value)][:1]
    if not found:
        raise PassedOver("these JSON lines are of no form that holds citable texts")
    return tuple(found)


def _loaded(raw: bytes, what: str = "it") -> Any:
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(f"{what} is not valid JSON, so nothing of the file was read") from error
