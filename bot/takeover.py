"""Takes over the work of workers that died: each leaves signs of life, and those who see none for a while step in."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import structlog

from knowledge.store.durable import Beats

OFTEN = 5
"""Signs of life within the time after which a worker counts as dead."""
SLOWEST = 3.0
"""Seconds between two signs at most."""
log = structlog.get_logger()


@dataclass(slots=True)
class _Seen:
    sign: str
    at: float


class Watch:
    """Tells who died: whose sign has not changed for some seconds of the watcher's own clock, so that clocks need not agree."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[str, _Seen] = {}
        self._last = 0.0

    def dead(self, signs: Mapping[str, str], working: Iterable[str], now: float) -> list[str]:
        """Return those of the workers with unfinished work that are dead, given the signs as they are now.

        A watcher that could not look for a while has seen nothing: then everybody's time begins anew.
        """
        if now - self._last > self._seconds:
            self._seen.clear()
        self._last = now
        names = sorted(set(working))
        for name in names:
            sign = signs.get(name, "")
            if name not in self._seen or self._seen[name].sign != sign:
                self._seen[name] = _Seen(sign, now)
        self._seen = {name: self._seen[name] for name in names}
        return [name for name in names if now - self._seen[name].at >= self._seconds]


class Heart:
    """Beats on a thread of its own, which no busy loop holds up, and steps in for the dead after each beat."""

    def __init__(
        self, beats: Beats, executor: str, seconds: float, *,
        working: Callable[[], Iterable[str]], recover: Callable[[list[str]], None],
    ) -> None:  # fmt: skip
        self._beats = beats
        self._executor = executor
        self._period = min(SLOWEST, seconds / OFTEN)
        self._watch = Watch(seconds)
        self._working = working
        self._recover = recover
        self._boot = uuid4().hex
        self._count = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def beat(self) -> None:
        """Leave one sign of life; do it before the first work is taken up."""
        self._count += 1
        self._beats.beat(self._executor, f"{self._boot}:{self._count}")

    def start(self) -> None:
        """Go on beating until it is stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more; what is left unfinished is then taken over."""
        self._stopped.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopped.wait(self._period):
            try:
                self.beat()
                working = set(self._working()) - {self._executor}
                signs = self._beats.signs()
                for name in self._watch.dead(signs, working, time.monotonic()):
                    self._step_in(name, signs.get(name, ""))
            except Exception as error:  # noqa: BLE001 - whatever the database does, the heart goes on
                log.warning("takeover.unknown", error=type(error).__name__)

    def _step_in(self, name: str, sign: str) -> None:
        """Give a dead worker's work back, if it is still dead: looking at several and recovering them takes a while."""
        if self._stopped.is_set() or self._beats.signs().get(name, "") != sign:
            return
        log.warning("takeover.dead", executor=name)
        self._recover([name])
