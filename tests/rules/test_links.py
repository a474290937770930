"""A link opens what it was made for, until its day, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.links import DAY, Links
from bot.settings import Settings

NOW = 1_800_000_000
LINKS = Links("https://caveat.example", b"k" * 32, 30, lambda: NOW)
STAFF = frozenset({"public", "staff"})


def parts(url):
    path, _, query = url.removeprefix(LINKS.base).removesuffix("#quote").partition("?")
    expiry, _, signature = query.removeprefix("e=").partition("&s=")
    return path, expiry, signature


def test_a_link_opens_its_own_path_for_its_own_labels():
    path, expiry, signature = parts(LINKS.evidence("a1", 3, STAFF, LINKS.expiry()))
    assert path == "/evidence/a1/3"
    assert LINKS.opens(path, expiry, signature, sorted(STAFF))


def test_nothing_of_a_link_can_be_exchanged():
    path, expiry, signature = parts(LINKS.evidence("a1", 3, STAFF, LINKS.expiry()))
    other = Links(LINKS.base, b"o" * 32, 30, LINKS.now)
    assert not LINKS.opens("/evidence/a1/4", expiry, signature, STAFF)
    assert not LINKS.opens("/receipts/a1", expiry, signature, STAFF)
    assert not LINKS.opens(path, str(int(expiry) + 1), signature, STAFF)
    assert not LINKS.opens(path, expiry, signature, {"public"})
    assert not LINKS.opens(path, expiry, signature, {*STAFF, "group:legal"})
    assert not other.opens(path, expiry, signature, STAFF)


def test_a_link_ends_on_its_day():
    path, expiry, signature = parts(LINKS.receipt("a1", STAFF, LINKS.expiry()))
    for days, opened in ((29, True), (31, False)):
        later = Links(LINKS.base, LINKS.secret, 30, lambda days=days: NOW + days * DAY)
        assert later.opens(path, expiry, signature, STAFF) is opened


@given(st.text(max_size=30), st.text(max_size=60))
def test_any_expiry_and_signature_are_refused_without_a_fault(expiry, signature):
    assert not LINKS.opens("/receipts/a1", expiry, signature, STAFF)


@pytest.mark.parametrize(
    "values",
    [
        {"CAVEAT_PUBLIC_URL": "javascript:alert(1)"},
        {"CAVEAT_PUBLIC_URL": "https://host/?q="},
        {"CAVEAT_PUBLIC_URL": "https://user@host"},
        {"CAVEAT_LINK_SECRET": "short"},
        {"CAVEAT_LINK_DAYS": "0"},
    ],
)
def test_an_address_or_key_that_cannot_serve_is_refused(values):
    with pytest.raises(ValidationError):
        Settings(**values)


def test_the_slash_at_the_end_of_the_address_does_not_matter():
    assert Settings(CAVEAT_PUBLIC_URL="https://host.example/caveat/").public_url == "https://host.example/caveat"
