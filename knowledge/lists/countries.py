"""Says which country a list means: names in any order of words, three-letter codes and two-letter codes to ISO alpha-2."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from knowledge import yamls

_WORD = re.compile(r"[a-z]+")
_LINKS = frozenset(("the", "of", "and"))


@cache
def code(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country's name or code, "" where the text names none."""
    said = text.strip()
    return _codes().get(said) or _names().get(_key(said), "")


def codes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of the texts that name a country, in their order, each once."""
    return tuple(dict.fromkeys(filter(None, map(code, texts))))


@cache
def _rows() -> dict[str, list[str]]:
    rows: dict[str, list[str]] = yamls.read(files("knowledge.lists").joinpath("countries.yaml").read_text("utf-8"))
    return rows


@cache
def _codes() -> dict[str, str]:
    return {short: to for to, (three, *_) in _rows().items() for short in (to, three)}


@cache
def _names() -> dict[str, str]:
    return {_key(name): to for to, (_, *names) in _rows().items() for name in names}


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    return " ".join(sorted(set(_WORD.findall(plain)) - _LINKS))
