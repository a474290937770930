"""Finds the paragraphs and points of an article whose text came without structure; unsure means the article alone."""

import re
from collections.abc import Iterator, Sequence

_NUMBER = re.compile(r"(\d{1,3}[a-z]?)\.\s+\S")
_ALONE = re.compile(r"\((\d{1,3}|[a-z]{1,5})\)")
_LEADING = re.compile(r"\((\d{1,3}|[a-z]{1,2}|[ivx]{1,5})\)\s+\S")
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split()

Path = tuple[str, ...]


def pointed(texts: Sequence[str], article: str) -> list[tuple[str, Path]]:
    """Return each paragraph with its path, an article's number first; a mark alone in its line joins the next one.

    A numbering with a gap or a step back makes the whole article be cited as one. What stands unmarked after a point
    may belong to the point or to what the point hangs on, so it is cited as the latter.
    """
    joined = list(_joined(texts))
    found: list[tuple[str, Path]] = []
    levels: list[tuple[str, str]] = []  # (kind, last mark) from the outside in
    for text in joined:
        mark = _mark(text)
        if mark is None:
            keep = [level for level in levels if level[0] == "number"][:1]
            found.append((text, (article, *(f"({last})" for _, last in keep))))
            continue
        placed = _placed(levels, mark)
        if placed is None:
            return [(one, (article,)) for one in joined]
        levels = placed
        found.append((text, (article, *(f"({last})" for _, last in levels))))
    return found


def _joined(texts: Sequence[str]) -> Iterator[str]:
    waiting = ""
    for text in texts:
        if _ALONE.fullmatch(text):
            waiting = f"{waiting} {text}".strip()
        else:
            yield f"{waiting} {text}".strip()
            waiting = ""
    if waiting:
        yield waiting


def _mark(text: str) -> tuple[str, str] | None:
    """Return a paragraph's own mark as (its sign, its value): "3." gives ("dot", "3"), "(a)" ("round", "a")."""
    if number := _NUMBER.match(text):
        return "dot", number[1]
    if leading := _LEADING.match(text):
        return "round", leading[1]
    return None


def _placed(levels: list[tuple[str, str]], mark: tuple[str, str]) -> list[tuple[str, str]] | None:
    """Return the open levels with a mark taken in, None when it continues none of them and begins none."""
    sign, value = mark
    for depth in range(len(levels) - 1, -1, -1):
        kind, last = levels[depth]
        if _sign(kind) == sign and value == _next(kind, last):
            return [*levels[:depth], (kind, value)]
    for kind, start in (("number", "1"), ("count", "1"), ("letter", "a"), ("roman", "i")):
        if _sign(kind) == sign and value == start and kind not in {known for known, _ in levels}:
            return None if kind == "number" and levels else [*levels, (kind, value)]
    return None


def _sign(kind: str) -> str:
    return "dot" if kind == "number" else "round"


def _next(kind: str, last: str) -> str:
    if kind in {"number", "count"}:
        return str(int(re.sub(r"\D", "", last)) + 1)
    if kind == "roman":
        return _ROMAN[_ROMAN.index(last) + 1] if last in _ROMAN[:-1] else ""
    if last == "z":
        return "aa"
    return last[:-1] + chr(ord(last[-1]) + 1)
