"""The normal forms of a name, the same for what is asked and what is listed: its words, its core, its keys."""

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from knowledge.names.fold import native, plain, words
from knowledge.names.table import EDGE, table

MOST_WORDS = 24
"""Words of a name after this one do not come into its core."""
LEAST_SPELLED = 12
"""Letters of a legal form from which one slip in it is forgiven."""
_SPACE = re.compile(r"[\W_]+")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_DIGITS = re.compile(r"\d+")
_ROMAN = {
    roman: str(number)
    for number, roman in enumerate(
        "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv xxv".split(),
        start=1,
    )
}
_EDGES = frozenset({"the", "and", "of"})


@dataclass(frozen=True, slots=True)
class Form:
    """A name as it is compared.

    `words` are all its words folded; `core` is without legal forms, with abbreviations and numbers written one way.
    `legal` are the families of its legal forms. `script` is the core in Chinese, Japanese or Korean characters, or what there is
    of a name without any letter; empty for other names. `disguised` says that letters only looked Latin, or were hidden.
    """

    words: tuple[str, ...]
    core: tuple[str, ...]
    legal: frozenset[str]
    script: str = ""
    disguised: bool = False

    @property
    def full(self) -> str:
        """All words without spaces."""
        return "".join(self.words)

    @property
    def key(self) -> str:
        """The core without spaces."""
        return "".join(self.core)

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers in the core, however they were written."""
        return frozenset(number for word in self.core for number in _DIGITS.findall(word))


def form(text: str) -> Form:
    """Return the normal form of a name; a name of nothing but a legal form keeps it as its core."""
    shown, disguised = plain(text)
    script = ""
    if native(shown):
        script, shown = _script(shown)
    found = words(shown)
    if not found:
        return Form((), (), frozenset(), script or characters(text), disguised)
    core, legal = _unformed(found[:MOST_WORDS]) if found not in table().legal else (found, frozenset[str]())
    return Form(found, _written_out(core), legal, script, disguised)


def characters(text: str) -> str:
    """Return a name's letters of any script without spaces, marks or case; traditional characters as simplified ones."""
    return _SPACE.sub("", plain(text)[0].translate(table().characters)).casefold()


def _script(text: str) -> tuple[str, str]:
    """Return the characters of a name without its legal form, and what to write in Latin letters: its own, or these characters."""
    whole = characters("".join(letter if native(letter) else " " for letter in text))
    core = _trimmed(whole) or whole
    for place in table().native_places:
        if core.startswith(place) and len(core) > len(place) + 1:
            core = place[:-1] + core.removeprefix(place)
    latin = "".join(" " if native(letter) else letter for letter in text)
    return core, latin if len(words(latin)) and len("".join(words(latin))) > 2 else core


def _trimmed(text: str) -> str:
    """Cut legal forms off both ends, as often as there are any."""
    for suffix in table().suffixes:
        if text.endswith(suffix) and len(text) > len(suffix) + 1:
            return _trimmed(text.removesuffix(suffix))
        if text.startswith(suffix) and len(suffix) > 2 and len(text) > len(suffix) + 1:
            return _trimmed(text.removeprefix(suffix))
    return text


def _unformed(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Cut legal forms: short ones from both ends only, long ones wherever they stand."""
    families: set[str] = set()
    tokens = tokens[1:] if len(tokens) > 2 and tokens[0] == "the" else tokens
    while cut := _tail(tokens) or _head(tokens):
        tokens, family = cut
        families.add(family)
    tokens, inner = _inner(tokens)
    return tokens, frozenset(families | inner)


def _tail(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], str] | None:
    legal = table().legal
    for size in range(min(table().longest, len(tokens) - 1), 0, -1):
        tail = tokens[-size:]
        family = legal.get(tail) or (_misspelled("".join(tail)) if size < 5 else None)
        if family:
            return tokens[:-size], family
    return None


def _head(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], str] | None:
    legal = table().legal
    for size in range(min(table().longest, len(tokens) - 1), 0, -1):
        family = legal.get(tokens[:size])
        if family and not (size == 1 and family == "open"):
            return tokens[size:], family
    return None


def _misspelled(tail: str) -> str | None:
    """Return the family of a long legal form that is written with one slip, `aktiengeselschaft`."""
    if len(tail) < LEAST_SPELLED or not {tail[:EDGE], tail[-EDGE:]} & table().edges:
        return None
    near = extractOne(tail, table().spelled.keys(), scorer=OSA.distance, processor=None, score_cutoff=1)
    return table().spelled[near[0]] if near else None


def _inner(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], set[str]]:
    legal = table().legal
    for size in range(min(table().longest, len(tokens) - 1), 0, -1):
        for start in range(len(tokens) - size + 1):
            run = tokens[start : start + size]
            family = legal.get(run)
            if family and len("".join(run)) >= (4 if family != "open" else 99):
                rest, families = _inner(tokens[:start] + tokens[start + size :])
                return rest, families | {family}
    return tokens, set()


def _written_out(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Write abbreviations out and numbers as digits; leave out "and", "of" and "the"."""
    found: list[str] = []
    position = 0
    while position < len(tokens):
        full, taken = _expanded(tokens, position)
        found += full
        position += taken
    kept = tuple(word for word in _counted(found) if word not in _EDGES)
    return kept or tokens


def _expanded(tokens: tuple[str, ...], position: int) -> tuple[tuple[str, ...], int]:
    known = table().abbreviations
    for size in (4, 3, 2, 1):
        if full := known.get(tokens[position : position + size]):
            return full, min(size, len(tokens) - position)
    return (tokens[position],), 1


def _counted(tokens: list[str]) -> list[str]:
    """Write numbers as digits, `forty four` as `44`; Roman ones only after another word."""
    numbers = table().numbers
    found: list[str] = []
    tens = False
    for place, word in enumerate(tokens):
        value = numbers.get(word)
        if value is None and (ordinal := _ORDINAL.fullmatch(word)):
            value = int(ordinal[1])
        if value is None and word.isdecimal() and len(word) < 9:
            value = int(word)
        if value is None and place and word in _ROMAN:
            value = int(_ROMAN[word])
        if value is not None and tens and 0 < value < 10:
            found[-1] = str(int(found[-1]) + value)
        else:
            found.append(word if value is None else str(value))
        tens = word in numbers and value is not None and value >= 20 and value % 10 == 0
    return found
