"""What an asker may read at a place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import PUBLIC, STAFF, labels, member
from bot.model import Asker, Place
from knowledge.access import opens
from tests.rules.properties import PROPERTY

ALONE = Place("direct message")
GROUPS = {"legal": frozenset({"ann"}), "staff": frozenset({"ann", "bob"}), "empty": frozenset()}
names = st.frozensets(st.sampled_from(["legal", "it", "board"]))
shown = st.none() | st.frozensets(st.sampled_from([PUBLIC, STAFF, "group:legal", "group:it", "group:board"]))


def test_a_stranger_reads_public_sources_only():
    assert labels(Asker("eve"), ALONE) == {PUBLIC}


def test_staff_read_staff_sources():
    assert labels(Asker("bob", staff=True), ALONE) == {PUBLIC, STAFF}


def test_members_read_their_groups_sources_and_no_others():
    assert labels(Asker("ann", staff=True, groups=frozenset({"legal"})), ALONE) == {PUBLIC, STAFF, "group:legal"}


def test_a_place_shows_no_more_than_everyone_there_may_read():
    asker = Asker("ann", staff=True, groups=frozenset({"legal"}))
    assert labels(asker, Place("shared channel", frozenset({PUBLIC}))) == {PUBLIC}


def test_a_place_gives_nobody_more_than_their_own():
    assert labels(Asker("eve"), Place("legal", frozenset({PUBLIC, STAFF, "group:legal"}))) == {PUBLIC}


def test_a_place_that_is_not_known_shows_nothing():
    assert labels(Asker("ann", staff=True), Place("unknown", frozenset())) == frozenset()


@PROPERTY
@given(st.booleans(), names, shown)
def test_what_is_read_is_allowed_to_both_the_asker_and_the_place(staff, groups, place):
    read = labels(Asker("x", staff=staff, groups=groups), Place("y", place))
    assert read <= labels(Asker("x", staff=staff, groups=groups), ALONE)
    assert place is None or read <= place


@pytest.mark.parametrize("staff", [True, False])
def test_no_group_is_named_staff(staff):
    assert (STAFF in labels(Asker("x", staff=staff, groups=frozenset({STAFF})), ALONE)) is staff


def test_a_person_on_a_list_is_staff_with_their_groups():
    assert member("ann", GROUPS) == Asker("ann", staff=True, groups=frozenset({"legal"}), names=frozenset({"ann"}))


def test_what_is_shared_with_a_person_by_name_is_read_by_that_person_alone_and_not_in_a_channel():
    ann = Asker("ann", staff=True, names=frozenset({"ann@example.com"}))
    assert "user:ann@example.com" in labels(ann, ALONE)
    assert "user:ann@example.com" not in labels(ann, Place("team", frozenset({PUBLIC, STAFF})))
    assert opens("group:legal,user:ann@example.com", labels(ann, ALONE))
    assert not opens("group:legal,user:bob@example.com", labels(ann, ALONE))


def test_a_person_on_the_staff_list_only_is_in_no_group():
    assert member("bob", GROUPS) == Asker("bob", staff=True, names=frozenset({"bob"}))


@pytest.mark.parametrize("user", ["eve", "", "ANN", "ann "])
def test_a_person_on_no_list_is_not_known_to_be_staff(user):
    assert member(user, GROUPS) == Asker(user)
