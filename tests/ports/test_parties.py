"""Readings of lists in both databases: whole or not at all, the one in service never lost, the others kept for a while."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.lists.gates import shape
from knowledge.party import Identifier, Listing, ListRead, NameKind, Party, PartyKind, PartyName, Relation
from knowledge.store.books import Books
from knowledge.store.lists import Lists
from knowledge.store.packed import parts, unpacked
from knowledge.store.parties import KEPT, Parties

NOW = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
DAY = NOW.date()
WORD = st.text(max_size=12)
PARTY = st.builds(
    Party,
    ref=WORD,
    kind=st.sampled_from(PartyKind),
    names=st.lists(st.builds(PartyName, WORD, st.sampled_from(NameKind), WORD), max_size=3).map(tuple),
    listings=st.lists(
        st.builds(Listing, WORD, WORD, WORD, st.none() | st.dates(), st.none() | st.dates(), WORD), max_size=2
    ).map(tuple),
    countries=st.lists(WORD, max_size=2).map(tuple),
    identifiers=st.lists(st.builds(Identifier, WORD, WORD, WORD), max_size=2).map(tuple),
    relations=st.lists(st.builds(Relation, WORD, WORD), max_size=2).map(tuple),
)


def party(number, **fields):
    names = (PartyName(f"Zelkova Maschinenbau {number} GmbH", NameKind.PRIMARY), PartyName("泽科瓦", NameKind.NATIVE))
    return replace(
        Party(f"{number}", PartyKind.ORGANISATION, names, (Listing("ofac-sdn", "SDGT", "", DAY),), ("CN",)), **fields
    )


def reading(*parties, list_id="us.ofac-sdn", **fields):
    return replace(ListRead(list_id, parties, len(parties), date(2026, 11, 1)), **fields)


@settings(max_examples=40)
@given(st.lists(PARTY, max_size=5))
def test_parties_come_back_as_they_were_kept(parties):
    assert [one for part in parts(parties) for one in unpacked(part)] == parties


def test_a_reading_is_kept_with_its_organisations_and_served_only_when_it_is_told_to(engine):
    store = Parties(engine)
    whole = reading(
        *(party(number) for number in range(450)), party("p", kind=PartyKind.PERSON), gap="Aliases are missing."
    )
    taken = store.take(whole, "s1", NOW, DAY)
    assert store.taken() == {"us.ofac-sdn": taken}
    assert (taken.rows, taken.parties, dict(taken.skipped), taken.read_at) == (451, 450, {"person": 1}, NOW)
    assert tuple(store.of(taken)) == whole.parties[:450]
    assert store.shape(taken) == shape(whole)
    assert store.serving() == {}
    other = store.take(reading(party(1), list_id="eu.fsf"), "s2", NOW, DAY)
    store.serve([taken, other])
    assert store.serving() == {"us.ofac-sdn": taken, "eu.fsf": other}
    store.serve([other])
    assert store.serving() == {"eu.fsf": other}


def test_the_one_in_service_is_kept_however_many_come_after_it_and_of_those_the_last_few(engine):
    store = Parties(engine)
    first = store.take(reading(party(0)), "s0", NOW, DAY)
    store.serve([first])
    later = [store.take(reading(party(number)), f"s{number}", NOW, DAY) for number in range(1, 6)]
    assert [one.ref for one in store.of(store.serving()["us.ofac-sdn"])] == ["0"]
    kept = [one.number for one in (first, *later) if tuple(store.of(one))]
    assert kept == [1, *range(7 - KEPT, 7)]


def test_a_failure_is_told_until_the_list_comes_again(engine):
    store = Parties(engine)
    store.fail("eu.fsf", "The file is empty.", NOW)
    taken = store.take(reading(party(1)), "s1", NOW, DAY)
    store.fail("us.ofac-sdn", "The file is empty.", NOW)
    assert store.failures().keys() == {"eu.fsf", "us.ofac-sdn"}
    store.confirm(taken, NOW + timedelta(days=1), DAY + timedelta(days=1))
    assert store.failures().keys() == {"eu.fsf"}
    assert store.taken()["us.ofac-sdn"].read_at == NOW + timedelta(days=1)
    store.withdraw("us.ofac-sdn")
    assert store.taken() == {}


def test_whoever_has_no_index_of_the_lists_in_service_builds_one_from_the_database(engine, tmp_path):
    store = Parties(engine)
    store.serve([store.take(reading(*map(party, range(30))), "s1", NOW, DAY)])
    for machine in ("a", "b"):
        view = Lists(store, Books(tmp_path / machine)).loaded(DAY)
        (found, *_) = view.names.find("Zelkova Maschinenbau 7 GmbH")
        assert view.party(found.party) == ("us.ofac-sdn", party(7))
    with pytest.raises(KeyError):
        view.party("us.ofac-sdn:nobody")


def test_an_index_that_is_damaged_is_built_again(engine, tmp_path):
    store = Parties(engine)
    store.serve([store.take(reading(*map(party, range(3))), "s1", NOW, DAY)])
    Lists(store, Books(tmp_path / "names")).loaded(DAY)
    (place,) = (tmp_path / "names").iterdir()
    (place / "bodies").write_bytes(b"cut")
    assert Lists(store, Books(tmp_path / "names")).loaded(DAY).party("us.ofac-sdn:2")[1] == party(2)
