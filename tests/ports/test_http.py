"""The web client of the sources: polite, bounded, guarded at every hop, retried within one budget."""

import gzip
import time

import pytest
from starlette.responses import Response

from knowledge.errors import SourceUnreachable
from knowledge.sources.guard import public
from knowledge.sources.http import Http
from tests.servers.sources.replay import Replay, drip, redirect


@pytest.fixture
def web():
    with Replay() as replay:
        replay.http.seconds = 3.0
        yield replay


def test_an_answer_comes_with_what_a_later_request_can_ask_with(web):
    reply = web.http.get(web.put("/a", "words"))
    assert (reply.status, reply.text) == (200, "words")
    assert "Caveat" in web.seen[0]["user-agent"]
    assert web.http.get(f"{web.base}/a", known=reply.known) is None


def test_refusals_of_the_client_s_kind_are_returned_for_the_caller_to_judge(web):
    assert web.http.get(f"{web.base}/missing").status == 404


def test_a_server_that_recovers_is_answered_from_and_waits_are_as_long_as_it_asks(web):
    address = web.put("/a", "words")
    slept = []
    web.http.sleep = slept.append
    web.refuse("/a", 503, 2)
    assert web.http.get(address).text == "words"
    web.refuse("/a", 429, headers={"Retry-After": "2"})
    assert web.http.get(address).text == "words"
    assert slept[-1] == 2.0
    assert web.asked("/a") == 5


def test_a_server_that_stays_broken_is_given_up_within_the_budget_and_in_words(web):
    web.refuse("/a", 500, 1_000)
    web.http.seconds = 1.5
    began = time.monotonic()
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1 answers with status 500"):
        web.http.get(web.put("/a", "words"))
    assert time.monotonic() - began < 3


def test_a_wait_longer_than_the_budget_is_not_waited(web):
    web.refuse("/a", 429, 9, headers={"Retry-After": "3600"})
    began = time.monotonic()
    with pytest.raises(SourceUnreachable, match="429"):
        web.http.get(web.put("/a", "words"))
    assert time.monotonic() - began < 2


def test_an_endless_drip_does_not_outlive_the_budget(web):
    web.http.seconds = 1.0
    began = time.monotonic()
    with pytest.raises(SourceUnreachable, match="slowly"):
        web.http.get(web.put("/slow", drip))
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("zipped", [False, True])
def test_more_bytes_than_are_wanted_are_not_taken_also_when_they_come_packed(web, zipped):
    content = b"0" * 3_000_000
    answer = Response(gzip.compress(content), headers={"content-encoding": "gzip"}) if zipped else Response(content)
    with pytest.raises(SourceUnreachable, match="more than"):
        web.http.get(web.put("/big", lambda _: answer), limit=1_000_000)


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:9/",
        "http://127.0.0.2:9/",
        "http://0.0.0.0:9/",
    ],
)
def test_no_redirect_leads_to_a_private_address(web, target):
    with pytest.raises(SourceUnreachable, match="private address"):
        web.http.get(web.put("/go", redirect(target)))


def test_a_host_with_a_private_address_is_read_only_when_it_is_named(web):
    address = web.put("/a", "words")
    with pytest.raises(SourceUnreachable, match="CAVEAT_PRIVATE_HOSTS"):
        Http(seconds=1).get(address)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.com/x", "javascript:alert(1)"])
def test_no_redirect_leaves_the_web(web, target):
    with pytest.raises(SourceUnreachable):
        web.http.get(web.put("/go", redirect(target)))


def test_a_circle_of_redirects_ends(web):
    with pytest.raises(SourceUnreachable, match="circle"):
        web.http.get(web.put("/round", redirect("/round")))


def test_secrets_stay_with_the_host_that_they_are_for(web):
    with Replay() as other:
        other.put("/there", "words")
        web.put("/here", "words")
        address = web.put("/go", redirect(f"{other.base}/there"))
        web.http.get(address, headers={"Authorization": "Bearer secret", "X-Asked": "yes"})
        assert "authorization" not in other.seen[0]
        assert other.seen[0]["x-asked"] == "yes"
        web.http.get(web.put("/stay", redirect("/here")), headers={"Authorization": "Bearer secret"})
        assert web.seen[-1]["authorization"] == "Bearer secret"


def test_a_host_that_does_not_exist_is_named():
    with pytest.raises(SourceUnreachable, match=r"no-such-host\.invalid"):
        Http(seconds=1).get("https://no-such-host.invalid/")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("127.0.0.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("::1", False), ("fe80::1", False), ("fc00::1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False), ("255.255.255.255", False),
    ],
)  # fmt: skip
def test_only_public_addresses_are_public(address, allowed):
    assert public(address) is allowed
