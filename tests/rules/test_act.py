"""EU acts as JSON: cut where the act ends, never dated by what these files call effective."""

import json
from datetime import date

import pytest

from knowledge import parse
from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.errors import PassedOver
from knowledge.model import SourceSpec, Status

ACT = {
    "id": "X", "full_name": "Test Act", "celex_id": "32099R0007", "effective_date": "2030-01-01", "definitions": [],
    "articles": [
        {"number": "1", "chapter": "II", "text": "Content of the report\n\n1.\u00a0A vendor shall:\n\n(a)\n\nask."},
        {"number": "2", "title": "Entry into force", "text": "It shall apply from 1 January 2027.\n\nDone at Brussels, 1.\n\n(1)\n\nOJ"},
    ],
    "recitals": [{"recital_number": 1, "text": "One."}, {"recital_number": 2, "text": "Two."}, {"recital_number": 2, "text": "Two."}],
}  # fmt: skip


def read(raw: bytes):
    (parsed,) = parse.read(raw, "act.json")
    document = describe(parsed, "act.json", SourceSpec("law", "folder", ""))
    return document, {one.citation.removeprefix(f"{document.short} "): one for one in chunk(document, parsed)}


def test_an_act_ends_where_it_is_signed_and_says_each_recital_once():
    document, found = read(json.dumps(ACT).encode())
    assert document.applies_from == date(2027, 1, 1)
    assert [found[name].text for name in ("Art. 1(1)(a)", "Recital 2", "Art. 2")] == [
        "(a) ask.", "Two.", "It shall apply from 1 January 2027.",
    ]  # fmt: skip
    assert found["Art. 1(1)"].heading == "Article 1 Content of the report"
    assert len(found) == 5


def test_the_acts_of_the_data_set_have_the_dates_that_they_state_and_no_others(shared):
    folder = shared / "sources" / "eu" / "json"
    cra, found = read((folder / "cra.json").read_bytes())
    assert cra.applies_from == date(2027, 12, 11)
    own = {name.split("(")[0]: one.applies_from for name, one in found.items()}
    assert own["Art. 14"] == date(2026, 9, 11)
    assert own["Art. 34"] is own["Art. 52"] is None  # the file puts Art. 34 into Chapter IV and Art. 51 into V
    assert own["Art. 35"] == own["Art. 51"] == date(2026, 6, 11)
    csddd, found = read((folder / "csddd.json").read_bytes())
    assert (csddd.transposition_by, csddd.applies_from, csddd.status) == (
        date(2026, 7, 26), None, Status.AMENDED_SINCE,
    )  # fmt: skip
    assert found["Art. 39"].text == "This Directive is addressed to the Member States."
    assert not any("count" in flag for flag in csddd.flags)


@pytest.mark.parametrize("name", ["applicability/dora.json", "mappings/iso27001-nis2.json"])
def test_opinions_on_who_is_covered_are_no_law(shared, name):
    with pytest.raises(PassedOver):
        parse.read((shared / "sources" / "eu" / "json" / name).read_bytes(), name)
