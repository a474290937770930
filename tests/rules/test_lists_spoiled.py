"""However a list is spoiled, its reader takes it whole or refuses it in words: no other error, no party without a name."""

import random

import pytest

from knowledge.errors import ListRefused
from knowledge.lists import advanced, cbp, csl, fsf, ofac, sam, uflpa, worldbank
from tests.rules.test_lists_banks import SAM
from tests.rules.test_lists_csl import row
from tests.rules.test_lists_ofac import own
from tests.rules.test_lists_pages import CBP, UFLPA, site
from tests.rules.test_lists_xml import ADVANCED, EU

BANK = (
    '{"response": {"ZPROCSUPP": [{"SUPP_ID": 7, "SUPP_NAME": "X B.V. (FORMERLY Y)", "ADD_SUPP_INFO": "(a.k.a. Z) *1 (Reg. No.: 9)",'
    ' "DEBAR_FROM_DATE": "2020-01-01", "DEBAR_TO_DATE": "2999-12-31", "DEBAR_REASON": "R", "LAND1": "NL", "SUPP_TYPE_CODE": "F"}]}}'
)
READERS = {
    "advanced xml": (advanced.read_sdn, ADVANCED.encode()),
    "eu": (fsf.read, EU.encode()),
    "csl": (
        csl.read,
        row(source="Entity List (EL) - BIS", name="A (B)", alt_names="C; and D", ids="LEI, 1, CN", addresses="X, CN"),
    ),
    "sam": (sam.read, SAM.encode()),
    "bank": (worldbank.read, BANK.encode()),
    "uflpa": (uflpa.read, site(UFLPA)),
    "customs": (cbp.read, site(CBP)),
    "ofac": (lambda raw: ofac.read_sdn(own() | {"SDN.CSV": raw}), own("Tax ID No. 7 (Iran); a.k.a. 'ACE'.")["SDN.CSV"]),
}
PIECES = [
    b'"',
    b",",
    b"null",
    b"[]",
    b"{}",
    b"-1",
    b" and ",
    b"(",
    b")",
    b"; ",
    b"(or ",
    b"&#0;",
    b"<a>",
    b"\r",
    b"\n",
    b"a/k/a ",
    b"\xff",
]


def spoil(raw, chance):
    """The bytes with a few pieces put in, taken out, repeated or changed."""
    spoiled = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(spoiled) + 1)
        match chance.randrange(4):
            case 0:
                spoiled[at:at] = chance.choice(PIECES)
            case 1:
                del spoiled[at : at + chance.randrange(1, 60)]
            case 2:
                start = chance.randrange(len(raw))
                spoiled[at:at] = raw[start : start + chance.randrange(1, 80)]
            case 3:
                spoiled[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(spoiled)


@pytest.mark.parametrize("name", READERS)
def test_a_spoiled_list_is_whole_or_refused(name):
    read, raw = READERS[name]
    assert read(raw).parties
    chance = random.Random(name)
    for _ in range(250):
        try:
            found = read(spoil(raw, chance))
        except ListRefused:
            continue
        assert all(party.names and party.names[0].text for party in found.parties)


@pytest.mark.parametrize("name", ["advanced xml", "eu", "bank", "ofac", "uflpa", "customs"])
def test_a_list_cut_at_any_byte_is_refused(name):
    read, raw = READERS[name]
    for length in range(0, len(raw.rstrip()) - len(b"</body></html>"), 7):
        with pytest.raises(ListRefused):
            read(raw[:length])
