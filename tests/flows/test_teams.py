"""From a Teams activity to the answer in its conversation: a real server process, and a local Teams that is strict."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp

from tests.flows.processes import running
from tests.servers.teams import Teams, keys
from tests.servers.teams.content import shown
from tests.servers.teams.model import ELSEWHERE
from tests.servers.teams.server import APP

HOSTING = "Can we host EU customer data on Alibaba Cloud?"


@asynccontextmanager
async def served(home, **environment):
    """A local Teams and a server process that belongs to it."""
    async with Teams() as teams, running(home, "serve", **teams.environment, **environment) as server:
        teams.endpoint = f"{server.url}/api/messages"
        yield teams, server


def refused(teams):
    """What the service did not take, beside the rosters of those that it does not know."""
    return [(path, status) for method, path, status, _ in teams.calls if status >= 400 and method != "GET"]


async def test_questions_are_answered_once_in_every_kind_of_place_with_native_citations(home):
    async with served(home) as (teams, _):
        ada, own = teams.ada, teams.personal(teams.ada)
        asked = await teams.say(ada, teams.general, HOSTING)
        await asyncio.gather(*(teams.deliver(asked) for _ in range(4)))
        await teams.wait(lambda: teams.said(teams.general, asked["id"]))
        assert max(seconds for *_, seconds in teams.deliveries) < 5
        (answer,) = teams.said(teams.general)
        assert "allegation, not a finding" in answer.text
        assert "POL-02 §3.1" in answer.text
        (entity,) = answer.body["entities"]
        assert entity["additionalType"] == ["AIGeneratedContent"]
        assert [one["position"] for one in entity["citation"]] == [1, 2, 3, 4]
        assert "replyToId" not in answer.body

        await teams.say(ada, teams.group, "How many hours does a tier 1 vendor have to report a security incident?")
        await teams.wait(lambda: teams.said(teams.group))
        await teams.say(ada, teams.group, "and a tier 2 vendor?")
        await teams.wait(lambda: len(teams.said(teams.group)) == 2)
        assert "POL-06 §2.3" in teams.said(teams.group)[1].text
        await teams.say(ada, teams.group, "nobody is asked here", mention=False)
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
        assert len(teams.said(teams.group)) == 2
        assert refused(teams) == []
