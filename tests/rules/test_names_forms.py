"""A name is brought to one form however it was written, and what looks like another script is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.names.forms import form


@pytest.mark.parametrize(
    "name",
    [
        "Nordwind GmbH", "Nordwind G.m.b.H.", "Nordwind Gesellschaft mit beschränkter Haftung", "Nordwind Sp. z o.o.", "ООО Nordwind",
        "Nordwind S.A. de C.V.", "PT Nordwind Tbk", "Nordwind Co., Ltd.", "Nordwind A/S", "Nordwind Sdn. Bhd.", "Nordwind, a.s.",
        "The Nordwind Company", "Nordwind Aktiengeselschaft", "JSC Nordwind", "Nordwind Pty Ltd", "NORDWIND p.l.c.", "Nordwind A.Ş.",
        "Nordwind Sociedad Anónima", "Nordwind Oy", "Nordwind Limited Liability Company", "Nordwind s.r.o.",
    ],
)  # fmt: skip
def test_a_legal_form_is_no_part_of_the_core(name: str) -> None:
    assert form(name).core == ("nordwind",)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Brigade Forty-Four", ("brigade", "44")),
        ("Brigade Forty 4", ("brigade", "44")),
        ("Fund Management III", ("fund", "management", "3")),
        ("1st Int'l Bank", ("1", "international", "bank")),
        ("3%ers", ("3", "percenters")),
        ("J. P. Morgan & Co.", ("jp", "morgan")),
        ("U.S. Dept. of State", ("united", "states", "department", "state")),
        ("Газпром Банк", ("gazprom", "bank")),
        ("Limited Liability Company", ("limited", "liability", "company")),
    ],
)
def test_numbers_and_abbreviations_are_written_one_way(name: str, core: tuple[str, ...]) -> None:
    assert form(name).core == core


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("阿里巴巴集团控股有限公司", "阿里巴巴"),
        ("深圳市大疆创新科技有限公司", "深圳大疆创新科技"),
        ("株式会社山田製作所", "山田製作所"),
        ("주식회사 한빛테크", "한빛테크"),
        ("騰訊控股有限公司", "腾讯"),
    ],
)
def test_native_characters_lose_their_legal_form_only(name: str, script: str) -> None:
    assert form(name).script == script


@pytest.mark.parametrize("name", ["Gаzprom Neft", "ZТE", "Ηuawei", "Hua\u200bwei", "\u202eIEWAUH"])
def test_letters_that_only_look_latin_and_hidden_ones_are_told(name: str) -> None:
    assert form(name).disguised
    assert not form("Газпром нефть АО ZTE").disguised


def test_folded_letters_are_those_that_were_meant() -> None:
    assert form("Gаzprоm").core == form("Gazprom").core


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_has_a_form_that_stays(text: str) -> None:
    found = form(text)
    assert form(text) == found
    assert bool(found.core) == bool(found.words)
    assert all(word.isascii() and word.isalnum() for word in found.core)
