"""The Teams side of durable work: from a stored activity to a message in its conversation."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.access import labels
from bot.checking import Checking, check_id
from bot.desk import Desk, answer_id
from bot.jobs import Line, Why
from bot.kb.tasks import asking
from bot.kb.wants import CHANGED
from bot.model import Answer, Asker, Outcome, Place, Question, VendorCheck
from bot.teams import answers, cards, notices
from bot.teams.commands import ASK, CHECK, LOOK, PRIVATE, RULE, SHOW, USAGE, WELCOME
from bot.teams.connector import Unreachable
from bot.teams.entry import DOOR
from bot.teams.errands import Work
from bot.teams.kb import BACK, Placed
from bot.teams.message import Activity, cut
from bot.teams.people import People
from bot.teams.post import Post
from knowledge.store.posts import Post as Kept
from knowledge.store.posts import Posts

Payload = dict[str, Any]


class TeamsDoor:
    """Answers what Teams delivered; a payload holds service, conversation, person, text, and what to `do` with it.

    What is between one person and the app goes into the conversation of the two, wherever it was said.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a door
        self,
        post: Post,
        desk: Desk,
        checking: Checking,
        people: People,
        works: Mapping[str, Work],
        placed: Mapping[str, Placed],
        posts: Posts,
    ) -> None:
        self._placed = placed
        self._posts = posts
        self._post = post
        self._desk = desk
        self._checking = checking
        self._people = people
        self._works = works

    async def compose(self, key: str, payload: Payload) -> Payload:
        """Return the message with the conversation that it goes to; nothing where a gap is still one."""
        do = payload["do"]
        if do in {USAGE, WELCOME}:
            return _message(payload, notices.welcome() if do == WELCOME else notices.said(payload["text"]))
        if do == SHOW:
            return await self._kept(payload)
        if do in self._placed:
            return await self._placed[do](key, payload)
        return await (self._alone(key, payload) if do in PRIVATE else self._worked(key, payload))

    async def _worked(self, key: str, payload: Payload) -> Payload:
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
        return await self._asked(replace(question, back={"door": DOOR, "payload": payload}), payload, by)

    async def deliver(self, key: str, payload: Payload, message: Payload, *, again: bool) -> str:  # noqa: ARG002 - the post remembers
        """Send the message once; what was begun before is known to the post, also across restarts."""
        message = {name: part for name, part in message.items() if name != "held"}
        if not message:
            return ""
        posted = await self._post.once(key, payload, message)
        if payload["do"] in {ASK, CHECK}:
            # What becomes known later of what an answer stood on finds its conversation.
            own = check_id(key) if payload["do"] == CHECK else answer_id(key)
            await asyncio.to_thread(self._posts.keep, Kept(own, DOOR, asking(payload, BACK)))
        return posted

    def line(self, key: str, payload: Payload) -> Line:  # noqa: ARG002 - every conversation has its own line
        """Return where a question stands: in its conversation; what nobody waits for is nobody's."""
        conversation = f"{DOOR}:{payload['conversation']}"
        if payload["do"] in self._placed:
            # What administrators do waits for no question, and no question for it.
            return Line(f"{conversation}:kb", f"{DOOR}:{payload['user']}", waits=False)
        if payload.get("gap") or payload["do"] == LOOK:
            return Line(conversation, "", waits=False)
        place = "" if payload["kind"] == "personal" else conversation
        return Line(conversation, f"{DOOR}:{payload['user']}", place)

    async def hold(self, key: str, payload: Payload, place: int, *, again: bool) -> Payload:  # noqa: ARG002 - nothing is posted
        """Post nothing: alone with the app somebody sees that it works, and elsewhere Teams has no message to be replaced."""
        return {}

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
        return (
            {}
            if payload.get("gap") or payload["do"] in {LOOK, CHANGED}
            else _message(payload, notices.apology(key, why.value))
        )

    async def _asked(self, question: Question, payload: Payload, by: str) -> Payload:
        """Ask the desk; one person alone is shown meanwhile that work goes on."""
        stream = ""
        if payload["kind"] == "personal":
            answer, stream = await self._post.streams.during(self._desk.ask(question), payload)
        else:
            answer = await self._desk.ask(question)
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
            own = {**payload, **await self._post.alone(payload)}
        except Unreachable:
            return {} if payload["do"] == LOOK else _message(payload, notices.said(notices.NOT_ALONE))
        asker, place = await asyncio.gather(self._people.asker(own), self._people.place(own))
        activity = await self._works[payload["do"]](key, own, asker, place)
        return _message(own, activity) if activity else {}

    async def _kept(self, payload: Payload) -> Payload:
        """Return a message of which it was not known whether it arrived, to where it was going and nowhere else."""
        begun = await asyncio.to_thread(self._post.sent.find, payload["text"])
        if begun is None or begun.message is None or begun.conversation != payload["conversation"]:
            return _message(payload, notices.said("Nothing is kept here for this button. Please ask again."))
        return _message(payload, begun.message["activity"])


def _message(payload: Payload, activity: Activity) -> Payload:
    """Return a message as it is kept until it is sent."""
    made = {"conversation": payload["conversation"], "activity": activity}
    return {**made, "replace": payload["replace"]} if payload.get("replace") else made
