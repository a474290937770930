"""CELLAR's notices: the act's own dates, and nothing that only its consolidation or its future would say."""

import pytest

from knowledge import parse
from knowledge.errors import PassedOver
from knowledge.parse.markup import tree
from knowledge.parse.notice import facts

FORCE = "<RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE><VALUE>{}</VALUE></RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE>"
END = "<RESOURCE_LEGAL_DATE_END-OF-VALIDITY><VALUE>{}</VALUE></RESOURCE_LEGAL_DATE_END-OF-VALIDITY>"
STANDS = "<RESOURCE_LEGAL_IN-FORCE><VALUE>{}</VALUE></RESOURCE_LEGAL_IN-FORCE>"


def said(*parts: str) -> dict[str, object]:
    return facts(tree(f"<NOTICE><WORK>{''.join(parts)}</WORK></NOTICE>".encode()))


def test_the_first_date_is_that_of_entry_into_force_and_the_year_9999_is_no_end():
    found = said(
        FORCE.format("2025-01-17"), FORCE.format("2023-01-16"), END.format("9999-12-31"), STANDS.format("true")
    )
    assert found == {"in_force_from": "2023-01-16", "status": "in_force"}


def test_an_act_that_is_not_in_force_is_repealed_only_where_its_end_is_told():
    assert said(END.format("2018-05-24"), STANDS.format("false"))["status"] == "repealed"
    assert said(FORCE.format("2030-01-01"), END.format("9999-12-31"), STANDS.format("false")) == {
        "in_force_from": "2030-01-01"
    }


def test_a_related_act_s_dates_are_not_this_one_s():
    assert said(f"<WORK_RELATED><X>{FORCE.format('1999-01-01')}</X></WORK_RELATED>") == {}


def test_a_consolidated_text_tells_its_state_and_no_entry_into_force(shared):
    folder = shared / "sources" / "eu" / "cellar-notices"
    raw = (folder / "EN-CELEX-02009R1223-20191218.xml").read_bytes()
    assert facts(tree(raw)) == {"version": "2019-12-18", "as_of": "2019-12-18"}
    assert facts(tree((folder / "celex_32018R0196_object_work.xml").read_bytes())) == {"in_force_from": "2018-03-08"}
    with pytest.raises(PassedOver):
        parse.read(raw, "notice.xml")
