"""Tables of controls and OSCAL: a requirement without its discussion, without markup and without its neighbours."""

import pytest

from knowledge.model import Part
from knowledge.parse import controls, oscal
from knowledge.parse.written import unmarked
from tests.rules.test_parse import leaves


def found(parsed):
    return [(parsed.text[one.start : one.end], one.pinpoint.path, one.pinpoint.part) for one in leaves(parsed.units)]


def requirement(content, name="03.01.01"):
    row = {"requirement_id": name, "family": "03.01", "family_name": "Access", "title": "T", "status": "active", "content": content}  # fmt: skip
    return controls.read([row])[0]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("see [03.01.02.](#page-17-0) Next", "see 03.01.02. Next"),
        ("SP 800-57-[3 \\[17\\],](#page-85-3) and", "SP 800-57-3 [17], and"),
        ("AC-2\\(01\\), \\$5,000", "AC-2(01), $5,000"),
        ("[*Assignment: a period*] or **else**", "[Assignment: a period] or else"),
        ('<span id="page-1"></span>a. Do<br>it', "a. Do it"),
        ("fewer than <5 of 10> things * 2", "fewer than <5 of 10> things * 2"),
    ],
)
def test_markup_goes_and_words_stay(written, words):
    assert unmarked(written) == words


def test_a_requirement_is_apart_from_its_discussion_and_references():
    parsed = requirement("- a. Do it. - b. Check: - 1. This, and - 2. that. #### **DISCUSSION** It helps. ## **REFERENCES** AC-1")  # fmt: skip
    assert found(parsed) == [
        ("a. Do it.", ("03.01.01",), Part.BODY), ("b. Check:", ("03.01.01",), Part.BODY),
        ("1. This, and", ("03.01.01",), Part.BODY), ("2. that.", ("03.01.01",), Part.BODY),
        ("It helps.", ("03.01.01", "Discussion"), Part.NOTE), ("AC-1", ("03.01.01", "References"), Part.NOTE),
    ]  # fmt: skip
    assert parsed.meta["short"] == "NIST SP 800-171r3"


def test_what_a_cell_has_swallowed_is_not_cited_by_it():
    parsed = requirement("Do it. ## **3.2. Awareness** #### <span></span>**03.02.01 Training** Train them. ## **References** [1] A book")  # fmt: skip
    assert [(text, path) for text, path, _ in found(parsed)] == [("Do it.", ("03.01.01",)), ("Train them.", ("03.02.01",))]  # fmt: skip
    assert parsed.flags == ("tail_swallowed:03.01.01",)


def nycrr(content):
    return found(controls.read([{"section": "500.3", "title": "T", "content": content}])[0])


def test_a_new_york_paragraph_is_cited_with_its_list_in_it():
    assert nycrr("- (a) Each shall: - (1) do, or - (2) pay \\$5, as is fit. - (b) None.") == [
        ("(a) Each shall: (1) do, or (2) pay $5, as is fit.", ("500.3", "(a)"), Part.BODY),
        ("(b) None.", ("500.3", "(b)"), Part.BODY),
    ]


def test_a_form_behind_the_last_section_is_no_part_of_it():
    assert nycrr("It holds. | | (Name) | |---|---| | (1) I certify |")[1:] == [
        ("(Name)", ("Part 500 forms",), Part.NOTE), ("(1) I certify", ("Part 500 forms",), Part.NOTE),
    ]  # fmt: skip


def test_a_table_without_a_date_does_not_say_that_its_law_is_in_force():
    (parsed,) = controls.read([{"section": "500.3", "title": "T", "content": "Text."}])
    assert "status" not in parsed.meta


def test_a_parameter_stands_as_it_is_printed_and_a_link_as_its_words():
    params = [{"id": "p1", "label": "official"}, {"id": "p2", "label": "organization-defined events"}]
    statement = {"name": "statement", "prose": "Name an {{ insert: param, p1 }} after {{ insert: param, p2 }} ; see [AC-2](#ac-2) , too."}  # fmt: skip
    control = {"id": "ra-1", "title": "T", "params": params, "parts": [statement]}
    catalog = {"metadata": {"title": "SP 800-53 Rev. 5", "last-modified": "2024-01-01", "version": "1"}, "groups": [{"title": "G", "controls": [control]}]}  # fmt: skip
    assert found(oscal.read({"catalog": catalog})[0])[0][0] == (
        "Name an [Assignment: organization-defined official] after [Assignment: organization-defined events]; see AC-2, too."
    )
