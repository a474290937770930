"""Makes parties up to any number, from the listed ones and ordinary companies, and keeps them as production does."""

import csv
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from knowledge.lists.dod import COLUMNS
from knowledge.party import Listing, NameKind, Party, PartyKind, PartyName
from knowledge.store.books import Books
from tests import listed

NAMES = 2
"""Names of a party that is made up."""


def made(count: int) -> Iterator[tuple[str, ...]]:
    """Yield the names of parties whose words follow each other as they do in listed names and in those of companies."""
    follows = defaultdict[str, list[str]](list)
    for name in [*(name.text for row in listed.listed() for name in row.names), *listed.benign()]:
        for left, right in itertools.pairwise(["", *name.split(), ""]):
            follows[left].append(right)
    draw = random.Random(1)

    def one() -> str:
        words = [draw.choice(follows[""])]
        while len(words) < 8 and (word := draw.choice(follows[words[-1]])):
            words.append(word)
        return " ".join(words)

    for _ in range(count):
        yield tuple(one() for _ in range(NAMES))


def parties(size: int) -> Iterator[Party]:
    """Yield the listed parties and as many made-up ones as the size still needs."""
    real = listed.listed()[:size]
    for row in real:
        yield Party(row.party, PartyKind.ORGANISATION, row.names, _listings(row.party), row.countries)
    for number, (first, *others) in enumerate(made(size - len(real))):
        names = (PartyName(first, NameKind.PRIMARY), *(PartyName(name, NameKind.ALIAS) for name in others))
        yield Party(f"made-{number}", PartyKind.ORGANISATION, names, _listings(f"made-{number}"))


def book(folder: Path, size: int) -> Path:
    """Write the book of that many parties into a folder, and return where it is."""
    Books(folder).open("book", (("us.csl", party) for party in parties(size)))
    return folder / "book"


def table(file: Path, size: int) -> None:
    """Write that many parties as a Section 1260H table, which is read and kept as any list is."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        written = csv.DictWriter(opened, COLUMNS)
        written.writeheader()
        blank = dict.fromkeys(COLUMNS, "")
        for party in parties(size):
            aliases = ";".join(name.text.replace(";", " ") for name in party.names[1:])
            days = {"Start date": "2026-06-08", "Source Url": "https://example.org/1260h"}
            written.writerow({**blank, "Name": party.name, "Alias": aliases, **days})


def _listings(ref: str) -> tuple[Listing, ...]:
    return (Listing("ofac-sdn", f"made for a measurement, {ref}", "https://example.org"),)
