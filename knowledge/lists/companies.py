"""Takes apart a text that names several companies: subsidiaries, aliases, enumerations, and what is said about them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from knowledge.lists.countries import code
from knowledge.lists.naming import distinct, spelled
from knowledge.parse.clean import line
from knowledge.party import Listing, NameKind, Party, PartyKind, PartyName, Relation

_FORM = r"(?:Co|Company|Corp|Corporation|Inc|Ltd|Limited|LLC|L\.L\.C|Bhd|Berhad|Pvt|GmbH|S\.A|S\.R\.L|S\.A\. de C\.V|D\.O\.O|S\.p\.A|B\.V|PLC|JSC|Group|Cooperative)"
_ENDS_IN_FORM = re.compile(rf"\b{_FORM}\.?$", re.IGNORECASE)
_ONLY_FORM = re.compile(rf"{_FORM}\.?(?: {_FORM}\.?)*", re.IGNORECASE)
_ALIASES = re.compile(
    r"\((?P<how>(?:and|including) \w+ alias(?:es)?:?|(?:also|formerly) (?:known as|doing business as):?|a\.?/?k\.?/?a\.?|f\.?/?k\.?/?a\.?)\s+(?P<list>(?:[^()]|\([^()]*\))+)\)",
    re.IGNORECASE,
)
_AKA = re.compile(r",?\s+(?P<how>a/k/a|a\.k\.a\.?|aka|f/k/a|f\.k\.a\.?)\s+", re.IGNORECASE)
_NAMED_SUBSIDIARIES = re.compile(
    r",?\s+and (?:its|their) (?:[\w-]+ ){0,3}(?:subsidiar(?:y|ies)|affiliates?|branches)(?: from \w+)?(?:,? (?:which include|including|namely))?:?,?\s+(?=[A-Z])"
)
_UNNAMED = re.compile(
    r",?\s+(?:and|or)(?: all)?(?: (?:its|their|any))?(?: [\w-]+){0,4} (?:subsidiaries|subordinates|affiliates|affiliated entities|subordinate entities|joint ventures|successors)(?: and [\w ]+)?\.?$"
    r"|,?\s+and subsidiaries\.?$",
    re.IGNORECASE,
)
_TOGETHER = re.compile(r"\s*\(collectively,? (?:the )?[\"“]?(?P<name>[^()\"”]+)[\"”]?\)", re.IGNORECASE)
_OR = re.compile(r"(?P<before>\S+) \(or (?P<other>[^()]+)\)")
_OF_PLACE = re.compile(r"\s*\(of (?P<place>[^()]+)\)")
_ONE_VESSEL = re.compile(r"^(?:Fishing )?Vessels?: ", re.IGNORECASE)
_FLEET = re.compile(r"^(?:Fishing )?Vessels owned (?:or operated )?by ", re.IGNORECASE)
_GOODS = re.compile(r"\bproduced (?:in|with|wholly)\b|^All [A-Z]|\bAutonomous Region\b")


@dataclass(frozen=True, slots=True)
class Company:
    """One party that a text names; `relations` tie it to the others of the same text."""

    names: tuple[PartyName, ...]
    kind: PartyKind = PartyKind.ORGANISATION
    country: str = ""
    relations: tuple[Relation, ...] = ()


def companies(text: str) -> tuple[Company, ...]:
    """Return the parties of one text in its order, one where nothing divides it; what "(or X)" spells two ways is named twice."""
    said = line(text).strip()
    if _GOODS.search(said):
        return (Company((PartyName(said, NameKind.PRIMARY),), PartyKind.CATEGORY),)
    if vessel := _ONE_VESSEL.match(said):
        return (Company((PartyName(said[vessel.end() :], NameKind.PRIMARY),), PartyKind.VESSEL),)
    together = _TOGETHER.search(said)
    heads, *tails = _NAMED_SUBSIDIARIES.split(_TOGETHER.sub("", _FLEET.sub("", said)))
    found = list(_several(heads))
    parent = found[0].names[0].text if found else ""
    for tail in tails:
        found += [replace(one, relations=(Relation(parent, "parent"),)) for one in _several(tail)]
    if together:
        group = together["name"].strip()
        found = [replace(one, relations=(*one.relations, Relation(group, "member"))) for one in found]
        found.append(Company((PartyName(group, NameKind.PRIMARY),)))
    return tuple(found)


def gathered(found: Iterable[tuple[Company, Listing]]) -> tuple[Party, ...]:
    """Return one party for each name, with all its listings: texts have no key but the name itself."""
    groups: dict[str, list[tuple[Company, Listing]]] = {}
    for company, listing in found:
        groups.setdefault(company.names[0].text.casefold(), []).append((company, listing))
    return tuple(
        Party(
            ref,
            group[0][0].kind,
            distinct(name for company, _ in group for name in company.names),
            tuple(dict.fromkeys(listing for _, listing in group)),
            tuple(dict.fromkeys(company.country for company, _ in group if company.country)),
            (),
            tuple(dict.fromkeys(relation for company, _ in group for relation in company.relations)),
        )
        for ref, group in groups.items()
    )


def _several(text: str) -> Iterator[Company]:
    parts = [part.strip() for part in _outside(text, ";")]
    for number, part in enumerate(parts):
        place = number > 0 and len(part.split()) == 1 and not _ENDS_IN_FORM.search(parts[0].rpartition(",")[0] + part)
        if part and not place:
            yield from map(_company, _enumerated(_UNNAMED.sub("", part)))


def _enumerated(text: str) -> list[str]:
    """Divide "A Ltd., B Ltd., and C" and "A Ltd. and B Ltd.", and nothing where the first is no company by its form."""
    if _AKA.search(text) or _ALIASES.search(text):
        return [text]
    pieces = _joined(_commas(text))
    listed = len(pieces) > 2 and _ENDS_IN_FORM.search(pieces[0]) is not None
    return [half for piece in (pieces if listed else [text]) for half in _halves(piece)]


def _commas(text: str) -> list[str]:
    return [piece for part in _outside(text, ",") if (piece := part.strip().removeprefix("and "))]


def _joined(pieces: list[str]) -> list[str]:
    """Put a legal form that a comma parted from its name back to it."""
    whole: list[str] = []
    for piece in pieces:
        form = _ONLY_FORM.match(piece)
        if whole and form and not (rest := piece[form.end() :]).strip(" ."):
            whole[-1] += f", {piece}"
        elif whole and form and rest.lstrip().startswith("and "):
            whole[-1] += f", {piece[: form.end()]}"
            whole.append(rest.lstrip().removeprefix("and "))
        else:
            whole.append(piece)
    return whole


def _halves(text: str) -> list[str]:
    """Divide at each "and" before which a company's name ends."""
    words = text.split(" and ")
    whole = [words[0]]
    for word in words[1:]:
        if _ENDS_IN_FORM.search(whole[-1].rstrip(" .,")) and not _ONLY_FORM.fullmatch(whole[-1].strip()):
            whole.append(word)
        else:
            whole[-1] += f" and {word}"
    return whole


def _company(text: str) -> Company:
    aliases = [(found["how"], one) for found in _ALIASES.finditer(text) for one in _listed(found["list"])]
    plain = _ALIASES.sub("", text)
    place = _OF_PLACE.search(plain)
    name, *also = _AKA.split(_OF_PLACE.sub("", plain))
    aliases += list(zip(also[::2], also[1::2], strict=True))
    own, where = _seated(_ended(name))
    country = where or (code(place["place"].rpartition(",")[2]) if place else "")
    names = [form for variant in _variants(PartyName(own, NameKind.PRIMARY)) for form in spelled(variant)]
    for how, alias in aliases:
        kind = NameKind.FORMER if how.lower().startswith("f") else NameKind.ALIAS
        names += [form for variant in _variants(PartyName(_ended(alias), kind)) for form in spelled(variant)]
    return Company(tuple(dict.fromkeys(name for name in names if name.text)), country=country)


def _listed(text: str) -> list[str]:
    """Divide a list of aliases: at semicolons where it has them, else at commas, and at the last "and"."""
    marks = re.split(r";\s*(?:and\s+)?", text) if ";" in text else _joined(_commas(text))
    found = [part.strip().removeprefix("and ") for part in marks if part.strip()]
    if ";" in text or not found:
        return found
    before, joint, last = found[-1].rpartition(" and ")
    return [*found[:-1], before, last] if joint and len(last.split()) > 1 else found


def _variants(name: PartyName) -> Iterator[PartyName]:
    """Yield a name and, where it says "Wulin (or Wuling) Works", both spellings as aliases."""
    yield name
    if found := _OR.search(name.text):
        kind = NameKind.ALIAS if name.kind is NameKind.PRIMARY else name.kind
        for word in (found["before"], found["other"]):
            yield PartyName(name.text[: found.start()] + word + name.text[found.end() :], kind)


def _seated(name: str) -> tuple[str, str]:
    """Part a name from the place behind it, where this ends in a country: "State Penitentiary, Tamaulipas, Mexico"."""
    first, *places = name.split(", ")
    where = code(places[-1]) if places else ""
    return (first, where) if where and not any(_ENDS_IN_FORM.search(place) for place in places) else (name, "")


def _ended(name: str) -> str:
    """Return a name without the full stop that ends a sentence; one that belongs to an abbreviation stays."""
    text = name.strip(" ,;")
    long_form = re.search(r"\b(?:Limited|Company|Corporation|Group|Industries|Factory)\.$", text, re.IGNORECASE)
    return text[:-1] if long_form else text


def _outside(text: str, mark: str) -> list[str]:
    """Split at a mark that stands outside parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == mark and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
