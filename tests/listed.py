"""The organisations of the shared lists, read with a few lines of its own: names that a vendor is looked for among."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

from bot import matching
from bot.matching import Pair
from knowledge.names.index import Row
from knowledge.party import NameKind, PartyName

SHARED = Path(__file__).parents[2] / "shared" / "data"
LISTS = SHARED / "lists"
SCREENING = SHARED / "screening"
WATCHMAN = SCREENING / "watchman_compare_name_cases.csv"
OWN_PAIRS = Path(__file__).parent / "data" / "name_pairs.jsonl"
_BRANDS = OWN_PAIRS.parent / "brand_cases.jsonl"


def bench_pairs() -> list[Pair]:
    """Return the organisation pairs of nomenklatura's name bench."""
    return matching.read_bench(SCREENING / "nomenklatura_name_bench_cases.csv")


def check_pairs() -> list[Pair]:
    """Return the organisation pairs of nomenklatura's checks."""
    return matching.read_checks(SCREENING / "nomenklatura_entity_bench_checks.yml")


def own_pairs() -> list[Pair]:
    """Return our pairs, which no choice was made on, each with the kind of its difference."""
    return matching.read_pairs(OWN_PAIRS)


def brand_cases() -> list[dict[str, str]]:
    """Return our cases of brands: what is asked, the legal name it leads to, and the grade."""
    return [json.loads(line) for line in _BRANDS.read_text("utf-8").splitlines()]


def benign() -> list[str]:
    """Return ordinary companies."""
    return matching.read_ordinary(SCREENING / "cleanco_companies.csv")


def listed() -> list[Row]:
    """Return the organisations of the shared lists as rows of an index, in the lists' order."""
    return [
        *_ofac("sdn.csv", "alt.csv", "ofac"),
        *_ofac("cons_prim.csv", "cons_alt.csv", "cons"),
        *_un(),
        *_eu(),
        *_statutory(),
    ]


def _csv(name: str) -> list[dict[str, str]]:
    with (LISTS / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _several(names: str, kind: NameKind) -> list[tuple[str, NameKind]]:
    return [(name, kind) for name in names.split(";")]


def _row(party: str, names: list[tuple[str, NameKind]], *countries: str) -> Row:
    kept = dict.fromkeys((text.strip(), kind) for text, kind in names if text.strip())
    return Row(party, tuple(PartyName(text, kind) for text, kind in kept), tuple(filter(None, countries)))


def _ofac(main: str, other: str, prefix: str) -> list[Row]:
    aliases: dict[str, list[tuple[str, NameKind]]] = {}
    with (LISTS / "ofac" / other).open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if len(row) > 3:
                kind = NameKind.FORMER if row[2] == "fka" else NameKind.ALIAS
                aliases.setdefault(row[0], []).append((row[3], kind))
    with (LISTS / "ofac" / main).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) > 3 and row[2].strip() == "-0-"]
    return [_row(f"{prefix}-{row[0]}", [(row[1], NameKind.PRIMARY), *aliases.get(row[0], [])]) for row in rows]


def _un() -> list[Row]:
    rows = []
    for entity in ET.parse(LISTS / "un" / "consolidated.xml").iter("ENTITY"):
        names = [(entity.findtext("FIRST_NAME", ""), NameKind.PRIMARY)]
        names += [(entity.findtext("NAME_ORIGINAL_SCRIPT", "") or "", NameKind.NATIVE)]
        for alias in entity.iter("ENTITY_ALIAS"):
            quality = alias.findtext("QUALITY", "") or ""
            kind = (
                NameKind.WEAK
                if quality.lower() == "low"
                else NameKind.FORMER
                if "f.k.a" in quality.lower()
                else NameKind.ALIAS
            )
            names.append((alias.findtext("ALIAS_NAME", "") or "", kind))
        rows.append(_row(f"un-{entity.findtext('DATAID')}", names))
    return rows


def _eu() -> list[Row]:
    return [
        _row(
            f"eu833-{row['recordId']}-{number}",
            [
                (row["name"], NameKind.PRIMARY),
                *_several(row["alias"], NameKind.ALIAS),
                *_several(row["weakAlias"], NameKind.WEAK),
                *_several(row["previousName"], NameKind.FORMER),
            ],
        )
        for number, row in enumerate(_csv("eu/opensanctions_reg_833_2014_annexes.csv"))
        if row["schema"] == "LegalEntity"
    ]


def _statutory() -> list[Row]:
    parties: dict[str, list[tuple[str, NameKind]]] = {}
    for row in _csv("us_statutory/dod_1260h.csv"):
        if not row["End date"]:
            names = parties.setdefault(f"1260h-{row['Clean Name'].lower()}", [])
            names += [(row["Clean Name"], NameKind.PRIMARY), *_several(row["Alias"], NameKind.ALIAS)]
            names += _several(row["Previous Name"], NameKind.FORMER)
    for section in ("889", "5949", "154", "1286"):
        for row in _csv(f"us_statutory/ndaa_section_{section}.csv"):
            names = parties.setdefault(f"s{section}-{row['name'].lower()}", [])
            names += [(row["name"], NameKind.PRIMARY), *_several(row["aliases"], NameKind.ALIAS)]
    return [_row(party, names, "CN" if party.startswith("1260h") else "") for party, names in parties.items()]
