"""Who may do something with an answer that stands in Teams: somebody of its conversation who may read all its sources there."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.exhibits import Exhibits
from bot.model import Asker, Place
from bot.teams.entry import DOOR
from bot.teams.people import People
from bot.teams.ways import STANDS, Payload
from knowledge.store.chain import Kept
from knowledge.store.posts import Posts
from knowledge.store.sent import Sent


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer that was opened to somebody: its receipt, who he is, what all who read it may see, and where it stands.

    `spot` is the payload of what he does, as if he had done it where the answer stands.
    """

    kept: Kept
    asker: Asker
    place: Place
    spot: Payload


@dataclass(frozen=True, slots=True)
class Access:
    """Opens answers to people; `may_rule` tells by an object id and its tenant whether the settings name a reviewer.

    What a press brings back is made up by whoever presses: where an answer stands is known from where it was sent.
    """

    people: People
    exhibits: Exhibits
    posts: Posts
    sent: Sent
    may_rule: Callable[[str, str], bool]

    async def opened(self, payload: Payload, answer: str) -> Opened | None:
        """Return an answer to whoever presses, None where he may not read it where it stands.

        It is pressed where it stands, or in his own chat with the app: a reply for him alone may have come there.
        """
        post = await asyncio.to_thread(self.posts.find, answer)
        if post is None or post.door != DOOR:
            return None
        back = post.back
        there = _base(back["conversation"]) == _base(payload["conversation"])
        if not (there or payload["kind"] == "personal") or (back.get("private") and back["user"] != payload["user"]):
            return None
        spot = {name: value for name, value in payload.items() if name not in STANDS}
        spot |= {name: back[name] for name in STANDS if name in back}
        # A channel may have been shared with others since.
        spot["shared"] = back["shared"] or (there and payload["shared"])
        asker, place = await asyncio.gather(self.people.met(spot), self.people.place(spot))
        if asker is None:
            return None
        kept = await asyncio.to_thread(self.exhibits.within, answer, asker, place)
        return Opened(kept, asker, place, spot) if kept else None

    def reviews(self, payload: Payload, asker: Asker) -> bool:
        """Tell whether a person of the company is a reviewer."""
        return asker.staff and self.may_rule(payload["object"], payload["tenant"])

    async def there(self, payload: Payload, opened: Opened) -> Payload:
        """Return where an answer stands, to be changed in the message whose button was pressed, if that is about this answer."""
        same = await self.shows(payload) == opened.kept.answer_id
        return {**opened.spot, "replace": payload["message"]} if same else opened.spot

    async def shows(self, payload: Payload) -> str:
        """Return the id of the answer that the message shows whose button was pressed, empty for none that is known."""
        found = await asyncio.to_thread(self.sent.shown, payload.get("message", ""))
        here = _base(payload["conversation"])
        return next((answer for where, answer in found if _base(where) == here), "")


def _base(conversation: str) -> str:
    """Return a conversation without its thread: its people and the ids of its messages are those of the whole."""
    return conversation.partition(";")[0]
