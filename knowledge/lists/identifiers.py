"""Which number of a company a label means, so that a list's own words for it become one of our schemes."""

import re
from collections.abc import Iterable

from knowledge.lists.countries import code
from knowledge.party import Identifier

_LABELS: dict[str, tuple[str, ...]] = {
    "registration": (
        "Registration Number", "Registration ID", "Company Number", "Commercial Registry Number", "Folio Mercantil No.",
        "Matricula Mercantil No.", "Matricula Mercantil No", "Public Registration Number", "Business Registration Number",
        "Business Registration Document", "C.R. No.", "Chamber of Commerce Number", "UK Company Number", "Trade License No.",
        "Certificate of Incorporation Number", "Enterprise Number", "National ID No.", "Business Number", "Company ID",
        "Registered Charity No.", "Identification Number", "Dubai Chamber of Commerce Membership No.", "Reg. No.", "Reg. No",
        "Registration No.", "Registration #",
    ),
    "tax": ("Tax ID No.", "NIT", "RUC", "R.F.C.", "RFC", "RTN", "C.U.I.T.", "C.I.F.", "US FEIN", "Tax Registration No."),
    "vat": ("V.A.T. Number", "VAT Number"),
    "uscc": (
        "Unified Social Credit Code (USCC)", "Unified Social Credit Code", "United Social Credit Code Certificate (USCCC)",
        "China Unified Social Credit Code",
    ),
    "okpo": ("Government Gazette Number",),
    "lei": ("Legal Entity Number", "Legal Entity Identifier", "LEI"),
    "duns": ("D-U-N-S Number", "DUNS Number"),
    "bic": ("SWIFT/BIC", "SWIFT"),
    "imo": ("Vessel Registration Identification", "Company IMO", "IMO"),
    "isin": ("ISIN",),
}  # fmt: skip
SCHEMES = {label: scheme for scheme, labels in _LABELS.items() for label in labels}
"""What a label means, before the number itself is looked at."""

_LABEL = "|".join(re.escape(label) for label in sorted(SCHEMES, key=len, reverse=True))
_SAID = re.compile(rf"(?:alt\. )?(?P<label>{_LABEL})(?![\w(])\s*[#:]?\s*(?P<value>\S.*)")
_COUNTRY = re.compile(r"(?P<value>.*?)\s*\((?P<country>[^()]+)\)\.?")
_LEI = re.compile(r"[0-9A-Z]{18}\d\d")
_USCC = re.compile(r"[159NYA][1-9A-G]\d{6}[0-9A-HJ-NP-RTUWXY]{10}")


def said(text: str) -> Identifier | None:
    """Return the number that one phrase states, such as "Tax ID No. 7702070139 (Russia)", None where it states none."""
    found = _SAID.match(text)
    if not found:
        return None
    country, value = "", found["value"]
    if (placed := _COUNTRY.fullmatch(value)) and code(placed["country"]):
        value, country = placed["value"], code(placed["country"])
    return number(SCHEMES[found["label"]], value, country)


def number(scheme: str, value: str, country: str = "") -> Identifier | None:
    """Return a number under the scheme that its own form proves, None where there is no figure in it."""
    kept = value.strip().rstrip(".,;").strip()
    if kept.startswith("IMO "):
        return Identifier("imo", kept[4:].strip())
    if not any(letter.isdigit() for letter in kept) and scheme != "bic":
        return None
    return Identifier(_proven(scheme, kept, country), kept, country)


def seated(found: Iterable[Identifier], countries: tuple[str, ...]) -> tuple[Identifier, ...]:
    """Return each number once; where it says no country and its party has only one, that one tells which scheme it is."""
    only = countries[0] if len(countries) == 1 else ""
    return tuple(dict.fromkeys(Identifier(_proven(one.scheme, one.value, one.country or only), one.value, one.country) for one in found))  # fmt: skip


def _proven(scheme: str, value: str, country: str) -> str:
    figures = value.isdigit()
    if scheme == "lei" and not _LEI.fullmatch(value):
        return "registration"
    if scheme == "registration" and _USCC.fullmatch(value):
        return "uscc"
    if scheme == "registration" and figures and len(value) in (13, 15) and (country == "RU" or value[:3] in _OGRN):
        return "ogrn"
    if scheme == "tax" and figures and len(value) in (10, 12) and country == "RU":
        return "inn"
    return scheme


_OGRN = frozenset(("102", "103", "104", "105", "106", "107", "108", "109", "110", "111", "112", "113", "114", "115", "116", "117", "118"))  # fmt: skip
