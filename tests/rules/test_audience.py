"""Who may read at a source becomes a visibility that is never wider than that."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.access import opens
from knowledge.describe import VISIBILITY
from knowledge.errors import PassedOver, SourceRefused
from knowledge.sources.audience import EVERYBODY, NOBODY, STAFF, Audience, expired, imprint, meet, place

LABELS = ["public", "staff", "group:legal", "group:hr", "user:ann@acme.example"]
some = st.frozensets(st.sampled_from(LABELS), max_size=4)
asker = st.sampled_from([
    frozenset({"public"}),
    frozenset({"public", "staff"}),
    frozenset({"public", "staff", "group:legal"}),
    frozenset({"public", "staff", "group:hr", "user:ann@acme.example"}),
])  # fmt: skip


@given(some, some, asker)
def test_whoever_is_in_the_meeting_of_two_is_in_both(one, other, labels):
    if meet(one, other) & labels:
        assert one & labels
        assert other & labels


@given(some, some, asker)
def test_a_visibility_opens_only_to_whom_the_source_and_the_administrator_both_let_in(readers, cap, labels):
    try:
        written = Audience(",".join(cap)).visibility(readers)
    except PassedOver:
        return
    assert VISIBILITY.match(written)
    assert not opens(written, labels) or (readers & labels and cap & labels)


@given(some, asker)
def test_an_upper_bound_of_everybody_changes_nothing(readers, labels):
    assert bool(meet(readers, EVERYBODY) & labels) == bool(readers & labels)


def test_unknown_readers_nobody_and_too_many_are_passed_over_in_words():
    audience = Audience("public")
    with pytest.raises(PassedOver, match="cannot be told"):
        audience.visibility(None)
    with pytest.raises(PassedOver, match="nobody"):
        audience.visibility(NOBODY)
    crowd = frozenset(f"user:p{n}@acme.example" for n in range(201))
    with pytest.raises(PassedOver, match="more than 200"):
        audience.visibility(crowd)
    assert VISIBILITY.match(audience.visibility(crowd - {"user:p0@acme.example"}))


def test_groups_and_people_that_cannot_be_written_are_left_out():
    audience = Audience("staff")
    assert audience.group("R&D", "") == NOBODY
    assert audience.group("R&D", "4f-1a") == {"group:4f-1a"}
    assert audience.group("x" * 75) == NOBODY
    assert audience.user("o'hara@acme.example") == NOBODY
    assert audience.user("5b10a2844c20165700ede21g") == NOBODY, "an account id is not how askers are known"
    assert audience.user("Ann@Acme.example") == {"user:ann@acme.example"}


def test_the_groups_that_everybody_is_in_are_staff():
    assert Audience("staff", ["Everyone"]).group("everyone", "4f") == STAFF
    assert Audience("staff", ["4f"]).group("everyone", "4F") == STAFF


def test_the_imprint_changes_with_the_readers_and_tells_unknown_from_nobody():
    assert len({imprint(one) for one in (None, NOBODY, STAFF, EVERYBODY)}) == 4
    assert imprint(frozenset({"group:a", "group:b"})) == imprint(frozenset({"group:b", "group:a"}))


def test_a_grant_ends_at_its_moment_and_one_whose_end_cannot_be_read_ended():
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert expired("2026-05-01T12:00:00Z", now)
    assert not expired("2026-05-01T12:00:01Z", now)
    assert not expired("0001-01-01T00:00:00Z", now)
    assert not expired(None, now)
    assert expired("soon", now)


def test_a_place_is_an_address_and_the_names_after_staff():
    assert place("https://acme.example/a b staff=one, two") == ("https://acme.example/a b", ("one", "two"))
    assert place("https://acme.example/") == ("https://acme.example/", ())
    with pytest.raises(SourceRefused):
        place("https://acme.example/ staff=a staff=b")
