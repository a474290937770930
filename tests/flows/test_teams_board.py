"""The message of a refresh in Teams where things go wrong: it is gone, Teams is slow, the app was removed, the door is closed."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp

from bot import build
from bot.kb.board import Board
from bot.settings import Settings
from bot.teams.admins import Admins
from bot.teams.connector import Connector
from bot.teams.people import People
from bot.teams.post import Post
from bot.teams.streams import Streams
from bot.teams.teller import Teller
from knowledge.store.database import open_database
from knowledge.store.lease import refresh_lease
from knowledge.store.renewals import Renewals
from knowledge.store.sent import Sent
from tests.flows.test_slack_board import PUBLISHED, dies
from tests.servers.teams import Teams
from tests.servers.teams.content import shown


@asynccontextmanager
async def board(tmp_path, door="teams", activity=""):
    """A local Teams with a message of the app in Ada's chat, a refresh that has ended, and a worker that may tell of it."""
    engine = open_database(f"sqlite:///{tmp_path / 'caveat.db'}")
    wishes = Renewals(engine)
    async with Teams() as teams, aiohttp.ClientSession() as session:
        registration = build.registration(Settings(CAVEAT_HOME="/nowhere", **teams.environment))
        connector = Connector(session, registration)
        post = Post(connector, Sent(engine), Streams(connector))
        admins = Admins(People(connector, {}, registration.tenants), lambda *_: True)
        own, ada = teams.personal(teams.ada), teams.ada
        path = ("conversations", own.id, "activities")
        told = await connector.call("POST", teams.service_url, *path, body={"type": "message", "text": "Read all?"})
        back = {
            "door": door, "service": teams.service_url, "conversation": own.id, "kind": "personal", "tenant": own.tenant,
            "user": ada.id, "object": ada.object, "name": "Ada", "bot": "28:x", "shared": False,
            "activity": activity or told["id"],
        }  # fmt: skip
        assert wishes.ask("wish", f"teams:{ada.object}", own.tenant, [], back)
        wishes.end("wish", PUBLISHED)

        def lease(of):
            return refresh_lease(tmp_path, engine, of)

        yield teams, own, wishes, Board({"teams": Teller(post, admins)}, wishes, lease, dies)
    engine.dispose()


async def test_the_end_takes_the_message_s_place_once_teams_takes_it(tmp_path):
    async with board(tmp_path) as (teams, own, wishes, one):
        teams.fail(429, 503)
        await one.step()
        (message,) = teams.said(own)
        assert "The refresh is done: edition 2 is in service" in shown(message.cards[0])
        assert wishes.open() is None


async def test_a_message_that_is_gone_is_replaced_by_one_that_says_how_the_refresh_ended(tmp_path):
    async with board(tmp_path, activity="gone") as (teams, own, wishes, one):
        await asyncio.gather(one.step())
        first, second = teams.said(own)
        assert first.text == "Read all?"
        assert "The refresh is done" in shown(second.cards[0])
        assert wishes.open() is None


async def test_where_nobody_can_be_told_another_refresh_may_be_asked_for_all_the_same(tmp_path):
    async with board(tmp_path) as (teams, own, wishes, one):
        own.installed = False
        await one.step()
        assert (len(teams.said(own)), wishes.open()) == (1, None)
        assert wishes.ask("closed", "x:y", "", [], {"door": "a door that is closed"})
        wishes.end("closed", PUBLISHED)
        await one.step()
        assert wishes.open() is None
