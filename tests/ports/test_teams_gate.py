"""The Teams SDK as our gate uses it: slow key servers stall nobody, half a set-up is refused, and an open one is for loopback."""

import asyncio
import time

import pytest

from bot.errors import SettingsRefused
from bot.settings import Settings
from bot.teams.registration import Registration, registered
from tests.servers.teams import Teams, keys
from tests.servers.teams.model import HOME
from tests.servers.teams.server import APP


async def test_a_slow_key_server_does_not_stall_the_loop_and_is_asked_once():
    from bot.teams.gate import Gate

    async with Teams() as teams:
        gate = Gate(registered(Settings(CAVEAT_HOME="/nowhere", **teams.environment)))
        activity = teams.activity(teams.ada, teams.personal(teams.ada), "message", text="hello")
        teams.slow_keys = 1.0
        asked = asyncio.create_task(gate.genuine(f"Bearer {keys.sign(APP, teams.service_url)}", activity))
        longest, last = 0.0, time.monotonic()
        while not asked.done():
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert await asked
        assert longest < 0.5
        forged = [f"Bearer {keys.sign(APP, teams.service_url, key='evil', kid=f'k{n}')}" for n in range(3)]
        assert [await gate.genuine(one, activity) for one in forged] == [False] * 3
        assert teams.keys_fetched <= 2


async def test_an_open_gate_still_keeps_to_its_hosts_and_tenants():
    from bot.teams.gate import Gate

    async with Teams() as teams:
        there = {
            "TENANT_ID": HOME, "CAVEAT_TEAMS_HOSTS": teams.host, "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS": "true",
        }  # fmt: skip
        gate = Gate(registered(Settings(CAVEAT_HOME="/nowhere", **there)))
        activity = teams.activity(teams.ada, teams.personal(teams.ada), "message", text="hello")
        assert await gate.genuine("", activity)
        assert not await gate.genuine("", {**activity, "serviceUrl": "https://evil.example/"})
        assert not await gate.genuine("", {**activity, "channelId": "emulator"})


@pytest.mark.parametrize(
    "given",
    [
        {"CLIENT_ID": APP},
        {"CLIENT_ID": APP, "CLIENT_SECRET": "x"},
        {"TENANT_ID": HOME},
        {"DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS": "true", "TENANT_ID": HOME},
        {"DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS": "true", "TENANT_ID": HOME, "CAVEAT_TEAMS_HOSTS": "127.0.0.1:1", "CAVEAT_HOST": "0.0.0.0"},
        {"DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS": "true", "CAVEAT_TEAMS_HOSTS": "127.0.0.1:1"},
    ],
)  # fmt: skip
def test_half_a_set_up_and_an_open_door_to_the_world_are_refused(given):
    with pytest.raises(SettingsRefused):
        registered(Settings(CAVEAT_HOME="/nowhere", **given))


def test_without_a_set_up_there_is_no_teams():
    assert registered(Settings(CAVEAT_HOME="/nowhere")) is None


@pytest.mark.parametrize(
    ("url", "served"),
    [
        ("https://smba.trafficmanager.net/emea/", True), ("http://smba.trafficmanager.net/emea/", False),
        ("https://evil.example/", False), ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://smba.trafficmanager.net@evil.example/", False), ("https://evil@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net:444/", False), ("", False), ("https://[", False),
    ],
)  # fmt: skip
def test_only_the_service_s_own_hosts_are_written_to(url, served):
    hosts = frozenset({"smba.trafficmanager.net"})
    assert Registration(APP, "s", HOME, frozenset({HOME}), hosts, "", "").serves(url) is served
