"""The register of owners: from a golden copy as GLEIF publishes it to a listed parent on the card, told with its path."""

import asyncio
import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import build, sourcing, vetting
from bot.dossier import as_json
from bot.model import VendorCheck
from bot.renew import renew
from bot.settings import Settings
from bot.status import status
from tests.flows.asking import ANN, TERMINAL


def lei(name: str) -> str:
    """Return an LEI of 18 characters with its check digits (ISO 7064, MOD 97-10)."""
    base = f"{name.upper():0<18}"
    return f"{base}{98 - int(''.join(str(int(char, 36)) for char in base) + '00') % 97:02}"


LEI = {name: lei(name) for name in ("depot", "holding", "group", "twin", "loner")}
ENTITIES = [
    ("depot", "Sunny Harbour Trading GmbH", "Sunny Harbour", "DE", "ACTIVE"),
    ("holding", "Sunny Holding B.V.", "", "NL", "ACTIVE"),
    ("group", "Hangzhou Hikvision Digital Technology Co., Ltd.", "", "CN", "ACTIVE"),
    ("twin", "Sunny Harbour Trading Ltd", "", "GB", "ACTIVE"),
    ("loner", "Nobody's Child AG", "", "CH", "ACTIVE"),
]
TIES = [
    ("depot", "holding", "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE"),
    ("holding", "group", "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE"),
    ("depot", "group", "IS_ULTIMATELY_CONSOLIDATED_BY", "ACTIVE"),
    ("twin", "group", "IS_DIRECTLY_CONSOLIDATED_BY", "INACTIVE"),
    ("twin", "holding", "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE"),
]


def written(header, rows):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return text.getvalue().encode()


def golden(folder, day="20261126", entities=ENTITIES, ties=TIES):
    """Write a golden copy with the columns that it needs among others."""
    folder.mkdir(exist_ok=True)
    header = (
        "LEI", "Entity.LegalName", "Entity.OtherEntityNames.OtherEntityName.1", "Entity.OtherEntityNames.OtherEntityName.1.type",
        "Entity.LegalAddress.Country", "Entity.EntityStatus",
    )  # fmt: skip
    rows = [
        (LEI[key], name, other, "TRADING_OR_OPERATING_NAME" if other else "", cc, state)
        for key, name, other, cc, state in entities
    ]
    with zipfile.ZipFile(folder / f"{day}-0800-gleif-goldencopy-lei2-golden-copy.csv.zip", "w") as archive:
        archive.writestr("lei2.csv", written(header, rows))
    header = (
        "Relationship.StartNode.NodeID", "Relationship.StartNode.NodeIDType", "Relationship.EndNode.NodeID",
        "Relationship.RelationshipType", "Relationship.RelationshipStatus",
    )  # fmt: skip
    rows = [(LEI[child], "LEI", LEI[parent], kind, state) for child, parent, kind, state in ties]
    (folder / f"{day}-0800-gleif-goldencopy-rr-golden-copy.csv").write_bytes(written(header, rows))
    return folder


@dataclass
class Loaded:
    """A state folder with the register, in this process."""

    folder: Path
    settings: Settings
    library: build.Library

    def check(self, name, country=""):
        asked = VendorCheck("k", name, ANN, TERMINAL, country)
        return as_json(asyncio.run(vetting.checking(self.settings, self.library).checked(asked)))

    def refresh(self, *names):
        return renew(self.settings, self.library, names).failed

    @property
    def owners(self):
        return status(self.settings, self.library)["owners"]


@pytest.fixture
def loaded(home, tmp_path):
    settings = Settings(CAVEAT_HOME=home)
    library = build.library(settings)
    folder = golden(tmp_path / "gleif")
    spec = sourcing.source_spec(settings, "gleif", "gleif", str(folder), "", "", "staff", "")
    assert library.catalog.add(spec)
    made = Loaded(folder, settings, library)
    assert made.refresh("gleif") == ()
    return made


def findings(card):
    return [one["text"] for section in card["categories"] for one in section["findings"]]


def test_a_vendor_whose_owner_is_listed_is_an_affiliate_and_the_card_tells_the_path_with_its_source(loaded):
    card = loaded.check("Sunny Harbour", "DE")
    assert {one["grade"] for one in card["listings"]} == {"affiliate"}
    assert {one["party"] for one in card["listings"]} == {"Hangzhou Hikvision Digital Technology Company"}
    path = findings(card)[0]
    assert path.startswith("Affiliate of a listed party: Hangzhou Hikvision")
    named = [
        "Ground: Sunny Harbour Trading GmbH (DE",
        "Sunny Holding B.V. (NL",
        "Hangzhou Hikvision Digital Technology Co., Ltd. (CN",
    ]
    steps = [path.index(name) for name in named]
    assert steps == sorted(steps)
    assert "(source: GLEIF, copy of 26 Nov 2026)" in path
    assert findings(loaded.check(f"| {LEI['depot']}"))[0] == path
    unlisted = loaded.check("Nobody's Child AG")
    assert (unlisted["background"], unlisted["listings"]) == ([], [])


def test_a_name_of_several_companies_evidences_no_owner_and_says_which_there_are(loaded):
    card = loaded.check("Sunny Harbour Trading")
    assert any("knows several companies of this name" in line for line in card["background"])
    assert findings(card)[0].startswith("Possible affiliate, ownership not evidenced")


def test_a_copy_that_is_broken_or_lost_half_of_its_entities_is_refused_and_the_one_before_stays(loaded, tmp_path):
    before = loaded.owners
    assert before == {"of": "2026-11-26", "entities": 4, "ties": 4}
    folder = golden(tmp_path / "gleif", "20261127", ENTITIES[:1] + ENTITIES[2:3], TIES)
    (failed,) = loaded.refresh("gleif")
    assert "2 entities with owners, where 4 are in service; the register before it stays" in failed.error
    file = folder / "20261127-0800-gleif-goldencopy-rr-golden-copy.csv"
    file.write_bytes(file.read_bytes()[:-30])
    assert "cut off" in loaded.refresh("gleif")[0].error
    (folder / "20261127-0800-gleif-goldencopy-lei2-golden-copy.csv.zip").write_bytes(b"PK\x03\x04nothing")
    assert "register before it stays" in loaded.refresh("gleif")[0].error
    assert loaded.owners == before
    assert loaded.library.catalog.remove("gleif")
    assert loaded.refresh() == ()
    assert loaded.owners is None
