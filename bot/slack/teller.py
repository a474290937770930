"""Shows in Slack how far a refresh is: an update of the message whose button began it, or a message of its own."""

from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Gone, NotInstalled, Untold
from bot.kb.board import EVERY
from bot.kb.reply import Reply
from bot.slack.clients import Clients
from bot.slack.kbviews import shown
from bot.slack.post import Later, Spot, code, post_once

_GONE = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found", "is_archived"}
)


class Teller:
    """Updates messages; `back` has the channel, the message's ts and the workspace."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def pace(self, back: Mapping[str, Any]) -> float:  # noqa: ARG002 - the message stands in somebody's own conversation
        """Return the seconds between two updates."""
        return EVERY

    async def update(self, back: Mapping[str, Any], reply: Reply, *, last: bool) -> None:  # noqa: ARG002 - both alike here
        """Update the message; raise Gone where it is not there, Untold where Slack does not take it now."""
        try:
            await (await self._of(back)).chat_update(channel=back["channel"], ts=back["ts"], **shown(reply))
        except SlackApiError as error:
            if error.response.get("error") in _GONE:
                raise Gone from error
            raise Untold(code(error), _wait(error)) from error
        except NotInstalled as error:
            raise Gone from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Untold(type(error).__name__) from error

    async def anew(self, key: str, back: Mapping[str, Any], reply: Reply) -> None:
        """Post it as a message of its own."""
        try:
            await post_once(await self._of(back), Spot(key, back["channel"]), shown(reply), again=True)
        except SlackApiError as error:
            raise Untold(code(error)) from error
        except NotInstalled as error:
            raise Untold("uninstalled") from error
        except Later as error:
            raise Untold("late") from error

    async def _of(self, back: Mapping[str, Any]) -> AsyncWebClient:
        return await self._clients.of(back.get("team", ""))


def _wait(error: SlackApiError) -> float:
    """Return how long Slack wants us to wait, in seconds."""
    headers = getattr(error.response, "headers", None) or {}
    try:
        return min(60.0, max(EVERY, float(headers.get("Retry-After", EVERY))))
    except (TypeError, ValueError):
        return EVERY
