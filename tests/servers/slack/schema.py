"""A small vocabulary for saying what a JSON value must look like and what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a value: a JSON pointer to it, a code and Slack's words for it."""

    pointer: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Rule = Callable[[Any, str], Iterator[Problem]]


def anything(value: Any, at: str) -> Iterator[Problem]:
    """Accept whatever it is given, for shapes that nobody has written down."""
    yield from ()


def text(maximum: int, minimum: int = 1) -> Rule:
    """Ask for a string of that many characters."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(at, "type", "must provide a string")
        elif len(value) < minimum:
            yield Problem(at, "min_length", f"must be more than {minimum - 1} characters")
        elif len(value) > maximum:
            yield Problem(at, "max_length", f"must be less than {maximum + 1} characters")

    return check


def link(maximum: int = 3000) -> Rule:
    """Ask for an absolute URL of at most that many characters."""
    bounded = text(maximum)

    def check(value: Any, at: str) -> Iterator[Problem]:
        yield from bounded(value, at)
        if isinstance(value, str) and value and not re.match(r"[a-z][a-z0-9+.-]*:\S+$", value, re.IGNORECASE):
            yield Problem(at, "url", "must be a valid URL")

    return check


def flag(value: Any, at: str) -> Iterator[Problem]:
    """Ask for true or false."""
    if not isinstance(value, bool):
        yield Problem(at, "type", "must be a boolean")


def number(value: Any, at: str) -> Iterator[Problem]:
    """Ask for a number of any kind."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Problem(at, "type", "must be a number")


def whole(minimum: int, maximum: int) -> Rule:
    """Ask for an integer within both bounds."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem(at, "type", "must be an integer")
        elif not minimum <= value <= maximum:
            yield Problem(at, "range", f"must be an integer between {minimum} and {maximum}")

    return check


def among(*choices: str) -> Rule:
    """Ask for one of these words."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in choices:
            yield Problem(at, "enum", f"must be a valid enum value: {', '.join(choices)}")

    return check


def many(rule: Rule, minimum: int, maximum: int) -> Rule:
    """Ask for that many items which all keep the rule."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(at, "type", "must provide an array")
            return
        if len(value) < minimum:
            yield Problem(at, "min_items", f"no fewer than {minimum} items allowed")
        if len(value) > maximum:
            yield Problem(at, "max_items", f"no more than {maximum} items allowed")
        for index, item in enumerate(value):
            yield from rule(item, f"{at}/{index}")

    return check


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """Ask for an object with these keys and, besides ``type``, no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(at, "type", "must provide an object")
            return
        yield from (Problem(at, "required", f"missing required field: {key}") for key in required if key not in value)
        for key, item in value.items():
            if key in known:
                yield from known[key](item, f"{at}/{key}")
            elif key != "type":
                yield Problem(at, "additional_property", f"invalid additional property: {key}")

    return check


def variant(kinds: Mapping[str, Rule]) -> Rule:
    """Ask for an object whose ``type`` names the rule it keeps."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(at, "type", "must provide an object")
        elif "type" not in value:
            yield Problem(at, "required", "missing required field: type")
        elif value["type"] not in kinds:
            yield Problem(f"{at}/type", "unsupported_type", f"unsupported type: {value['type']}")
        else:
            yield from kinds[value["type"]](value, at)

    return check


def nullable(rule: Rule) -> Rule:
    """Let null stand where the rule would otherwise hold."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if value is not None:
            yield from rule(value, at)

    return check


def every(*rules: Rule) -> Rule:
    """Ask for all of these rules at once."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        for rule in rules:
            yield from rule(value, at)

    return check


def some(*keys: str) -> Rule:
    """Ask an object for at least one of these keys."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, dict) and not any(key in value for key in keys):
            yield Problem(at, "required", f"missing required field: one of {', '.join(keys)}")

    return check


def only(*keys: str) -> Rule:
    """Ask an object for exactly one of these keys."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        yield from some(*keys)(value, at)
        if isinstance(value, dict) and sum(key in value for key in keys) > 1:
            yield Problem(at, "exclusive", f"must provide only one of {', '.join(keys)}")

    return check


def unless(key: str, other: str) -> Rule:
    """Ask an object not to set ``key`` while ``other`` is true."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, dict) and value.get(other) and key in value:
            yield Problem(f"{at}/{key}", "exclusive", f"cannot be set together with {other}")

    return check
