"""From a Teams activity to the answer in its conversation: a real server process, and a local Teams that is strict."""

import asyncio
import json
import shutil
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
import pytest_asyncio

from knowledge.store.database import open_database
from knowledge.store.durable import DeadLetters
from tests.flows.processes import caveat, running
from tests.flows.test_conversation_flow import EVIDENCE, UNKNOWN
from tests.servers.teams import Teams, keys
from tests.servers.teams.content import elements, shown
from tests.servers.teams.model import ELSEWHERE
from tests.servers.teams.server import APP

HOSTING = "Can we host EU customer data on Alibaba Cloud?"


@asynccontextmanager
async def served(home, **environment):
    """A local Teams and a server process that belongs to it."""
    async with Teams() as teams, running(home, "serve", **teams.environment, **environment) as server:
        teams.endpoint = f"{server.url}/api/messages"
        yield teams, server


pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("teams")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_server(starter_home, tmp_path_factory):
    """One server process for the tests of this file: each has people and places of its own."""
    home = shutil.copytree(starter_home, tmp_path_factory.mktemp("teams") / "home")
    async with served(home) as (teams, server):
        yield teams, server, home


class Places:
    """Two people with a channel and a group chat of theirs."""

    def __init__(self, teams):
        self.ada, self.grace = teams.add_person("Ada"), teams.add_person("Grace")
        self.general = teams.add("channel", self.ada, self.grace)
        self.group = teams.add("groupChat", self.ada, self.grace)
        self.since = len(teams.calls)
        self.teams = teams

    @property
    def refused(self):
        """What the service did not take since the test began."""
        since = self.teams.calls[self.since :]
        return [(path, status) for method, path, status, _ in since if status >= 400 and method != "GET"]


async def test_questions_are_answered_once_in_every_kind_of_place_with_native_citations(shared_server):
    teams, *_ = shared_server
    at = Places(teams)
    ada, own = at.ada, teams.personal(at.ada)
    asked = await teams.say(ada, at.general, HOSTING)
    await asyncio.gather(*(teams.deliver(asked) for _ in range(4)))
    await teams.wait(lambda: teams.said(at.general, asked["id"]))
    assert max(seconds for *_, seconds in teams.deliveries) < 5
    (answer,) = teams.said(at.general)
    assert "allegation, not a finding" in answer.text
    assert "POL-02 §3.1" in answer.text
    (entity,) = answer.body["entities"]
    assert entity["additionalType"] == ["AIGeneratedContent"]
    assert [one["position"] for one in entity["citation"]] == [1, 2, 3, 4]
    assert "replyToId" not in answer.body

    await teams.say(ada, at.group, "How many hours does a tier 1 vendor have to report a security incident?")
    await teams.wait(lambda: teams.said(at.group))
    await teams.say(ada, at.group, "and a tier 2 vendor?")
    await teams.wait(lambda: len(teams.said(at.group)) == 2)
    assert "POL-06 §2.3" in teams.said(at.group)[1].text
    await teams.say(ada, at.group, "nobody is asked here", mention=False)
    await teams.install(ada, own)
    await teams.wait(lambda: teams.said(own))
    (welcome,) = teams.said(own)
    assert welcome.body["suggestedActions"]["actions"][0]["value"] == HOSTING
    for count, text in enumerate(["hello", "", "我可以买吗", "Who won the 2018 World Cup?"], 2):
        await teams.say(ada, own, text)
        await teams.wait(lambda count=count: len(teams.said(own)) == count)
    assert all(not message.body.get("entities") for message in teams.said(own))
    await teams.say(ada, own, "vendor-check")
    await teams.wait(lambda: len(teams.said(own)) == 6)
    assert "vendor-check Alibaba Cloud" in teams.said(own)[-1].text
    assert len(teams.said(at.group)) == 2
    assert at.refused == []


async def test_forged_expired_foreign_and_unsigned_activities_get_401_and_reach_nobody(shared_server):
    teams, server, _ = shared_server
    at = Places(teams)
    own, stranger = teams.personal(at.ada), teams.add_person("Eve", tenant=ELSEWHERE)
    activity = teams.activity(at.ada, own, "message", text="hello", textFormat="plain")
    now = int(time.time())
    bad = [
        {"authorization": ""}, {"authorization": "Basic YTpi"}, {"authorization": "Bearer nonsense"},
        {"authorization": f"Bearer {keys.unsigned(APP, teams.service_url)}"},
        {"authorization": f"Bearer {keys.keyed(APP, teams.service_url)}"},
        {"key": "evil"}, {"kid": "unknown"}, {"aud": "another-app"}, {"iss": "https://evil.example"},
        {"exp": now - 600, "iat": now - 4000, "nbf": now - 4000}, {"nbf": now + 900}, {"exp": None},
        {"serviceurl": "http://127.0.0.1:1/teams"}, {"serviceurl": None},
        {"iss": "https://login.microsoftonline.com/../x/v2.0", "tid": "../x"},
    ]  # fmt: skip
    for claims in bad:
        assert await teams.deliver(activity, **claims) == 401, claims
    data = activity["channelData"]
    for change in (
        {"channelId": "slack"}, {"serviceUrl": None}, {"serviceUrl": "https://evil.example/teams/"},
        {"conversation": {**activity["conversation"], "tenantId": ELSEWHERE}},
        {"channelData": {**data, "tenant": {"id": ELSEWHERE}}},
        {"channelData": {}, "conversation": {"id": own.id, "conversationType": "personal"}},
    ):  # fmt: skip
        assert (
            await teams.deliver({**activity, **change}, serviceurl=change.get("serviceUrl") or teams.service_url) == 401
        )
    assert await teams.deliver(teams.activity(stranger, teams.personal(stranger), "message", text="hello")) == 401
    async with aiohttp.ClientSession() as session:
        for body, status in ((b"x" * 300_000, 413), (b"nonsense", 400), (b'["type"]', 400), (b"[" * 100_000, 400)):
            async with session.post(f"{server.url}/api/messages", data=body) as response:
                assert response.status == status
    assert await teams.deliver({**activity, "type": "event", "name": "something/new"}) == 200
    assert await teams.deliver({**activity, "type": "invoke", "name": "message/submitAction", "value": {}}) == 200
    assert await teams.deliver({**activity, "from": None}) == 200
    assert await teams.deliver(activity) == 200
    await teams.wait(lambda: teams.said(own))
    assert len(teams.said(own)) == 1


async def test_what_a_place_s_readers_may_not_read_stays_out_of_it(shared_server):
    teams, *_ = shared_server
    at = Places(teams)
    guest, odd = teams.add_person("Guy", role="guest"), teams.add_person("Odd", role="")
    mixed = teams.add("groupChat", at.ada, at.grace, at.ada, guest)
    shared = teams.add("channel", at.ada, channel_type="shared")
    places = [(at.ada, mixed), (at.ada, shared), (guest, teams.personal(guest)), (odd, teams.personal(odd))]
    places.append((guest, at.general))
    for who, where in places:
        await teams.say(who, where, HOSTING)
    for _, where in places:
        await teams.wait(lambda where=where: teams.said(where))
        assert "POL-0" not in json.dumps(teams.said(where)[0].body)
        assert "allegation" in teams.said(where)[0].text
    await teams.say(at.ada, teams.personal(at.ada), HOSTING)
    await teams.wait(lambda: teams.said(teams.personal(at.ada)))
    assert "POL-02" in teams.said(teams.personal(at.ada))[0].text


async def test_a_check_s_choice_takes_the_card_s_place_and_its_buttons_take_no_orders(shared_server):
    teams, *_ = shared_server
    at = Places(teams)
    await teams.say(at.ada, at.general, "/vendor-check Alibaba Cloud")
    await teams.wait(lambda: teams.said(at.general))
    (card,) = teams.said(at.general)
    assert "owned" in shown(card.cards[0]) or "affiliate" in shown(card.cards[0])
    assert "Not loaded, and so not asked" in shown(card.cards[0])
    told = await teams.press(at.grace, card, "Watch this vendor")
    assert "from me to you" in told["value"]
    grace = teams.personal(at.grace)
    await teams.wait(lambda: teams.said(grace))
    assert "You watch Alibaba Cloud" in shown(teams.said(grace)[0].cards[0])
    await teams.say(at.ada, at.general, "vendor-check <b>[x](http://evil.example)</b> *Ltd*")
    await teams.wait(lambda: len(teams.said(at.general)) == 2)
    literal = teams.said(at.general)[1]
    assert {part["url"] for part in elements(literal.cards[0]) if part["type"] == "Action.OpenUrl"} <= set()
    data = {"verb": "check", "text": "Hikvision USA"}
    forged = {"action": {"type": "Action.Execute", "verb": "drop", "data": {"text": "x"}}}
    odd = teams.activity(at.ada, at.general, "invoke", name="adaptiveCard/action", value=forged)
    assert await teams.deliver(odd) == 200
    assert "nothing here" in teams.deliveries[-1][2]["value"]
    chosen = teams.activity(
        at.grace, at.general, "invoke", root=card.conversation.partition("=")[2], replyToId=card.id,
        name="adaptiveCard/action", value={"action": {"type": "Action.Execute", "verb": "check", "data": data}},
    )  # fmt: skip
    await teams.deliver(chosen)
    await teams.deliver(chosen)
    await teams.wait(lambda: card.edits)
    assert "Grace asked for a check of Hikvision USA" in shown(card.cards[0])
    assert len(teams.said(at.general)) == 2
    assert at.refused == []


async def test_watchers_are_told_alone_what_a_refresh_changed_and_askers_what_it_answers(shared_server, tmp_path):
    teams, _, home = shared_server
    at = Places(teams)
    own = teams.personal(at.ada)
    await teams.say(at.ada, at.group, "vendor-watch Zephyr Robotics")
    await teams.wait(lambda: teams.said(own))
    gap = await teams.say(at.ada, at.general, UNKNOWN)
    await teams.wait(lambda: teams.said(at.general, gap["id"]))
    policy = tmp_path / "policies" / "robots.md"
    policy.parent.mkdir()
    policy.write_text("# Robots\n\n## 1 Rule\n\nDevices of Zephyr Robotics must not be bought for any site.\n")
    added = ("sources", "add", "mine", "--type", "folder", "--at", str(policy.parent), "--kind", "policy")
    assert caveat(home, *added).returncode == 0
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "quenvora.md").write_text(EVIDENCE)
    assert (
        caveat(home, "sources", "add", "evidence", "--type", "folder", "--at", str(tmp_path / "evidence")).returncode
        == 0
    )
    assert caveat(home, "refresh").returncode == 0
    await teams.wait(lambda: len(teams.said(own)) == 2, 40)
    news = teams.said(own)[1]
    await teams.wait(lambda: len(teams.said(at.general, gap["id"])) == 2, 20)
    refusal, filled = teams.said(at.general, gap["id"])
    assert "I searched" in refusal.text
    assert "You asked this before" in filled.text
    assert "holds a SOC 2 Type II report" in filled.text
    assert "must not be bought for any site" in shown(news.cards[0])
    await teams.press(at.ada, news, "Stop watching", submit=True)
    await teams.wait(lambda: len(teams.said(own)) == 3)
    await teams.say(at.ada, own, "vendor-watch list")
    await teams.wait(lambda: len(teams.said(own)) == 4)
    assert [message.text for message in teams.said(own)[2:]] == [
        "You do not watch Zephyr Robotics any more.",
        "You watch no vendor. vendor-watch NAME begins to.",
    ]
    assert teams.said(at.group) == []
    assert at.refused == []


async def test_faults_of_teams_neither_lose_nor_double_an_answer(shared_server):
    teams, server, home = shared_server
    at = Places(teams)
    own = teams.personal(at.ada)
    teams.fail(429, 503, 401)
    await teams.say(at.ada, own, "hello")
    await teams.wait(lambda: teams.said(own), 30)
    teams.fail("lost")
    await teams.say(at.ada, at.general, HOSTING)
    await teams.wait(lambda: len(teams.said(at.general)) == 2, 20)
    answer, doubt = teams.said(at.general)
    assert "allegation" in answer.text
    assert "did not confirm" in shown(doubt.cards[0])
    await teams.press(at.grace, doubt, "Show the answer")
    await teams.wait(lambda: doubt.edits)
    assert doubt.body["text"] == answer.text
    teams.fail(413)
    await teams.say(at.ada, at.group, HOSTING)
    await teams.wait(lambda: teams.said(at.group), 20)
    assert "its receipt holds it" in teams.said(at.group)[0].text
    at.group.installed = False
    await teams.say(at.ada, at.group, "hello")
    await teams.wait(lambda: ("POST", 403) in [(method, status) for method, _, status, _ in teams.calls[at.since :]])
    engine = open_database(f"sqlite:///{home / 'caveat.db'}")
    letters = DeadLetters(engine)
    async with asyncio.timeout(30):
        while not (refused := letters.all()):  # noqa: ASYNC110 - another process keeps it
            await asyncio.sleep(0.1)
    assert [(one.door, one.why) for one in refused] == [("teams", "Teams refused the answer (status 403)")]
    at.group.installed = True
    letters.want(refused[0].key, datetime.now(UTC))
    await teams.wait(lambda: len(teams.said(at.group)) == 2, 30)
    async with asyncio.timeout(30):
        while letters.count():  # noqa: ASYNC110 - another process takes it away
            await asyncio.sleep(0.1)
    engine.dispose()
    await teams.say(at.ada, own, "hello")
    await teams.wait(lambda: len(teams.said(own)) == 2, 20)
    assert "Traceback" not in server.errors.read_text()
