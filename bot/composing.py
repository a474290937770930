"""From what came in to the message that answers it: in its asker's turn, within the limits, before the deadline."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.doorway import UNANSWERED, Door, Line, Payload, Terms, Why, notice
from bot.gate import Gate, Ticket
from bot.meanwhile import GivenUp, Meanwhile
from bot.progress import Course, keep, untold
from bot.runs import Run, Runs
from bot.showing import Showing
from knowledge.store.durable import Asked, DeadLetter, Stops, Window

TRIES = 2
"""How often a question is composed where it fails."""
PAUSE = 0.5
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Uptime:
    """Since when this process works, and when any worker was alive last before it, in seconds since 1970."""

    since: float
    last: float

    def left(self, taken: float, seconds: float) -> float:
        """Return what is left of these seconds for work that was taken in then; may be negative.

        The time before this start in which no worker was there does not count. Only the last such time is left out, so that a
        question which brings workers down comes to its end as well.
        """
        down = self.since - max(taken, self.last)
        return taken + max(0.0, down) + seconds - time.time()


@dataclass(frozen=True, slots=True)
class Composing:
    """Composes what one worker's doors are asked."""

    terms: Terms
    gate: Gate
    runs: Runs
    asked: Asked
    stops: Stops
    uptime: Uptime

    async def composed(self, key: str, door: Door, payload: Payload, run: Run) -> Payload:
        """Return the message for what came in: its answer, or the notice of a limit or of the deadline."""
        line = door.line(key, payload)
        if why := await asyncio.to_thread(self._refused, key, line):
            return notice(door, key, payload, why)
        left = self.uptime.left(float(payload.get("taken_at", time.time())), self.terms.deadline)
        if left <= 0:
            log.warning("answer.late", composed=False)
            return notice(door, key, payload, Why.LATE)
        course, ticket = Course(), Ticket(line.asker, line.place)
        work = asyncio.create_task(self._in_turn(ticket, lambda: door.compose(key, payload, course.tell)))
        showing = Showing(key, door, payload, run, self.runs)
        beside = Meanwhile(
            work, course,
            hold=lambda stages: showing.hold(self.gate.place_of(ticket), stages),
            show=showing.show,
            stopped=lambda held: self._stopped(line, held),
        )  # fmt: skip
        try:
            async with asyncio.timeout(left) as limit:
                if line.waits:
                    await beside.accompany()
                message = await work
        except GivenUp:
            log.info("answer.given_up")
            message = door.apology(key, payload, Why.STOPPED)
        except Exception:
            late = limit.expired()
            log.exception("answer.late" if late else "answer.broken")
            message = notice(door, key, payload, Why.LATE if late else Why.BROKEN)
        finally:
            work.cancel()
        held = {**beside.held, **keep(course.stages)} if beside.held else {}
        if held and not message:
            await door.retract(key, payload, held)
        return {**message, "held": held} if held and message else message

    async def renewed(self, letter: DeadLetter, door: Door) -> Payload:
        """Return an undelivered message as it may be sent now: as it was, or composed anew.

        What never had an answer is asked anew; where it still has none, the notice says so.
        """
        assert letter.payload is not None
        payload, message = dict(letter.payload), dict(letter.message or {})
        line = door.line(letter.key, payload)
        key = letter.key if message.get(UNANSWERED) else await door.anew(letter.key, payload)
        if not key:
            return message
        try:
            async with asyncio.timeout(self.terms.deadline):
                ticket = Ticket(line.asker, line.place)
                made = await self._in_turn(ticket, lambda: door.compose(key, payload, untold))
        except Exception:
            if not message.get(UNANSWERED):
                raise
            log.exception("letter.unanswered")
            return message
        return {**made, "held": message["held"]} if made and message.get("held") else made

    def _refused(self, key: str, line: Line) -> Why | None:
        terms = self.terms
        asker, place = line.asker and f"asker {line.asker}", line.place and f"place {line.place}"
        windows = {asker: Window(terms.per_asker, terms.window), place: Window(terms.per_place, terms.window)}
        scope = self.asked.refused(key, windows)
        return {asker: Why.ASKER, place: Why.PLACE}[scope] if scope else None

    async def _in_turn(self, ticket: Ticket, compose: Callable[[], Coroutine[Any, Any, Payload]]) -> Payload:
        async with self.gate.turn(ticket):
            for _ in range(TRIES - 1):
                try:
                    return await compose()
                except Exception:
                    log.exception("answer.again")
                    await asyncio.sleep(PAUSE)
            return await compose()

    async def _stopped(self, line: Line, held: Payload) -> bool:
        """Tell whether the work is to be given up; where the database does not say, it goes on."""
        sessions = {line.session, str(held.get("stop", ""))} - {""}
        if not sessions:
            return False
        try:
            return await asyncio.to_thread(self.stops.pressed, sessions, line.asker, line.at)
        except SQLAlchemyError as unknown:
            log.warning("answer.stop_unknown", error=type(unknown).__name__)
            return False
