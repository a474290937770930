"""The Teams side of durable work: from a stored activity to a message in its conversation."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from bot.access import labels
from bot.checking import Checking, check_id
from bot.deciding import REMIND
from bot.desk import Desk, answer_id
from bot.doorway import UNANSWERED, Line, Why
from bot.kb.wants import ACTS, CHANGED, COMMAND, SAY, SHARED
from bot.model import Answer, Asker, Outcome, Place, Question, VendorCheck
from bot.progress import Course, Stage, Told, untold
from bot.teams import answers, cards, notices, ways
from bot.teams.commands import ASK, CHECK, LOOK, PRIVATE, RULE, SHOW, USAGE, WELCOME
from bot.teams.connector import Unreachable
from bot.teams.controls import SHARE, Below, below
from bot.teams.entry import DOOR
from bot.teams.errands import Work
from bot.teams.message import cut
from bot.teams.papers import Papers
from bot.teams.people import People
from bot.teams.post import Post
from bot.teams.sharing import ELSEWHERE, Sharing
from bot.teams.ways import Act
from bot.words import CLOSED, UNDONE
from knowledge.store import posts

Payload = dict[str, Any]
KEPT = frozenset({COMMAND, SHARED, SAY, CHANGED, *ACTS})
"""What administrators do, and what comes of it."""
_GONE = "Nothing is kept here for this button. Please ask again."
QUIET = frozenset({LOOK, REMIND, CHANGED})
"""What nobody waits for: where it cannot be told, nothing is."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the door asks beside the desk: people, where answers stand, how questions move, how long decisions hold."""

    people: People
    posts: posts.Posts
    sharing: Sharing
    papers: Papers
    until: Callable[[date], date]


class TeamsDoor:
    """Answers what Teams delivered; a payload holds service, conversation, person, text, and what to `do` with it.

    What is between one person and the app goes into the conversation of the two, wherever it was said; `acts` are what is done
    with an answer that stands.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a door
        self,
        post: Post,
        desk: Desk,
        checking: Checking,
        around: Around,
        works: Mapping[str, Work],
        acts: Mapping[str, Act],
    ) -> None:
        self._post = post
        self._desk = desk
        self._checking = checking
        self._around = around
        self._people = around.people
        self._works = works
        self._acts = acts

    async def compose(self, key: str, payload: Payload, told: Told = untold) -> Payload:
        """Return the message with the conversation that it goes to; nothing where a gap is still one."""
        do = payload["do"]
        if do in {USAGE, WELCOME}:
            return ways.told(payload, notices.welcome() if do == WELCOME else notices.said(payload["text"]))
        if do == SHOW:
            return await self._kept(payload)
        if do in self._acts:
            return await self._acts[do](key, payload)
        if do in PRIVATE:
            return await self._alone(key, payload)
        if do in ELSEWHERE or payload.get("private"):
            return await self._moved(key, payload, told)
        return await self._worked(key, payload, told)

    async def _moved(self, key: str, payload: Payload, told: Told) -> Payload:
        """Ask or check for one person alone, or in the open again what was told to him alone."""
        if payload["do"] == SHARE:
            moved = await self._around.sharing.shared(payload)
            return await self._worked(key, moved, told) if moved else ways.whispered(payload, notices.said(CLOSED))
        try:
            return await self._worked(key, await self._around.sharing.alone(payload), told)
        except Unreachable:
            return {} if payload.get("gap") else ways.posted({**payload, "replace": ""}, notices.said(notices.UNTOLD))

    async def _worked(self, key: str, payload: Payload, told: Told) -> Payload:
        """Ask, check or decide as this person at this place."""
        asker, place = await asyncio.gather(self._people.asker(payload), self._people.place(payload))
        alone = payload["kind"] == "personal" or payload.get("private")
        by = payload["name"] if payload["pressed"] and not alone else ""
        given = below(asker, place, payload, self._around.until(datetime.now(UTC).date()))
        if payload["do"] == CHECK:
            card = await self._checking.check(VendorCheck(key, payload["text"], asker, place))
            lead = f"{by} asked for a check of {cut(card.query, 150)}" if by else ""
            return ways.answered(payload, cards.render(card, lead=lead, given=given), card.id)
        if payload["do"] == RULE:
            return await self._ruled(key, payload, asker, place)
        where = (payload.get("origin") or payload)["conversation"]
        files, fetch = await self._around.papers.of(key, payload)
        question = Question(key, payload["text"], asker, place, thread=f"{DOOR}:{where}", files=files, fetch=fetch)
        if payload.get("gap"):
            return await self._again(question, payload, given)
        back = {"door": DOOR, "payload": _lasting(payload)}
        return await self._asked(replace(question, back=back), payload, by, given, told)

    async def deliver(self, key: str, payload: Payload, message: Payload, *, again: bool) -> str:  # noqa: ARG002 - the post remembers
        """Send the message once; what was begun before is known to the post, also across restarts."""
        stands = message.get("stands")
        message = {name: part for name, part in message.items() if name not in {"held", "stands", UNANSWERED}}
        if stands:
            # Kept before it is sent: whoever sees the answer can press its buttons at once.
            stood = posts.Post(message["answer"], DOOR, {**_lasting(payload), **stands})
            await asyncio.to_thread(self._around.posts.keep, stood)
        return await self._post.once(key, payload, message) if message else ""

    def line(self, key: str, payload: Payload) -> Line:  # noqa: ARG002 - every conversation has its own line
        """Return where a question stands: in its conversation; what nobody waits for is nobody's."""
        conversation = f"{DOOR}:{payload['conversation']}"
        if payload["do"] in KEPT:
            # What administrators do waits for no question, and no question for it.
            return Line(f"{conversation}:kb", f"{DOOR}:{payload['user']}", waits=False)
        if payload.get("gap") or payload["do"] in QUIET:
            return Line(conversation, "", waits=False)
        place = "" if payload["kind"] == "personal" else conversation
        return Line(conversation, f"{DOOR}:{payload['user']}", place)

    async def hold(
        self, key: str, payload: Payload, place: int, stages: tuple[Stage, ...], *, again: bool  # noqa: ARG002 - nothing is posted
    ) -> Payload:  # fmt: skip
        """Post nothing: alone with the app somebody sees that it works, and elsewhere Teams has no message to be replaced."""
        return {}

    async def show(self, key: str, payload: Payload, held: Payload, stages: tuple[Stage, ...]) -> Payload:  # noqa: ARG002
        """Show nothing here: alone with the app the stream of the answer tells its steps."""
        return held

    async def retract(self, key: str, payload: Payload, held: Payload) -> None:
        """Take nothing back: nothing was held."""

    def reason(self, error: Exception) -> str:
        """Return why Teams does not have a message."""
        if isinstance(error, Unreachable):
            return f"Teams refused the answer (status {error.status})"
        return "the answer could not be handed to Teams; the log of that time says more"

    def passes(self, error: Exception) -> bool:
        """Tell whether Teams may take the message later: it did not refuse it."""
        return not isinstance(error, Unreachable)

    async def anew(self, key: str, payload: Payload) -> str:
        """Return the key to compose under again: the same for what is no answer, another one where its readers may read less."""
        if payload["do"] not in {ASK, CHECK}:
            return key
        asker, place = await asyncio.gather(self._people.asker(payload), self._people.place(payload))
        own = check_id(key) if payload["do"] == CHECK else answer_id(key)
        return await asyncio.to_thread(self._desk.renewed, own, key, labels(asker, place))

    def apology(self, key: str, payload: Payload, why: Why) -> Payload:
        """Return the message for what has no answer, because something broke or a limit was passed.

        Nobody waits for a gap that is tried again, or for a look at what is watched: the next edition tries it anew.
        """
        if payload.get("gap") or payload["do"] in QUIET:
            return {}
        if payload["do"] in self._acts:
            return ways.whispered(payload, notices.said(UNDONE.format(key=key)))
        alone = payload.get("private") or payload["do"] in ELSEWHERE
        return (ways.whispered if alone else ways.posted)(payload, notices.apology(key, why.value))

    async def _asked(self, question: Question, payload: Payload, by: str, given: Below, told: Told) -> Payload:
        """Ask the desk; one person alone is shown meanwhile how far the work is."""
        course = Course()

        def tell(stage: Stage) -> None:
            course.tell(stage)
            told(stage)

        stream = ""
        if payload["kind"] == "personal":
            asked = self._desk.ask(question, tell)
            answer, stream = await self._post.streams.during(asked, payload, lambda: _latest(course))
        else:
            answer = await self._desk.ask(question, tell)
        shown = answers.render(answer, asked_by=by, given=given)
        return {**ways.answered(payload, shown, answer.id), "stream": stream}

    async def _ruled(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        """Decide about a match: the new card takes the old one's place, and a refusal stands beside it."""
        activity = await self._works[RULE](key, payload, asker, place)
        assert activity is not None
        if not activity.get("attachments"):
            return ways.told({**payload, "replace": ""}, activity)
        return ways.answered({**payload, "do": CHECK}, activity, check_id(key))

    async def _again(self, question: Question, payload: Payload, given: Below) -> Payload:
        answer: Answer = await self._desk.again(question)
        if answer.outcome is not Outcome.ANSWERED:
            return {}
        await self._desk.filled(payload["gap"], answer)
        return ways.answered(payload, answers.render(answer, later=True, given=given), answer.id)

    async def _alone(self, key: str, payload: Payload) -> Payload:
        """Do what is between one person and the app, and answer in the conversation of the two."""
        try:
            own = {**payload, **await self._post.own(payload)}
        except Unreachable:
            return {} if payload["do"] in QUIET else ways.posted(payload, notices.said(notices.NOT_ALONE))
        asker, place = await asyncio.gather(self._people.asker(own), self._people.place(own))
        activity = await self._works[payload["do"]](key, own, asker, place)
        return ways.posted(own, activity) if activity else {}

    async def _kept(self, payload: Payload) -> Payload:
        """Return a message of which it was not known whether it arrived, to where it was going and to nobody else."""
        begun = await asyncio.to_thread(self._post.sent.find, payload["text"])
        message = begun.message if begun else None
        if begun is None or message is None:
            return ways.whispered(payload, notices.said(_GONE))
        again = {"answer": message.get("answer", "")}
        if only := message.get("only"):
            mine = only["user"] == payload["user"]
            return {
                **ways.whispered(payload, message["activity"] if mine else notices.said(_GONE)),
                **(again if mine else {}),
            }
        if begun.conversation != payload["conversation"]:
            return ways.whispered(payload, notices.said(_GONE))
        return {**ways.posted(payload, message["activity"]), **again}


def _lasting(payload: Payload) -> Payload:
    """Return what is kept of a payload for later: not where its files lay, which is over in minutes."""
    return {name: value for name, value in payload.items() if name != "files"}


def _latest(course: Course) -> str:
    """Return the step that is at work, empty before the first."""
    return course.stages[-1].title if course.stages else ""
