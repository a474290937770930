"""The signature of a request, checked on its raw bytes."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.guard import LARGEST, WINDOW, refusal
from tests.rules.properties import PROPERTY

NOW = 1_700_000_000.0
SECRET = "a-signing-secret"
BODY = b'{"type":"event_callback"}'


def _signed(body=BODY, secret=SECRET, at=int(NOW)):
    digest = hmac.new(secret.encode(), b"v0:" + str(at).encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": f"v0={digest}"}


def test_the_right_signature_is_let_in():
    assert refusal(_signed(), BODY, SECRET, NOW) is None


@PROPERTY
@given(st.binary(max_size=200))
def test_any_signed_body_is_let_in(body):
    assert refusal(_signed(body), body, SECRET, NOW) is None


@pytest.mark.parametrize("seconds", [-WINDOW, 0, WINDOW])
def test_a_request_inside_the_window_is_let_in(seconds):
    assert refusal(_signed(at=int(NOW) + seconds), BODY, SECRET, NOW) is None


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_a_future_request_is_refused(seconds):
    assert refusal(_signed(at=int(NOW) + seconds), BODY, SECRET, NOW) == 401


def test_another_body_is_refused():
    assert refusal(_signed(), BODY + b" ", SECRET, NOW) == 401


def test_another_secret_is_refused():
    assert refusal(_signed(secret="another"), BODY, SECRET, NOW) == 401


def test_without_a_secret_everything_is_refused():
    assert refusal(_signed(secret=""), BODY, "", NOW) == 401


@pytest.mark.parametrize("missing", ["x-slack-request-timestamp", "x-slack-signature"])
def test_a_missing_header_is_refused(missing):
    headers = {name: value for name, value in _signed().items() if name != missing}
    assert refusal(headers, BODY, SECRET, NOW) == 401


@pytest.mark.parametrize(
    "timestamp",
    ["", "now", "-1700000000", "1.7e9", "1700000000.0", " 1700000000", "1700000000\n", "17000000000", "0x6553f100", "nan",
     "１７００００００００", "١٧٠٠٠٠٠٠٠٠", "1_700_000_0", "9" * 5000],
)  # fmt: skip
def test_a_malformed_timestamp_is_refused(timestamp):
    assert refusal({**_signed(), "x-slack-request-timestamp": timestamp}, BODY, SECRET, NOW) == 401


MALFORMED = {
    "upper case": str.upper,
    "too short": lambda s: s[:-1],
    "too long": lambda s: s + "0",
    "a line break": lambda s: s + "\n",
    "no version": lambda s: s[3:],
    "another version": lambda s: s.replace("v0", "v1"),
    "one letter that is not ASCII": lambda s: "v0=é" + s[4:],
    "no ASCII at all": lambda _: "v0=" + "é" * 64,
    "empty": lambda _: "",
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_signature_is_refused(change):
    headers = _signed()
    assert refusal({**headers, "x-slack-signature": change(headers["x-slack-signature"])}, BODY, SECRET, NOW) == 401


@PROPERTY
@given(st.text(), st.text())
def test_whatever_the_headers_hold_is_refused(timestamp, signature):
    headers = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
    assert refusal(headers, BODY, SECRET, NOW) == 401


def test_a_body_that_is_too_large_is_refused_before_anything_else():
    assert refusal({}, b"x" * (LARGEST + 1), SECRET, NOW) == 413


def test_the_largest_body_is_let_in():
    body = b"x" * LARGEST
    assert refusal(_signed(body), body, SECRET, NOW) is None
