"""Three hundred questions through Teams, with kills, faults and redeliveries: none is lost, and none is told twice."""

import asyncio
import random
from collections import defaultdict

import pytest

from tests.flows.processes import running
from tests.servers.teams import Teams

KILLS, EACH = 10, 30


@pytest.mark.soak
async def test_three_hundred_questions_through_kills_and_faults_are_answered_once_each(home, record_property):
    chance = random.Random(11)
    async with Teams() as teams:
        # One person asks three hundred times here, and the machine may be busy: neither is what is measured.
        unlimited = {
            "CAVEAT_QUESTIONS_PER_USER": "0",
            "CAVEAT_QUESTIONS_PER_PLACE": "0",
            "CAVEAT_DEADLINE_SECONDS": "7200",
        }
        there = {**teams.environment, **unlimited, "CAVEAT_EXECUTOR": "soak"}
        asked = []
        async with running(home, "web", **{**there, "CAVEAT_EXECUTOR": "soak-web"}) as web:
            teams.endpoint = f"{web.url}/api/messages"
            for round_ in range(KILLS):
                async with running(home, "worker", ready=False, **there) as worker:
                    await worker.started()
                    teams.fail(*chance.choices([429, 503, 500, "lost"], k=4))
                    for number in range(EACH):
                        text = f"Can we host EU customer data on Alibaba Cloud? ({round_}.{number})"
                        said = await teams.say(teams.ada, teams.general, text)
                        asked.append(said["id"])
                        if chance.random() < 0.3:
                            await teams.deliver(said)
                    await asyncio.sleep(chance.uniform(0.0, 1.5))
                    await worker.kill()
            async with running(home, "worker", ready=False, **there) as worker:
                await worker.started()
                await teams.wait(lambda: len(_by_root(teams)) >= len(asked), 240)
                await asyncio.sleep(3)
                by_root = _by_root(teams)
                offered = [one for root in by_root.values() for one in root if "Show the answer" in str(one.cards)]
                for doubt in offered:
                    await teams.press(teams.ada, doubt, "Show the answer")
                await teams.wait(lambda: all(doubt.edits for doubt in offered), 60)
        assert {status for _, status, _, _ in teams.deliveries} == {200}
        assert sorted(by_root) == sorted(asked)
        told = {root: sum(not one.edits for one in messages) for root, messages in by_root.items()}
        assert max(told.values()) == 1, "an answer came twice by itself"
        assert all("allegation" in one.text for messages in by_root.values() for one in messages)
        acks = sorted(seconds for *_, seconds in teams.deliveries)
        record_property(
            "events", {"asked": len(asked), "offered": len(offered), "ack p50 ms": 1000 * acks[len(acks) // 2]}
        )
        print(len(asked), "asked,", len(offered), "offered, ack p50", round(1000 * acks[len(acks) // 2], 1), "ms")


def _by_root(teams):
    found = defaultdict(list)
    for message in teams.said(teams.general):
        found[message.conversation.partition("=")[2]].append(message)
    return found
