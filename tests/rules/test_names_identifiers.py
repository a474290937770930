"""Identifiers are told by their shape or their label, and a wrong check digit is told."""

import pytest

from knowledge.names.identifiers import numbered


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("HWUPKR0MPOU8FGXBT394", "lei"),
        ("HWUP KR0M POU8 FGXB T394", "lei"),
        ("LEI: HWUP KR0M POU8 FGXB T394", "lei"),
        ("91440300708461136T", "uscc"),
        ("1027700070518", "ogrn"),
        ("ОГРН 1027700070518", "ogrn"),
        ("INN 7736050003", "inn"),
        ("VAT DE 129273398", "vat"),
        ("VAT no. GB220430231", "vat"),
        ("DUNS 15-048-3782", "duns"),
        ("UEI ZQGGHJH74DW7", "uei"),
        ("CAGE code 1ABC2", "cage"),
    ],
)
def test_a_number_is_told_and_fits(text: str, scheme: str) -> None:
    found = numbered(text)
    assert found is not None
    assert (found.identifier.scheme, found.wrong) == (scheme, False)


@pytest.mark.parametrize(
    "text",
    [
        "HWUPKR0MPOU8FGXBT395",
        "91440300708461136A",
        "1027700070519",
        "INN 7736050004",
        "VAT DE129273399",
        "UEI 0QGGHJH74DW7",
    ],
)
def test_a_wrong_check_digit_is_told(text: str) -> None:
    found = numbered(text)
    assert found is not None
    assert found.wrong


@pytest.mark.parametrize(
    "text",
    [
        "Huawei",
        "3M",
        "7736050003",
        "150483782",
        "Inn at the Park",
        "Vatican Press",
        "Leiden University",
        "Studio 54",
        "360 Security Technology",
        "Zelkova Heavy Works 003",
        "Army Unit Base No 00 1 22",
        "Zelkova-Heavy-Works-003",
    ],
)
def test_a_name_or_a_bare_number_that_may_be_anything_is_no_identifier(text: str) -> None:
    assert numbered(text) is None
