"""Puts the parts of the Teams door together; the SDK is loaded by the first who listens, and by nobody who does not."""

from collections.abc import Callable
from importlib import import_module

from starlette.requests import Request
from starlette.responses import Response

from bot.deciding import REMIND
from bot.handing import Handing
from bot.jobs import Jobs
from bot.parts import Parts
from bot.teams.access import Access
from bot.teams.acts import acts
from bot.teams.admins import Admins
from bot.teams.connector import Connector
from bot.teams.decisions import reminding
from bot.teams.door import Around, TeamsDoor
from bot.teams.entry import Entry
from bot.teams.errands import Errands
from bot.teams.files import Files
from bot.teams.held import WAITING, Held
from bot.teams.kb import Kb
from bot.teams.papers import Papers
from bot.teams.people import People
from bot.teams.post import Post
from bot.teams.registration import Registration
from bot.teams.sharing import Sharing
from bot.teams.streams import Streams
from bot.teams.teller import Teller
from knowledge.store.feedback import Feedback
from knowledge.store.handoffs import Handoffs
from knowledge.store.posts import Posts
from knowledge.store.sent import Sent


class Opened:
    """The Teams side of one process: the door for its jobs, and what takes requests once it listens."""

    def __init__(
        self, registration: Registration, door: TeamsDoor, may_rule: Callable[[str, str], bool], kb: Kb, teller: Teller
    ) -> None:
        self.door = door
        self.teller = teller
        self._kb = kb
        self._may_rule = may_rule
        self._registration = registration
        self._entry: Entry | None = None

    def listen(self, jobs: Jobs) -> None:
        """Begin to take requests; the SDK is imported here, which takes some seconds."""
        gate = import_module("bot.teams.gate").Gate(self._registration)
        self._entry = Entry(gate.genuine, jobs, self._may_rule, self._kb)

    async def take(self, request: Request, body: bytes) -> Response:
        """Answer a request, with 503 where the process is not ready for it."""
        return await self._entry.handle(request, body) if self._entry else Response(status_code=503)


def opened(registration: Registration, parts: Parts) -> Opened:
    """Return the Teams side of a process."""
    connector = Connector(parts.session, registration)
    post = Post(connector, Sent(parts.engine), Streams(connector), targeted=parts.settings.teams_targeted)
    people = People(connector, parts.groups, registration.tenants)
    posts = Posts(parts.engine)
    access = Access(people, parts.exhibits, posts, post.sent, parts.may_rule)
    errands = Errands(parts.watching, parts.reviewing, parts.may_rule, parts.deciding.until)
    admins = Admins(people, parts.may_keep)
    files = Files(parts.session, parts.settings.teams_file_hosts_allowed)
    kb = Kb(parts.keeping, admins, people, posts, post, files, parts.put, parts.types, parts.desk.links)
    works = {**errands.works, REMIND: reminding(parts.deciding)}
    done = {**acts(access, parts.deciding, Feedback(parts.engine), Handing(Handoffs(parts.engine))), **kb.works}
    papers = Papers(files, Held(parts.keeping.uploads / WAITING))
    around = Around(people, posts, Sharing(access, post), papers, parts.deciding.until)
    door = TeamsDoor(post, parts.desk, parts.checking, around, works, done)
    return Opened(registration, door, errands.may_rule, kb, Teller(post, admins))
