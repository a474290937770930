"""The Slack side of durable work: from a stored event to a posted answer."""

from dataclasses import replace
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.checking import Checking
from bot.conversation import question_text
from bot.desk import Desk
from bot.errors import NotInstalled
from bot.model import Outcome, Question, VendorCheck
from bot.slack import blocks, cards
from bot.slack.clients import Clients
from bot.slack.people import People
from bot.slack.post import post_once, whisper

DOOR = "slack"
log = structlog.get_logger()


class SlackDoor:
    """Answers what Slack delivered; a payload holds channel, user, team, text, kind and where to answer."""

    def __init__(self, clients: Clients, desk: Desk, checking: Checking, people: People) -> None:
        self._clients = clients
        self._desk = desk
        self._checking = checking
        self._people = people

    async def compose(self, key: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Ask the desk as this user at this place, and render the answer; nothing where a gap is still one."""
        asker = await self._people.asker(payload["user"], *_home(payload))
        place = await self._people.place(payload["channel"], payload["kind"], *_home(payload))
        if payload.get("check"):
            return cards.render(await self._checking.check(VendorCheck(key, _name(payload["text"]), asker, place)))
        question = Question(key, payload["text"], asker, place, thread=_thread(payload))
        if gap := payload.get("gap"):
            answer = await self._desk.again(question)
            if answer.outcome is not Outcome.ANSWERED:
                return {}
            await self._desk.filled(gap, answer)
            return blocks.render(answer, later=True)
        answer = await self._desk.ask(replace(question, back={"door": DOOR, "payload": payload}))
        return blocks.render(answer, asked_by=payload["user"] if payload.get("chosen") and payload["thread_ts"] else "")

    async def deliver(self, key: str, payload: dict[str, Any], message: dict[str, Any], *, again: bool) -> str:
        """Post the answer into the thread of the question; a command's question is posted first, as the thread's root."""
        if not message:
            return ""
        root = payload["thread_ts"]
        try:
            client = await self._clients.of(*_home(payload))
            if not root:
                asked = blocks.asked(payload["user"], payload["text"], check=bool(payload.get("check")))
                root = await post_once(
                    client, key=f"{key}:root", channel=payload["channel"], thread_ts="", message=asked, again=again
                )
            return await post_once(
                client, key=key, channel=payload["channel"], thread_ts=root, message=message, again=again
            )
        except NotInstalled:
            log.warning("slack.uninstalled_meanwhile")
            return ""
        except SlackApiError:
            if not payload.get("response_url"):
                raise
            # A command can be given where the bot may not write: then the answer comes to the asker alone.
            await whisper(payload["response_url"], message)
            return ""

    def apology(self, key: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the message for a question that could not be answered because something broke.

        Nobody waits for a gap that is tried again: there is nothing to say, and the next edition tries it anew.
        """
        return {} if payload.get("gap") else blocks.apology(key)


def _name(text: str) -> str:
    """Return the name that was typed: mentions out, and the three characters that Slack escapes as they were."""
    return question_text(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _home(payload: dict[str, Any]) -> tuple[str, str]:
    """Return the workspace and the enterprise that an event belongs to."""
    return payload["team"], payload.get("enterprise", "")


def _thread(payload: dict[str, Any]) -> str:
    """Return the name of a conversation: the thread in a channel, all that is said in a direct message."""
    if payload["kind"] == "im":
        return f"slack:{payload['channel']}"
    return f"slack:{payload['channel']}:{payload['thread_ts']}" if payload["thread_ts"] else ""
