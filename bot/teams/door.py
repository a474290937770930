"""The Teams side of durable work: from a stored activity to a message in its conversation."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.checking import Checking
from bot.desk import Desk
from bot.jobs import Line, Why
from bot.model import Answer, Asker, Outcome, Place, Question, VendorCheck
from bot.progress import Course, Stage, Told, untold
from bot.teams import answers, cards, notices
from bot.teams.commands import CHECK, LOOK, PRIVATE, RULE, SHOW, USAGE, WELCOME
from bot.teams.connector import Unreachable
from bot.teams.entry import DOOR
from bot.teams.errands import Work
from bot.teams.message import Activity, cut
from bot.teams.people import People
from bot.teams.post import Post

Payload = dict[str, Any]


class TeamsDoor:
    """Answers what Teams delivered; a payload holds service, conversation, person, text, and what to `do` with it.

    What is between one person and the app goes into the conversation of the two, wherever it was said.
    """

    def __init__(self, post: Post, desk: Desk, checking: Checking, people: People, works: Mapping[str, Work]) -> None:
        self._post = post
        self._desk = desk
        self._checking = checking
        self._people = people
        self._works = works

    async def compose(self, key: str, payload: Payload, told: Told = untold) -> Payload:
        """Return the message with the conversation that it goes to; nothing where a gap is still one."""
        do = payload["do"]
        if do in {USAGE, WELCOME}:
            return _message(payload, notices.welcome() if do == WELCOME else notices.said(payload["text"]))
        if do == SHOW:
            return await self._kept(payload)
        return await (self._alone(key, payload) if do in PRIVATE else self._worked(key, payload, told))

    async def _worked(self, key: str, payload: Payload, told: Told) -> Payload:
        """Ask, check or decide as this person at this place."""
        asker, place = await asyncio.gather(self._people.asker(payload), self._people.place(payload))
        by = payload["name"] if payload["pressed"] and payload["kind"] != "personal" else ""
        if payload["do"] == CHECK:
            card = await self._checking.check(VendorCheck(key, payload["text"], asker, place))
            lead = f"{by} asked for a check of {cut(card.query, 150)}" if by else ""
            return _message(payload, cards.render(card, lead=lead))
        if payload["do"] == RULE:
            return await self._ruled(key, payload, asker, place)
        question = Question(key, payload["text"], asker, place, thread=f"{DOOR}:{payload['conversation']}")
        if payload.get("gap"):
            return await self._again(question, payload)
        return await self._asked(replace(question, back={"door": DOOR, "payload": payload}), payload, by, told)

    async def deliver(self, key: str, payload: Payload, message: Payload, *, again: bool) -> str:  # noqa: ARG002 - the post remembers
        """Send the message once; what was begun before is known to the post, also across restarts."""
        message = {name: part for name, part in message.items() if name != "held"}
        return await self._post.once(key, payload, message) if message else ""

    def line(self, key: str, payload: Payload) -> Line:  # noqa: ARG002 - every conversation has its own line
        """Return where a question stands: in its conversation; what nobody waits for is nobody's."""
        conversation = f"{DOOR}:{payload['conversation']}"
        if payload.get("gap") or payload["do"] == LOOK:
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

    def apology(self, key: str, payload: Payload, why: Why) -> Payload:
        """Return the message for what has no answer, because something broke or a limit was passed.

        Nobody waits for a gap that is tried again, or for a look at what is watched: the next edition tries it anew.
        """
        return {} if payload.get("gap") or payload["do"] == LOOK else _message(payload, notices.apology(key, why.value))

    async def _asked(self, question: Question, payload: Payload, by: str, told: Told) -> Payload:
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
        return {**_message(payload, answers.render(answer, asked_by=by)), "stream": stream}

    async def _ruled(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        """Decide about a match: the new card takes the old one's place, and a refusal stands beside it."""
        activity = await self._works[RULE](key, payload, asker, place)
        assert activity is not None
        return _message(payload if activity.get("attachments") else {**payload, "replace": ""}, activity)

    async def _again(self, question: Question, payload: Payload) -> Payload:
        answer: Answer = await self._desk.again(question)
        if answer.outcome is not Outcome.ANSWERED:
            return {}
        await self._desk.filled(payload["gap"], answer)
        return _message(payload, answers.render(answer, later=True))

    async def _alone(self, key: str, payload: Payload) -> Payload:
        """Do what is between one person and the app, and answer in the conversation of the two."""
        try:
            own = {**payload, **await self._own(payload)}
        except Unreachable:
            return {} if payload["do"] == LOOK else _message(payload, notices.said(notices.NOT_ALONE))
        asker, place = await asyncio.gather(self._people.asker(own), self._people.place(own))
        activity = await self._works[payload["do"]](key, own, asker, place)
        return _message(own, activity) if activity else {}

    async def _own(self, payload: Payload) -> Payload:
        """Return where somebody and the app are alone; Teams gives the same conversation every time."""
        if payload["kind"] == "personal":
            return {}
        body = {
            "isGroup": False, "bot": {"id": payload["bot"]}, "members": [{"id": payload["user"]}],
            "tenantId": payload["tenant"], "channelData": {"tenant": {"id": payload["tenant"]}},
        }  # fmt: skip
        opened = await self._post.connector.call("POST", payload["service"], "conversations", body=body)
        return {"conversation": str(opened["id"]), "kind": "personal", "shared": False}

    async def _kept(self, payload: Payload) -> Payload:
        """Return a message of which it was not known whether it arrived, to where it was going and nowhere else."""
        begun = await asyncio.to_thread(self._post.sent.find, payload["text"])
        if begun is None or begun.message is None or begun.conversation != payload["conversation"]:
            return _message(payload, notices.said("Nothing is kept here for this button. Please ask again."))
        return _message(payload, begun.message["activity"])


def _latest(course: Course) -> str:
    """Return the step that is at work, empty before the first."""
    return course.stages[-1].title if course.stages else ""


def _message(payload: Payload, activity: Activity) -> Payload:
    """Return a message as it is kept until it is sent."""
    made = {"conversation": payload["conversation"], "activity": activity}
    return {**made, "replace": payload["replace"]} if payload.get("replace") else made
