"""Numbers that name a company: which scheme one is of, and whether its check digits fit."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import stdnum
from stdnum import lei
from stdnum.cn import uscc
from stdnum.ru import inn, ogrn

from knowledge.party import Identifier

_SEPARATORS = re.compile(r"[\s.\-/]")
_LABEL = re.compile(
    r"(?P<scheme>LEI|USCC|USCI|OGRN|ОГРН|INN|ИНН|VAT|D-?U-?N-?S|UEI|N?CAGE)(?:\s*(?:no\b\.?|number|code|id))?\s*(?:[:#=]|\s)\s*(?P<value>[\w\s.\-/]+)",
    re.IGNORECASE,
)
_WORD = 5
"""Letters in a row that are a word: identifiers are grouped by four."""
_SAME = {"usci": "uscc", "огрн": "ogrn", "инн": "inn", "d-u-n-s": "duns", "ncage": "cage"}


@dataclass(frozen=True, slots=True)
class Numbered:
    """A text in the shape of an identifier; `wrong` when its check digits do not fit."""

    identifier: Identifier
    title: str
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of number: its shape and its check. Only a `telling` shape is read without a label before it."""

    title: str
    shape: re.Pattern[str]
    fits: Callable[[str], bool]
    telling: bool = False


def _vat(value: str) -> bool:
    """Whether the rule of the country in its first letters holds; a country without a known rule passes."""
    country = {"EL": "gr"}.get(value[:2], value[:2].lower())
    rule = stdnum.get_cc_module(country, "vat")
    return rule is None or bool(rule.is_valid(value if country == "ch" else value[2:]))


def _uei(value: str) -> bool:
    """SAM publishes no checksum: the letters O and I are not used, and the first character is not 0."""
    return not set("OI") & set(value) and value[0] != "0"


def _any(_: str) -> bool:
    return True


SCHEMES = {
    "lei": Scheme("LEI", re.compile(r"[A-Z0-9]{18}\d{2}"), lei.is_valid, telling=True),
    "uscc": Scheme(
        "unified social credit code", re.compile(r"[0-9A-Z]{2}\d{6}[0-9A-Z]{10}"), uscc.is_valid, telling=True
    ),
    "ogrn": Scheme("OGRN", re.compile(r"[1-9]\d{12}(?:\d{2})?"), ogrn.is_valid, telling=True),
    "inn": Scheme("INN", re.compile(r"\d{10}(?:\d{2})?"), inn.is_valid),
    "vat": Scheme("VAT number", re.compile(r"(?:CHE|[A-Z]{2})[A-Z0-9]{7,12}"), _vat),
    "duns": Scheme("DUNS number", re.compile(r"\d{9}"), _any),
    "uei": Scheme("UEI", re.compile(r"[A-Z0-9]{12}"), _uei),
    "cage": Scheme("CAGE code", re.compile(r"[0-9A-Z]{5}"), _any),
}
"""By scheme as `knowledge.party.Identifier` names it. DUNS and CAGE have no check digit."""


def numbered(text: str) -> Numbered | None:
    """Return the identifier that a text is, None for anything else; a shape that names share needs its label before it."""
    if labelled := _LABEL.fullmatch(text.strip()):
        label = labelled["scheme"].lower()
        return _read(_SAME.get(label, label), folded(labelled["value"]))
    value = folded(text)
    if not any(map(str.isdecimal, value)):
        return None
    found = next((found for name, scheme in SCHEMES.items() if scheme.telling and (found := _read(name, value))), None)
    return None if found and _spoken(text, found) else found


def _spoken(text: str, found: Numbered) -> bool:
    """Tell whether words with a number behind them only have the length of an identifier: Eastern Aircraft Works 003."""
    words = [part for part in _SEPARATORS.split(text.strip()) if part.isalpha()]
    alone = len(_SEPARATORS.split(text.strip())) == 1
    return not alone and any(found.wrong or len(word) >= _WORD for word in words)


def folded(value: str) -> str:
    """Return a number as it is compared: capitals, without separators."""
    return _SEPARATORS.sub("", value).upper()


def _read(name: str, value: str) -> Numbered | None:
    scheme = SCHEMES[name]
    if not scheme.shape.fullmatch(value):
        return None
    return Numbered(Identifier(name, value), scheme.title, wrong=not scheme.fits(value))
