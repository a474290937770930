"""Reads the World Bank's debarred firms as the bank's own page fetches them in JSON."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from knowledge.errors import ListRefused
from knowledge.lists.content import Content, day, decoded, single
from knowledge.lists.countries import codes
from knowledge.lists.identifiers import number, said, seated
from knowledge.lists.naming import distinct, latin, spelled
from knowledge.parse.clean import line
from knowledge.party import Identifier, Listing, ListRead, NameKind, Party, PartyKind, PartyName

URL = "https://projects.worldbank.org/en/projects-operations/procurement/debarred-firms"

_NEEDED = ("SUPP_ID", "SUPP_NAME", "DEBAR_FROM_DATE", "DEBAR_TO_DATE", "DEBAR_REASON")
_FOREVER = date(2999, 12, 31)
_LONGEST = 80
"""Characters of a name; what is longer was cut by the bank."""

_FOOTNOTE = re.compile(r"\*\s*\d+(?:(?:\s*,\s*|\s+and\s+)\*?\s*\d+)*")
_MARK = re.compile(
    r"[\s,(]*(?<![A-Za-z0-9])(?:also |currently )?"
    r"(?:(?P<former>f/k/a|f\.?k\.?a\b\.?|formerly(?: known as| operating as)?|previously known as)"
    r"|a/k/a|a\.?k\.?a\b\.?|d/b/a|d\.b\.a\b\.?|(?:also|currently) known as|also doing business under|, also(?= M[RS]))\s*:?\s+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:(?:China )?Business )?Reg(?:istration)?\.? No\.?:?\s*(?P<value>[^()（）;]+)", re.IGNORECASE)
_SINCE = re.compile(r" as of \w+\.? \d+, \d{4}\s*$")
_PHRASE = re.compile(r"[()（）;]")
_NATIVE = re.compile(r"[㐀-鿿](?:[㐀-鿿（）()]*[㐀-鿿）)])?")

_Row = Mapping[str, Any]


def read(content: Content) -> ListRead:
    """Read the answer for sanctioned firms; rows of one name, one for each address, are one party."""
    found = _rows(single(content))
    groups: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in found:
        groups[line(str(row["SUPP_NAME"] or ""))].append(row)
    nameless = len(groups.pop("", ()))
    snapshot = max(filter(None, (day(str(row.get("LAST_REFRESH_DATE") or "")) for row in found)), default=None)
    parties = tuple(_party(name, of_name) for name, of_name in groups.items())
    return ListRead("wb.debarred", parties, len(found), snapshot, {"no name": nameless} if nameless else {})


def _rows(raw: bytes) -> list[_Row]:
    try:
        value = json.loads(decoded(raw))
    except ValueError as error:
        raise ListRefused("the JSON is broken or cut off, so nothing of it was taken") from error
    found = (
        value["response"].get("ZPROCSUPP")
        if isinstance(value, dict) and isinstance(value.get("response"), dict)
        else None
    )
    if not isinstance(found, list):
        raise ListRefused("the JSON holds no response with ZPROCSUPP; the publisher may have answered with an error, or its key has changed")  # fmt: skip
    if not found:
        raise ListRefused("the list has no rows")
    if not all(isinstance(row, dict) and all(name in row for name in _NEEDED) for row in found):
        raise ListRefused(f"rows lack one of {', '.join(_NEEDED)}, so the format has changed")
    return found


def _party(name: str, rows: list[_Row]) -> Party:
    said_more = [line(str(row.get("ADD_SUPP_INFO") or "")) for row in rows]
    countries = codes(str(row.get("LAND1") or row.get("COUNTRY_NAME") or "") for row in rows)
    kind = PartyKind.PERSON if all(row.get("SUPP_TYPE_CODE") == "I" for row in rows) else PartyKind.ORGANISATION
    names = (
        *_named(name),
        *(form for more in said_more for form in _added(more, is_alias=_MARK.match(name) is not None)),
    )
    spans = {(row["DEBAR_FROM_DATE"], row["DEBAR_TO_DATE"], row["DEBAR_REASON"]): row for row in rows}
    return Party(
        str(min(int(row["SUPP_ID"]) for row in rows)),
        kind,
        distinct(names),
        tuple(_listing(row) for row in spans.values()),
        countries,
        seated((one for more in said_more for one in _numbers(more)), countries)
        if kind is not PartyKind.PERSON
        else (),
    )


def _named(text: str) -> Iterator[PartyName]:
    """Yield the names in one text; the first that is not marked as an alias, or else the first of all, is the primary."""
    pieces = list(_pieces(text))
    for number_, (piece, kind) in enumerate(pieces):
        cut = len(text) >= _LONGEST and not text.endswith(")") and 0 < number_ == len(pieces) - 1
        primary = PartyName(piece, NameKind.PRIMARY if number_ == 0 else NameKind.WEAK if cut else kind)
        yield from spelled(primary)


def _added(text: str, *, is_alias: bool) -> Iterator[PartyName]:
    """Yield the names in what the bank adds: native ones, marked aliases and, beside an alias, the name it belongs to."""
    for native in _NATIVE.findall(_FOOTNOTE.sub("", text)):
        yield PartyName(native.strip("（）()"), NameKind.NATIVE)
    pieces = list(_pieces(_NUMBER.sub("", text)))
    marked = _MARK.search(text) is not None
    for piece, kind in pieces if is_alias or marked else ():
        if latin(piece) and (is_alias or piece != pieces[0][0] or _MARK.match(text)):
            yield PartyName(piece, kind)


def _pieces(text: str) -> Iterator[tuple[str, NameKind]]:
    """Yield what stands between the marks, without footnotes, each with the kind of the mark before it."""
    plain, kind, at = _FOOTNOTE.sub("", text), NameKind.ALIAS, 0
    for mark in (*_MARK.finditer(plain), None):
        piece = _trimmed(plain[at : mark.start() if mark else None])
        if any(letter.isalpha() for letter in piece):
            yield piece, kind
        if mark:
            kind, at = NameKind.FORMER if mark["former"] else NameKind.ALIAS, mark.end()


def _trimmed(piece: str) -> str:
    """Return a piece up to the parenthesis that closes what a mark opened, without what is left of taken out numbers."""
    depth = 0
    for at, letter in enumerate(piece):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return piece[:at].strip(" ,;")
    return _SINCE.sub("", piece).strip(" ,;").removesuffix("()").rstrip(" ,;(")


def _numbers(text: str) -> Iterator[Identifier]:
    for phrase in _PHRASE.split(_FOOTNOTE.sub("", text)):
        named = _NUMBER.fullmatch(phrase.strip())
        if found := said(phrase.strip()) or (number("registration", named["value"]) if named else None):
            yield found


def _listing(row: _Row) -> Listing:
    end = day(str(row["DEBAR_TO_DATE"] or ""))
    told = (str(row["DEBAR_REASON"] or ""), str(row.get("INELIGIBLY_STATUS") or ""))
    return Listing(
        "worldbank-debarred",
        citation=f"World Bank debarred firms, supplier {row['SUPP_ID']}",
        url=URL,
        start=day(str(row["DEBAR_FROM_DATE"] or "")),
        end=None if end == _FOREVER else end,
        excerpt="\n".join(filter(None, map(line, told))),
    )
