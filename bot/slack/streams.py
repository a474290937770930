"""Shows in Slack how far the work on a question is: by a stream where there can be one, else by changing the placeholder.

What is held for a work is plain JSON and kept with its answer: `ts` of the message, `stream` while it streams, `shown`
titles of steps, `session` where one was opened, `stop` for its stop button, and `mute` once nothing more can be shown.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.conversation import question_text
from bot.progress import Stage
from bot.slack import steps
from bot.slack.post import ENDED, Later, Spot, StillStreams, code, find, later, revise
from knowledge.store.sent import Sent

REFUSED = 600.0
"""Seconds for which a method is left alone in a workspace that does not have it for us."""
EVERYWHERE = frozenset({"ratelimited", "unknown_method", "missing_scope", "not_allowed_token_type"})
"""Refusals of a stream that hold for all of a workspace; any other may be of the one conversation."""
SLOW = 3.0
"""Seconds between two changes of a placeholder; Slack takes fifty a minute for all of a workspace."""
TRIES = 3
"""How often a step may fail to be shown before no more are tried: the answer comes all the same."""
ENDINGS = (0.5, 2.0, 5.0)
"""Seconds between the tries to end a session; one that stays open shows its person a stop button for nothing."""
SIGN = 2.0
"""Seconds that a sign which goes away by itself may take."""
STATUS = "is reading the sources that you may read…"
LOADING = ["Reading the sources…", "Writing from them…", "Checking each sentence against its quote…"]
Held = dict[str, Any]
log = structlog.get_logger()


class Streams:
    """The streams of a process; `sent` keeps which were begun, since Slack finds a stream by no key of ours for sure."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent
        self._shut: dict[tuple[str, str], float] = {}
        self._quiet: dict[str, float] = {}

    async def begin(
        self, client: AsyncWebClient, spot: Spot, payload: Mapping[str, Any], stages: Sequence[Stage]
    ) -> Held:
        """Begin a stream in a thread and return what is held, empty where there can be none now.

        Raises Later where it is not known whether one was begun, and none is found.
        """
        team, name = payload["team"], "chat.startStream"
        if not spot.thread_ts or self._is_shut(team, name) or self._is_shut(spot.channel, name):
            return {}
        session = await self._session(client, spot, payload)
        try:
            ts = await self._started(client, spot, payload, stages)
        except SlackApiError as error:
            failure = later(error)
            if isinstance(failure, Later) and failure.sent:
                raise failure from error
            self._left(team if code(error) in EVERYWHERE else spot.channel, name, error)
            return {"session": True} if session else {}
        await self._note(spot, {"stream": ts, "session": session})
        return {
            "ts": ts, "stream": True, "shown": steps.titles(stages), "session": session,
            "stop": stop_session(team, spot.channel, ts),
        }  # fmt: skip

    async def show(self, client: AsyncWebClient, spot: Spot, held: Held, stages: Sequence[Stage]) -> Held:
        """Show the steps in what is held, and return by what it is held now."""
        if (waits := self._not_now(spot, held, stages)) is not None:
            return waits
        try:
            there = await self._put(client, spot, held, stages)
        except SlackApiError as error:
            return self._less(spot, held, error)
        except StillStreams:
            return {**self._failed(spot, held, 0.0), "stream": True}
        except (Later, aiohttp.ClientError, TimeoutError, OSError) as error:
            return self._failed(spot, held, error.wait if isinstance(error, Later) else 0.0)
        return {
            **held, "shown": steps.titles(stages), "tries": 0, "behind": False,
            "mute": not there,
        }  # fmt: skip

    def _not_now(self, spot: Spot, held: Held, stages: Sequence[Stage]) -> Held | None:
        """Return what is held where no step is to be shown now, None where one is."""
        if held.get("mute") or not (held.get("ts") and steps.chunks(spot.key, stages, held.get("shown", {}))):
            return {**held, "behind": False}
        if self._quiet.get(spot.key, 0.0) > time.monotonic():
            return {**held, "behind": True}
        if not (held.get("stream") or held.get("patient")):
            # A placeholder is changed only where the answer does not come at once: that is the better change.
            return {**held, "patient": True, "behind": True}
        return None

    async def _put(self, client: AsyncWebClient, spot: Spot, held: Held, stages: Sequence[Stage]) -> bool:
        """Bring the steps to the message, in one try; False when it is gone."""
        if held.get("stream"):
            fresh = steps.chunks(spot.key, stages, held.get("shown", {}))
            await client.chat_appendStream(channel=spot.channel, ts=held["ts"], chunks=fresh)
            return True
        self._quiet[spot.key] = time.monotonic() + SLOW
        return await revise(client, spot, held["ts"], steps.written(0, stages))

    async def sign(self, client: AsyncWebClient, spot: Spot, team: str) -> None:
        """Give a sign in a thread that work has begun, which the next message there takes away."""
        name = "assistant.threads.setStatus"
        if not spot.thread_ts or self._is_shut(team, name):
            return
        try:
            async with asyncio.timeout(SIGN):
                await client.assistant_threads_setStatus(
                    channel_id=spot.channel, thread_ts=spot.thread_ts, status=STATUS, loading_messages=LOADING
                )
        except SlackApiError as error:
            self._left(team, name, error)
        except (aiohttp.ClientError, TimeoutError, OSError):
            log.info("slack.no_sign")

    async def kept(self, key: str) -> Held:
        """Return by what an earlier run may hold the place of this work, as it was kept; empty for nothing."""
        begun = await asyncio.to_thread(self._sent.find, _row(key))
        kept = begun.message if begun and begun.message else {}
        return {"ts": kept["stream"], "stream": True, "session": kept["session"]} if kept else {}

    async def standing(self, client: AsyncWebClient, spot: Spot) -> Held:
        """Return by what an earlier run holds the place of this work, as it is found there or was kept; empty for nothing.

        With `final` it is the answer already.
        """
        kept, found = await self.kept(spot.key), await find(client, spot)
        return {**kept, "ts": found.ts, "stream": found.streaming, "final": not found.waiting} if found else kept

    async def end(self, client: AsyncWebClient, spot: Spot, payload: Mapping[str, Any], held: Held) -> None:
        """Leave the session as one that waits for its person, once the answer stands there."""
        self._quiet.pop(spot.key, None)
        shut = self._is_shut(payload["team"], "agents.sessions.setStatus")
        if not held.get("session") or not spot.thread_ts or shut:
            return
        for wait in ENDINGS:
            if await self._settled(client, spot, payload["team"]):
                return
            await asyncio.sleep(wait)

    async def _settled(self, client: AsyncWebClient, spot: Spot, team: str) -> bool:
        """Tell whether the session is at work no more, or there is none."""
        name = "agents.sessions.setStatus"
        try:
            await client.agents_sessions_setStatus(channel_id=spot.channel, thread_ts=spot.thread_ts, status="active")
        except SlackApiError as error:
            if isinstance(later(error), Later):
                return False
            self._left(team, name, error)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
        return True

    async def _started(
        self, client: AsyncWebClient, spot: Spot, payload: Mapping[str, Any], stages: Sequence[Stage]
    ) -> str:
        to = {"recipient_user_id": payload["user"], "recipient_team_id": payload.get("from_team") or payload["team"]}
        try:
            answer = await client.chat_startStream(
                channel=spot.channel, thread_ts=spot.thread_ts, task_display_mode="plan",
                chunks=steps.opening(spot.key, stages), **to,
            )  # fmt: skip
            return str(answer["ts"])
        except SlackApiError as error:
            failure = later(error)
            if not isinstance(failure, Later) or not failure.sent:
                raise
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass
        # It may have been begun although its reply was lost.
        if found := await find(client, spot):
            return found.ts
        raise Later(0.0, sent=True)

    async def _session(self, client: AsyncWebClient, spot: Spot, payload: Mapping[str, Any]) -> bool:
        """Make the thread a session at work, which gives it a title and a stop button; False where there is none."""
        team, name = payload["team"], "agents.sessions.setStatus"
        if self._is_shut(team, name):
            return False
        try:
            async with asyncio.timeout(SIGN):
                await client.agents_sessions_setStatus(
                    channel_id=spot.channel, thread_ts=spot.thread_ts, status="processing",
                    title=steps.literal(question_text(payload["text"])),
                )  # fmt: skip
        except SlackApiError as error:
            self._left(team, name, error)
            return False
        except (aiohttp.ClientError, TimeoutError, OSError):
            return True  # it may have been taken, and must then be ended
        return True

    async def _note(self, spot: Spot, what: dict[str, Any]) -> None:
        """Keep which stream was begun; its steps' ids tell it as well, so that nothing is lost where this fails."""
        try:
            await asyncio.to_thread(self._sent.begin, _row(spot.key), spot.channel, what)
        except SQLAlchemyError as error:
            log.warning("slack.stream_not_noted", error=type(error).__name__)

    def _less(self, spot: Spot, held: Held, error: SlackApiError) -> Held:
        """Return by what a work is held whose step Slack refused: of a dead stream changes of its message take over."""
        if code(error) == ENDED:
            log.info("slack.stream_ended_early")
            return {**held, "stream": False, "patient": True, "behind": True}
        failure = later(error)
        if isinstance(failure, Later):
            return self._failed(spot, held, failure.wait)
        return {**held, "mute": True, "behind": False}

    def _failed(self, spot: Spot, held: Held, wait: float) -> Held:
        tries = int(held.get("tries", 0)) + 1
        self._quiet[spot.key] = max(self._quiet.get(spot.key, 0.0), time.monotonic() + wait)
        return {**held, "tries": tries, "mute": tries >= TRIES, "behind": tries < TRIES}

    def _is_shut(self, where: str, method: str) -> bool:
        return self._shut.get((where, method), 0.0) > time.monotonic()

    def _left(self, where: str, method: str, error: SlackApiError) -> None:
        """Leave a method alone for a while in a workspace, or in a conversation, where Slack refuses it or had too much of it."""
        failure = later(error)
        if isinstance(failure, Later):
            self._shut[where, method] = time.monotonic() + failure.wait
        elif code(error) not in {"thread_not_found", "message_not_found", "channel_not_found"}:
            self._shut[where, method] = time.monotonic() + REFUSED


def stop_session(team: str, channel: str, ts: str) -> str:
    """Return the name by which what is done in a thread, or in one stream, is stopped."""
    return f"slack:{team}:{channel}:{ts}"


def _row(key: str) -> str:
    return f"slack:{key}"
