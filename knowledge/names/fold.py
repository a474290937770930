"""Folds the writing of a name: one width, Latin letters, no marks; letters that only look Latin are folded and told."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_LIKE = str.maketrans(
    "АВЕЅКМНОРСТУХІЈԚԜаеорсухіјѕԛԝһԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧονραικ",
    "ABESKMHOPCTYXIJQWaeopcyxijsqwhdABEZHIKMNOPTYXovpaik",
)
_MIXED = re.compile(r"[A-Za-z](?=\w*[\u0370-\u03ff\u0400-\u052f])|[\u0370-\u03ff\u0400-\u052f](?=\w*[A-Za-z])")
_WORD = re.compile(r"\w+")
_HIDDEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_NATIVE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_INITIALS = re.compile(r"(?<![a-z0-9])[a-z](?:[./][a-z])+(?![a-z0-9])\.?")
_APOSTROPHES = re.compile(r"['’‘`´ʼʹʺ′\"“”„«»]")
_SYMBOLS = str.maketrans({"&": " and ", "+": " and ", "№": " no ", "%": " percent ", "@": " at ", "#": " "})
_TOKEN = re.compile(r"[a-z0-9]+")


def native(text: str) -> bool:
    """Whether a name has Chinese, Japanese or Korean characters, which are compared as they are written."""
    return bool(_NATIVE.search(text))


def plain(text: str) -> tuple[str, bool]:
    """Return a name in one width without hidden characters, and whether it hid any or mixed in letters that look Latin."""
    text = unicodedata.normalize("NFKC", text)
    shown = _HIDDEN.sub("", text)
    if not _MIXED.search(shown):
        return shown, shown != text
    return _WORD.sub(_latin, shown), True


def _latin(word: re.Match[str]) -> str:
    return word[0].translate(_LIKE) if _MIXED.search(word[0]) else word[0]


@lru_cache(maxsize=4096)
def _letters(text: str) -> str:
    return anyascii(text).lower()


def words(text: str) -> tuple[str, ...]:
    """Return the words of a name in lower-case Latin letters; initials are written together, `S.p.A.` is `spa`."""
    if not text.isascii():
        text = _letters(_APOSTROPHES.sub("", text))
    text = _APOSTROPHES.sub("", text.translate(_SYMBOLS).lower())
    text = _INITIALS.sub(_together, text)
    return _joined(_TOKEN.findall(text))


def _together(initials: re.Match[str]) -> str:
    return initials[0].replace(".", "").replace("/", "") + " "


def _joined(tokens: list[str]) -> tuple[str, ...]:
    """Join runs of single letters: `j p morgan` is `jp morgan`."""
    if all(len(token) > 1 for token in tokens):
        return tuple(tokens)
    found: list[str] = []
    open_run = False
    for token in tokens:
        single = len(token) == 1 and token.isalpha()
        if single and open_run:
            found[-1] += token
        else:
            found.append(token)
        open_run = single
    return tuple(found)
