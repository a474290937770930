"""Several workspaces: each installs the app by OAuth, speaks by its own token, and is forgotten when it leaves."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp

from bot.settings import Settings
from bot.slack.clients import Client, ManyWorkspaces
from bot.slack.door import SlackDoor
from bot.slack.manifest import METHODS, scopes
from bot.slack.people import People
from bot.slack.streams import Streams
from knowledge.store.database import open_database
from knowledge.store.installs import Installs
from knowledge.store.sent import Sent
from tests.flows.processes import running
from tests.flows.test_slack import ADA, GENERAL, HOSTING, answers, served, settled
from tests.servers.slack import Slack

KEY = "a-key-that-nobody-can-guess-0123456789"
APP = {
    "SLACK_CLIENT_ID": "a-client-id", "SLACK_CLIENT_SECRET": "a-client-secret", "CAVEAT_SECRET_KEY": KEY,
    "CAVEAT_SLACK_TEAMS": "T0ACME",
}  # fmt: skip


def second(slack, token="xoxb-umbrella"):
    """Another workspace with the app, one of its people and a channel of theirs with the bot."""
    team = slack.add_team("Umbrella")
    install = slack.workspace.install(team, "caveat2", token, "xapp-umbrella")
    eve = slack.add_user("eve", team)
    place = slack.add_channel("lobby", eve.id, install.bot_user, bot=False)
    place.team_id = team.id
    return install, eve, place


async def installed(server, code, session):
    """Go the way of an administrator: to Slack's consent and back; returns the way back, to go it again."""
    async with session.get(f"{server.url}/slack/install", allow_redirects=False) as to_slack:
        assert to_slack.status == 302
        asked = parse_qs(urlsplit(to_slack.headers["Location"]).query)
        cookie = to_slack.headers["Set-Cookie"].split(";")[0]
    assert set(asked["scope"][0].split(",")) == set(scopes())
    back = f"{server.url}/slack/oauth_redirect?code={code}&state={asked['state'][0]}"
    async with session.get(back, headers={"Cookie": cookie}) as returned:
        assert returned.status == 200, await returned.text()
        assert "default-src 'none'" in returned.headers["Content-Security-Policy"]
    return back, cookie


async def test_each_workspace_installs_the_app_is_answered_by_its_own_token_and_is_forgotten_when_it_leaves(home):
    async with Slack() as slack, aiohttp.ClientSession() as session:
        umbrella, eve, lobby = second(slack)
        async with running(home, "serve", SLACK_API_URL=slack.api_url, **_signed(slack)) as server:
            slack.events_url = f"{server.url}/slack/events"
            await slack.say(ADA, GENERAL, f"<@{slack.bot}> {HOSTING}")
            await slack.idle()
            back, cookie = await installed(server, slack.consent(slack.install), session)
            code = slack.consent(umbrella)
            for address, headers in (
                (back, {"Cookie": cookie}), (f"{back[:-5]}forge", {"Cookie": cookie}), (back, {}),
                (f"{server.url}/slack/oauth_redirect?code={code}", {}), (f"{server.url}/slack/oauth_redirect?error=<b>", {}),
            ):  # fmt: skip
                async with session.get(address, headers=headers) as refused:
                    page = await refused.text()
                    assert "Nothing was installed" in page
                    assert "<b>" not in page
            await installed(server, code, session)
            for person, place, bot in ((ADA, GENERAL, slack.bot), (eve.id, lobby.id, umbrella.bot_user)):
                await slack.say(person, place, f"<@{bot}> {HOSTING}")
            await slack.wait(lambda: _said(slack, GENERAL) and _said(slack, lobby.id), 20)
            assert "POL-02" in str(_said(slack, GENERAL)[0].blocks)
            # Umbrella's people are not the company's own: they read what is public.
            assert "POL-0" not in str(_said(slack, lobby.id)[0].blocks)
            tokens = {call.args["channel"]: call.token for call in slack.calls("chat.postMessage")}
            assert tokens == {GENERAL: slack.bot_token, lobby.id: "xoxb-umbrella"}
            assert {call.method for call in slack.calls()} <= {*METHODS, "oauth.v2.access"}
            kept = b"".join(path.read_bytes() for path in home.glob("caveat.db*"))
            assert b"xoxb" not in kept
            slack.end(umbrella)
            await slack.idle()
            before = len(slack.calls())
            await slack.say(eve.id, lobby.id, f"<@{umbrella.bot_user}> {HOSTING}")
            await settled(slack)
            assert len(slack.calls()) == before
            assert Installs(open_database(Settings(CAVEAT_HOME=home).ledger_url), [KEY]).names() == ["T0ACME"]
        assert "xoxb" not in server.errors.read_text()


async def test_one_workspace_s_token_serves_no_other_and_a_slack_that_is_away_loses_nothing(home):
    async with served(home) as (slack, _):
        umbrella, eve, lobby = second(slack)
        slack.fail("auth.test", status=503, error="service_unavailable", times=2)
        await slack.say(eve.id, lobby.id, f"<@{umbrella.bot_user}> {HOSTING}")
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> {HOSTING}")
        await slack.wait(lambda: answers(slack, GENERAL), 20)
        await settled(slack)
        assert len(answers(slack, GENERAL)) == 1
        assert _said(slack, lobby.id) == []
        assert {call.token for call in slack.calls()} == {slack.bot_token}
        mention = slack.sent("app_mention")
        assert {attempt.status for one in mention for attempt in one.attempts} == {200, 503}


async def test_an_installation_is_read_again_after_a_minute_and_at_once_when_its_token_has_ended(tmp_path):
    now = 0.0
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    installs = Installs(engine, [KEY])
    async with Slack() as slack, aiohttp.ClientSession() as session:
        told = []

        def make(token, renew=None):
            return Client(
                told=lambda *call: told.append(call), renew=renew, token=token, base_url=slack.api_url, session=session
            )

        def keep(token):
            installs.keep("T0ACME", {"token": token, "bot_id": "B", "bot_user": "U", "scopes": []})

        clients = ManyWorkspaces(make, installs, frozenset(), lambda: now)
        keep("xoxb-ended")
        client = await clients.of("T0ACME")
        keep(slack.bot_token)
        assert (await client.auth_test())["team_id"] == "T0ACME"
        assert told == [("auth.test", "invalid_auth")]
        installs.remove("T0ACME", datetime.now(UTC) + timedelta(seconds=1))
        assert (await clients.authorize("T0ACME", None)).bot_token == slack.bot_token
        now = 61.0
        assert await clients.authorize("T0ACME", None) is None
        assert await clients.authorize("T0OTHER", None) is None
        door = SlackDoor(clients, People(clients, {}), None, None, Streams(Sent(engine)), None)
        asked = {"team": "T0ACME", "channel": GENERAL, "user": ADA, "text": "?", "kind": "channel", "thread_ts": "1.2"}
        assert await door.deliver("k", asked, {"text": "late"}, again=False) == ""
    engine.dispose()


def _signed(slack):
    return {"SLACK_SIGNING_SECRET": slack.signing_secret, **APP}


def _said(slack, channel):
    return [message for message in slack.messages(channel) if message.bot_id]
