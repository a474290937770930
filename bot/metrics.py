"""Figures of one process in Prometheus' text format; no label holds a text, a name, or the id of a person, channel or answer."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.card import Card
from bot.desk import Desk
from bot.doorway import Door, Line, Payload, Why
from bot.errors import ModelFailed
from bot.model import Answer, Failed
from bot.ports import Draft, Earlier, Model, Restated, Tokens
from bot.progress import Stage, Told
from bot.words import MODEL
from knowledge.bearing import Bearing
from knowledge.query import Query
from knowledge.spans import Kind, span

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REMEMBERED = 5.0
"""Seconds for which what must be counted in the database is remembered: whoever asks often must not burden it."""
_WORK = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 300)
_ACKS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class State:
    """What is in service and what waits, as the database tells it; `jobs` and `refreshes` count by state."""

    edition: int
    published_at: datetime | None
    jobs: Mapping[str, int]
    refreshes: Mapping[str, int]
    failing: int


class Metrics:
    """The counters of a process; `state` is asked when they are read, and returns None where the database does not answer."""

    def __init__(self, state: Callable[[], State | None]) -> None:
        self._registry = CollectorRegistry()
        counter = _counters(self._registry)
        self._answers = counter("answers", "Questions answered, by outcome and rung.", "outcome", "rung")
        self._checks = counter("checks", "Vendor checks, by level and rung.", "level", "rung")
        self._calls = counter("model_calls", "Calls of the language model, by how they ended.", "outcome")
        self._dropped = counter("dropped_claims", "Drafted claims that failed a check of the gate.", "check")
        self._unmodelled = counter("model_left_out", "Answers without all that the model was asked for, by why.", "why")
        self._refusals = counter("slack_errors", "Calls that Slack refused.", "method", "code")
        self._broken = counter("failures", "Steps of work that broke.", "step", "door")
        self._work = Histogram(
            "caveat_step_seconds",
            "Seconds of a step of work.",
            ("step", "door"),
            registry=self._registry,
            buckets=_WORK,
        )
        self._acks = Histogram(
            "caveat_ack_seconds", "Seconds until an event was stored and acknowledged.", ("way",),
            registry=self._registry, buckets=_ACKS,
        )  # fmt: skip
        self._registry.register(_Standing(state))

    def page(self) -> bytes:
        """Return all figures; it reads the database, so it must not run on the loop."""
        return generate_latest(self._registry)

    def answered(self, answer: Answer) -> None:
        """Count an answer, with what was dropped on the way."""
        self._answers.labels(answer.outcome.value, answer.rung).inc()
        for check, count in answer.dropped.items():
            if check.startswith(MODEL):
                self._unmodelled.labels(check.removeprefix(MODEL)).inc(count)
            else:
                self._dropped.labels(check).inc(count)

    def checked(self, card: Card) -> None:
        """Count a vendor check."""
        self._checks.labels("refused" if card.refused else card.risk.level.value, card.rung).inc()

    def refused(self, method: str, code: str) -> None:
        """Count a call that Slack refused."""
        self._refusals.labels(method, code).inc()

    @contextmanager
    def acknowledging(self, way: str) -> Iterator[None]:
        """Measure an acknowledgement; `way` is http or socket."""
        with span(f"receive {way}", {"caveat.way": way}, kind=Kind.ASKED), self._acks.labels(way).time():
            yield

    async def step(self, name: str, door: str, work: Awaitable[Any]) -> Any:
        """Measure a step of work, and count it where it breaks."""
        measured = self._work.labels(name, door).time()
        with (
            span(f"{name} {door}", {"caveat.door": door}),
            measured,
            self._broken.labels(name, door).count_exceptions(),
        ):
            return await work

    def called(self, outcome: str) -> None:
        """Count a call of the model."""
        self._calls.labels(outcome).inc()


def watched(desk: Desk, metrics: Metrics) -> Desk:
    """Return the desk with its answers and its model's calls counted."""
    model = desk.drafting.model
    drafting = replace(desk.drafting, model=_Counted(model, metrics)) if model else desk.drafting
    return replace(desk, told=metrics.answered, drafting=drafting)


class Watched:
    """A door whose steps are measured."""

    def __init__(self, name: str, door: Door, metrics: Metrics) -> None:
        self._name = name
        self._door = door
        self._metrics = metrics

    async def compose(self, key: str, payload: Payload, told: Told) -> Payload:
        """Compose, measured."""
        composed: Payload = await self._metrics.step("compose", self._name, self._door.compose(key, payload, told))
        return composed

    async def deliver(self, key: str, payload: Payload, message: Payload, *, again: bool) -> str:
        """Deliver, measured."""
        sent = self._door.deliver(key, payload, message, again=again)
        return str(await self._metrics.step("deliver", self._name, sent))

    def line(self, key: str, payload: Payload) -> Line:
        """Return where the question stands, as the door says."""
        return self._door.line(key, payload)

    async def hold(self, key: str, payload: Payload, place: int, stages: tuple[Stage, ...], *, again: bool) -> Payload:
        """Tell who waits, as the door does."""
        return await self._door.hold(key, payload, place, stages, again=again)

    async def show(self, key: str, payload: Payload, held: Payload, stages: tuple[Stage, ...]) -> Payload:
        """Show the steps, as the door does."""
        return await self._door.show(key, payload, held, stages)

    async def retract(self, key: str, payload: Payload, held: Payload) -> None:
        """Take back what was held, as the door does."""
        await self._door.retract(key, payload, held)

    def apology(self, key: str, payload: Payload, why: Why) -> Payload:
        """Return the door's own apology."""
        return self._door.apology(key, payload, why)

    def reason(self, error: Exception) -> str:
        """Return the door's own words for why a message was not delivered."""
        return self._door.reason(error)

    def passes(self, error: Exception) -> bool:
        """Tell whether it may pass, as the door says."""
        return self._door.passes(error)

    async def anew(self, key: str, payload: Payload) -> str:
        """Return the key to compose under anew, as the door says."""
        return await self._door.anew(key, payload)


class _Counted:
    """A model whose calls are counted."""

    def __init__(self, model: Model, metrics: Metrics) -> None:
        self.rung = model.rung
        self.name = model.name
        self._model = model
        self._metrics = metrics

    def most(self, query: Query, evidence: Sequence[Bearing]) -> Tokens:
        return self._model.most(query, evidence)

    async def draft(
        self, query: Query, evidence: Sequence[Bearing], seconds: float, failed: Sequence[Failed] = ()
    ) -> Draft:
        with self._counting():
            return await self._model.draft(query, evidence, seconds, failed)

    def most_restating(self, text: str, before: Sequence[Earlier]) -> Tokens:
        return self._model.most_restating(text, before)

    async def restate(self, text: str, before: Sequence[Earlier], seconds: float) -> Restated:
        with self._counting():
            return await self._model.restate(text, before, seconds)

    @contextmanager
    def _counting(self) -> Iterator[None]:
        try:
            yield
        except ModelFailed as failure:
            self._metrics.called(failure.why)
            raise
        self._metrics.called("ok")

    async def close(self) -> None:
        await self._model.close()


class _Standing(Collector):
    """What the database tells when the figures are read; nothing of it where the database does not answer."""

    def __init__(self, state: Callable[[], State | None]) -> None:
        self._state = state
        self._lock = Lock()
        self._read: tuple[State | None, float] | None = None

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering asks no database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        state = self._known()
        yield _gauge("up", "Whether the database answers.", 0 if state is None else 1)
        if state is None:
            return
        yield _gauge("edition", "Number of the edition in service, 0 for none.", state.edition)
        if state.published_at:
            age = (datetime.now(UTC) - state.published_at).total_seconds()
            yield _gauge("edition_age_seconds", "Seconds since the edition in service was published.", age)
        yield _gauge("sources_failing", "Sources whose last reading failed.", state.failing)
        yield _by_state(
            "jobs",
            "Stored work: waiting, running, undelivered (failed, as caveat status lists), or broken in the engine.",
            state.jobs,
        )
        yield _by_state("refreshes", "Refreshes on record, by what came of them.", state.refreshes)

    def _known(self) -> State | None:
        with self._lock:
            if self._read is None or self._read[1] < time.monotonic():
                self._read = (self._state(), time.monotonic() + REMEMBERED)
            return self._read[0]


def _counters(registry: CollectorRegistry) -> Callable[..., Counter]:
    def counter(name: str, about: str, *labels: str) -> Counter:
        return Counter(f"caveat_{name}", about, labels, registry=registry)

    return counter


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"caveat_{name}", about, value=value)


def _by_state(name: str, about: str, counts: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"caveat_{name}", about, labels=("state",))
    for state, count in sorted(counts.items()):
        family.add_metric((state,), count)
    return family
