"""Somebody's own conversation with the app: it is opened once, because Slack does not read one by a person's id."""

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.post import code

MOST = 10_000
"""People who are remembered."""
log = structlog.get_logger()


class Own:
    """Opens conversations, and remembers their ids while the process runs."""

    def __init__(self) -> None:
        self._opened: dict[tuple[str, str], str] = {}

    async def channel(self, client: AsyncWebClient, team: str, user: str) -> str:
        """Return the id of the conversation of a person with the app.

        Where Slack opens none it is the person's own id, by which a message can be sent, though not looked for.
        """
        known = self._opened.get((team, user))
        if known is not None:
            return known
        try:
            opened = str((await client.conversations_open(users=user))["channel"]["id"])
        except SlackApiError as error:
            log.warning("slack.not_opened", error=code(error))
            return user
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("slack.not_opened", error=type(error).__name__)
            return user
        while len(self._opened) >= MOST:
            self._opened.pop(next(iter(self._opened)))
        self._opened[team, user] = opened
        return opened
