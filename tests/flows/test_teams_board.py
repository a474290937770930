"""The message of a refresh in Teams where things go wrong: it is gone, Teams is slow, the app was removed, the door is closed."""

import asyncio
import time
from contextlib import asynccontextmanager

import aiohttp

from bot.kb.board import Board
from bot.settings import Settings
from bot.teams.admins import Admins
from bot.teams.connector import Connector
from bot.teams.people import People
from bot.teams.post import Post
from bot.teams.registration import registered
from bot.teams.streams import Streams
from bot.teams.teller import Teller
from knowledge.report import Progress
from knowledge.store.database import open_database
from knowledge.store.lease import refresh_lease
from knowledge.store.renewals import Renewals
from knowledge.store.sent import Sent
from tests.flows.test_slack_board import PUBLISHED, dies
from tests.servers.teams import Teams
from tests.servers.teams.content import shown


@asynccontextmanager
async def board(tmp_path, *, activity="", among=(), begin=dies):
    """A local Teams with a message of the app, in a chat of Ada's or of hers and others, and a worker that tells of a refresh."""
    engine = open_database(f"sqlite:///{tmp_path / 'caveat.db'}")
    wishes = Renewals(engine)
    async with Teams() as teams, aiohttp.ClientSession() as session:
        registration = registered(Settings(CAVEAT_HOME="/nowhere", **teams.environment))
        connector = Connector(session, registration)
        post = Post(connector, Sent(engine), Streams(connector))
        ada = teams.ada
        admins = Admins(People(connector, {}, registration.tenants), lambda object_, _: object_ == ada.object)
        own = teams.add("groupChat", ada, *(teams.people[one] for one in among)) if among else teams.personal(ada)
        path = ("conversations", own.id, "activities")
        told = await connector.call("POST", teams.service_url, *path, body={"type": "message", "text": "Read all?"})
        back = {
            "door": "teams", "service": teams.service_url, "conversation": own.id, "kind": own.kind, "tenant": own.tenant,
            "user": ada.id, "object": ada.object, "name": "Ada", "bot": "28:x", "shared": False,
            "activity": activity or told["id"],
        }  # fmt: skip
        assert wishes.ask("wish", f"teams:{ada.object}", own.tenant, [], back)

        def lease(of):
            return refresh_lease(tmp_path, engine, of)

        yield teams, own, wishes, Board({"teams": Teller(post, admins)}, wishes, lease, begin)
    engine.dispose()


async def test_the_end_takes_the_message_s_place_once_teams_takes_it(tmp_path):
    async with board(tmp_path) as (teams, own, wishes, one):
        wishes.end("wish", PUBLISHED)
        teams.fail(503)
        await one.step()
        (message,) = teams.said(own)
        assert "The refresh is done: edition 2 is in service" in shown(message.cards[0])
        assert wishes.open() is None


async def test_a_message_that_is_gone_is_replaced_by_one_that_says_how_the_refresh_ended(tmp_path):
    async with board(tmp_path, activity="gone") as (teams, own, wishes, one):
        wishes.end("wish", PUBLISHED)
        await one.step()
        first, second = teams.said(own)
        assert first.text == "Read all?"
        assert "The refresh is done" in shown(second.cards[0])
        assert wishes.open() is None


async def test_where_nobody_can_be_told_another_refresh_may_be_asked_for_all_the_same(tmp_path):
    async with board(tmp_path) as (teams, own, wishes, one):
        wishes.end("wish", PUBLISHED)
        own.installed = False
        await one.step()
        assert (len(teams.said(own)), wishes.open()) == (1, None)
        assert wishes.ask("closed", "x:y", "", [], {"door": "a door that is closed"})
        wishes.end("closed", PUBLISHED)
        await one.step()
        assert wishes.open() is None


async def test_how_far_it_is_is_told_in_one_message_at_most_once_a_second(tmp_path):
    children, moments = [], []

    async def lasts(key, names):
        children.append(await asyncio.create_subprocess_exec("sleep", "60"))
        return children[0]

    async with board(tmp_path, begin=lasts) as (teams, own, wishes, one):
        telling = asyncio.create_task(one.step())
        (message,), done = teams.said(own), 0
        async with asyncio.timeout(60):
            while len(moments) < 2:
                done += 1
                wishes.note("wish", Progress("embed", done, 600))
                await asyncio.sleep(0.05)
                if message.edits > len(moments):
                    moments.append(time.monotonic())
        assert "Embedding" in shown(message.cards[0])
        wishes.end("wish", PUBLISHED)
        await asyncio.wait_for(telling, 60)
        children[0].kill()
        await children[0].wait()
        assert moments[1] - moments[0] > 0.9
        assert "The refresh is done" in shown(message.cards[0])
        assert (len(teams.said(own)), len(children)) == (1, 1)


async def test_among_others_the_end_is_told_to_who_began_it_alone_and_the_message_says_so(tmp_path):
    async with board(tmp_path, among=["29:grace-2"]) as (teams, own, wishes, one):
        wishes.end("wish", PUBLISHED)
        await one.step()
        (message,) = teams.said(own)
        assert "how is told to who began it" in shown(message.cards[0])
        (alone,) = teams.said(teams.personal(teams.ada))
        assert "The refresh is done: edition 2" in shown(alone.cards[0])
        assert wishes.open() is None
