"""The two works of the queue, step by step; the engine keeps each step's result by its name, so a restart goes on after it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from dbos import DBOS, error

from bot.bridge import Bridge
from bot.composing import Composing
from bot.delivering import Delivering, next_try
from bot.doorway import Door, Payload, Why, notice
from bot.queue import AGAIN, WORKFLOW, retry, taking
from bot.runs import Run, Runs
from knowledge.store.durable import DeadLetter, DeadLetters

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Workflows:
    """The works of one process; what an older version began goes on by the same names, in the same order."""

    doors: Mapping[str, Door]
    runs: Runs
    bridge: Bridge
    composing: Composing
    delivering: Delivering
    letters: DeadLetters

    def register(self) -> None:
        """Name both workflows and their steps to the engine, before it is launched."""
        self._register_answer()
        self._register_again()

    def _register_answer(self) -> None:
        """Name the workflow that answers what came in."""

        @DBOS.step(name="claim")
        def claim() -> str:
            return self.runs.boot

        @DBOS.step(name="compose")
        def compose(key: str, door: str, payload: Payload, run: Run) -> Payload:
            return self.bridge.wait(self.composing.composed(key, self.doors[door], payload, run))

        @DBOS.step(name="deliver")
        def deliver(key: str, door: str, payload: Payload, message: Payload, run: Run) -> str:
            self.runs.check(key, run)
            return self.delivering.delivered(key, door, payload, message, again=run.again)

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def answer(key: str, door: str, payload: Payload) -> str:
            number = self.runs.begin(key)
            # Claimed by another run than the present one: that run may have sent the message, or a part of it, already.
            run = Run(number, again=claim() != self.runs.boot or number > 1)
            with taking(payload, again=run.again):
                try:
                    message = compose(key, door, payload, run)
                except error.DBOSException:
                    raise
                except Exception:
                    log.exception("answer.failed", door=door)
                    message = notice(self.doors[door], key, payload, Why.BROKEN)
                return deliver(key, door, payload, message, run)

    def _register_again(self) -> None:
        """Name the workflow that sends an undelivered message again."""

        @DBOS.step(name="renew")
        def renew(letter: DeadLetter) -> Payload:
            return self.bridge.wait(self.composing.renewed(letter, self.doors[letter.door]))

        @DBOS.step(name="resend")
        def resend(work: str, letter: DeadLetter, message: Payload, run: Run) -> str:
            self.runs.check(work, run)
            return self.delivering.delivered_again(letter, message)

        @DBOS.workflow(name=AGAIN, max_recovery_attempts=None)
        def again(key: str, tries: int) -> str:
            work = retry(key, tries)
            run = Run(self.runs.begin(work), again=True)
            letter = self.letters.find(key)
            if letter is None or letter.payload is None:
                return ""
            letter = replace(letter, tries=tries + 1)
            with taking(letter.payload or {}, again=True):
                try:
                    message = renew(letter)
                except error.DBOSException:
                    raise
                except Exception:
                    log.exception("letter.failed", door=letter.door)
                    self.letters.failed(key, "the answer could not be made anew", next_try(letter.tries))
                    return ""
                return resend(work, letter, message, run)
