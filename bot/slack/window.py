"""Opens a modal for a press or a command; where Slack does not open it, the person is told in words what to do."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs import Jobs
from bot.model import Asker, Place
from bot.slack import ways
from bot.slack.errands import Payload, Work
from bot.slack.press import alone, pressed

SAY = "say"
"""The payload's `do` of words that come to one person alone."""
SECONDS = 1.8
"""Within which Slack must have opened a modal: it waits three for the acknowledgement, and a trigger id lives as long."""
NOTHING = "Nothing was done."
_OVER = "Slack opens a window only within three seconds, and they were over. {kept} Please {again}."
_USED = "A window was opened for this already. {kept} If you see none, please {again}."
_BUSY = "Slack did not open the window now. {kept} Please {again} in a minute."
_WORDS = {
    "expired_trigger_id": _OVER, "trigger_expired": _OVER, "invalid_trigger_id": _OVER,
    "exchanged_trigger_id": _USED, "trigger_exchanged": _USED,
}  # fmt: skip
"""What Slack's refusals of a trigger id mean for whoever pressed; every other one passes, or is ours to mend."""
log = structlog.get_logger()


def works() -> Mapping[str, Work]:
    """Return what is done for each `do` of a payload."""

    async def tell(_key: str, payload: Payload, _asker: Asker, _place: Place) -> Payload:
        return ways.whispered(payload["words"])

    return {SAY: tell}


async def by_press(  # noqa: PLR0913 - what a press has, and what is said of it
    client: AsyncWebClient, jobs: Jobs, door: str, body: dict[str, Any], view: dict[str, Any], *, kept: str = NOTHING
) -> str:
    """Open a modal for a pressed button and return its id, empty where Slack did not; `kept` says what was done all the same."""
    id_, words = await _opened(client, body["trigger_id"], view)
    if not id_:
        told = words.format(kept=kept, again="press the button again")
        await jobs.put(f"{body['trigger_id']}:{SAY}", door, said(body, told))
    return id_


def said(body: dict[str, Any], words: str) -> Payload:
    """Return the payload of words for whoever pressed a button of a message, or used a shortcut."""
    who = pressed(body, {}) if "container" in body else alone(body, "") | {"response_url": body.get("response_url", "")}
    return who | {"do": SAY, "words": words}


async def by_command(client: AsyncWebClient, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
    """Open a modal for a command and acknowledge it, with words where Slack did not open it."""
    id_, words = await _opened(client, body["trigger_id"], view)
    if id_:
        await ack()
    else:
        await ack(text=words.format(kept=NOTHING, again="send the command again"), response_type="ephemeral")


async def _opened(client: AsyncWebClient, trigger_id: str, view: dict[str, Any]) -> tuple[str, str]:
    """Return the id of the modal, or else the words for why there is none."""
    try:
        async with asyncio.timeout(SECONDS):
            opened = await client.views_open(trigger_id=trigger_id, view=view)
    except SlackApiError as error:
        name = str(error.response.get("error") or "") if hasattr(error.response, "get") else ""
        log.warning("slack.unopened", error=name)
        return "", _WORDS.get(name, _BUSY)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("slack.unopened", error=type(error).__name__)
        return "", _BUSY
    return str(opened["view"]["id"]), ""
