"""Names as lists write them: each kept once, acronyms and "also known as" taken out of one text as names of their own."""

import re
from collections.abc import Iterable, Iterator

from knowledge.party import NameKind, PartyName

_ACRONYM = re.compile(r"(?P<long>\S.*\S) ?\((?P<short>[A-Z][A-Za-z0-9&./-]*[A-Z0-9](?: \d{1,3})?)\)(?P<rest>.*)")
_QUOTES = "'\"‘’“”"


def distinct(names: Iterable[PartyName]) -> tuple[PartyName, ...]:
    """Return the names that say something, in their order, each text once under the first kind that it came with."""
    first: dict[str, PartyName] = {}
    for name in names:
        if name.text:
            first.setdefault(name.text, name)
    return tuple(first.values())


def forms(names: Iterable[PartyName]) -> tuple[PartyName, ...]:
    """Return the names of an organisation with what their acronyms in parentheses make of them, each text once."""
    return distinct(form for name in names for form in spelled(name))


def spelled(name: PartyName) -> Iterator[PartyName]:
    """Yield a name and, where it carries its acronym in parentheses, the name without it and the acronym as aliases."""
    yield name
    if found := _ACRONYM.fullmatch(name.text):
        long, short, rest = found["long"], found["short"], found["rest"]
        if short.upper() == short and _stands_for(short, long) and not rest.strip(" .,"):
            other = NameKind.ALIAS if name.kind is NameKind.PRIMARY else name.kind
            yield PartyName(long, other, name.language)
            yield PartyName(short, other, name.language)


def _stands_for(short: str, long: str) -> bool:
    """Tell whether the letters of an acronym come in the name in their order: a place in parentheses is no acronym."""
    letters = iter(long.upper())
    return len(short) <= 12 and all(letter in letters for letter in short if letter.isalpha())


def unquoted(text: str) -> str:
    """Return the text without blanks and quotation marks around it."""
    return text.strip().strip(_QUOTES).strip()


def latin(text: str) -> bool:
    """Tell whether most letters of a text are Latin."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(letter < "ɐ" or "Ḁ" <= letter <= "ỿ" for letter in letters) * 2 >= len(letters)
