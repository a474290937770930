"""Puts the parts of the Slack door together: the door for durable work, the listeners, and who tells how far a refresh is."""

import asyncio
from contextlib import AsyncExitStack

from bot.handing import Handing
from bot.jobs import Jobs
from bot.parts import Parts
from bot.slack.acts import Acts
from bot.slack.admins import Admins
from bot.slack.answering import Answering
from bot.slack.app import SlackSide
from bot.slack.delivering import Delivering
from bot.slack.door import SlackDoor
from bot.slack.errands import Errands
from bot.slack.event import DOOR
from bot.slack.files import Files
from bot.slack.gate import Gate
from bot.slack.home import Home
from bot.slack.kb import Kb
from bot.slack.listeners import Around
from bot.slack.papers import Papers
from bot.slack.people import People
from bot.slack.streams import Streams
from bot.slack.teller import Teller
from knowledge.store.conversation import Turns
from knowledge.store.feedback import Feedback
from knowledge.store.handoffs import Handoffs
from knowledge.store.posts import Posts
from knowledge.store.sent import Sent


class Opened:
    """The Slack side of one process: the door for its jobs, and what takes requests once it listens."""

    def __init__(self, parts: Parts, side: SlackSide) -> None:
        clients = side.clients
        people = People(clients, parts.groups)
        admins = Admins(people, parts.may_keep)
        posts = Posts(parts.engine)
        files = Files(clients, parts.settings.slack_api_url)
        links = parts.desk.links
        gate = Gate(people, parts.exhibits, parts.may_rule)
        errands = Errands(parts.watching, parts.reviewing, parts.may_rule)
        acts = Acts(gate, parts.deciding, Feedback(parts.engine), Handing(Handoffs(parts.engine)))
        home = Home(clients, parts.keeping, parts.watching.watches, admins, links)
        self._kb = Kb(parts.keeping, admins, posts, files, clients, parts.put, parts.types, links)
        papers = Papers(files, admins, parts.checking, parts.desk)
        works = {**errands.works, **acts.works, **self._kb.works, **home.works, **papers.works}
        streams = Streams(Sent(parts.engine))
        answering = Answering(parts.desk, parts.checking, works, papers)
        delivering = Delivering(parts.desk, streams, posts)
        self.door = SlackDoor(clients, people, parts.desk, answering, streams, delivering)
        self.requests = side
        self._parts = parts
        self._turns = Turns(parts.engine)

    async def listen(self, stack: AsyncExitStack, jobs: Jobs) -> None:
        """Begin to take events; what was opened for that is closed with the stack."""
        around = Around(self._parts.may_rule, self._takes_part, self._parts.deciding.until, self._kb)
        await self.requests.open(stack, jobs, around)

    @property
    def teller(self) -> Teller:
        """Who tells in Slack how far a refresh is."""
        return Teller(self.requests.clients)

    async def _takes_part(self, thread: str, user: str) -> bool:
        """Tell whether a question of this user was answered in this thread within a day."""
        return bool(await asyncio.to_thread(self._turns.before, thread, f"{DOOR}:{user}", ""))


def opened(parts: Parts) -> Opened:
    """Return the Slack side of a process."""
    return Opened(parts, SlackSide(parts.settings, parts.engine, parts.session, parts.metrics))
