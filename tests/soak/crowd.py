"""A crowd that asks by a local Slack while the processes that answer are killed: what both soak tests and a small one share."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.flows.processes import CAVEAT, environment, free_port
from tests.servers.slack import Slack
from tests.servers.slack.deliver import Courier, Seal
from tests.servers.slack.journal import Attempt, Delivery
from tests.soak.history import Asked, Verdict, verdict

QUESTION = "Can we host EU customer data on Alibaba Cloud?"
FOLLOW_UP = "and for personal data?"
PEOPLE = 20
MOST_DELIVERIES = 4
STREAMS = (
    "agents.sessions.setStatus", "chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update",
)  # fmt: skip
FAULTS = ({"status": 429, "retry_after": 1}, {"status": 503}, {"lost": True}, {"error": "internal_error"})
TRIES = 30
"""How often an event is sent at most where nobody acknowledges it."""


@dataclass(frozen=True)
class Size:
    """How many events and kills, and of what chance they are made."""

    events: int
    kills: int
    seed: int


class Server:
    """A `serve` process at one address, which is killed and comes back, under its old name or under a new one."""

    def __init__(self, home: Path, number: int, variables: dict[str, str]) -> None:
        self.number, self.port = number, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.parent / f"serve-{number}.log"
        self._variables = variables | {"PORT": str(self.port), "CAVEAT_HOME": str(home)}
        self._names = 0
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, *, renamed: bool = False) -> None:
        self._names += renamed
        env = environment(**self._variables, CAVEAT_EXECUTOR=f"server-{self.number}-{self._names}")
        with self.log.open("a") as log:
            self.process = await asyncio.create_subprocess_exec(*CAVEAT, "serve", env=env, stderr=log)

    async def ready(self) -> None:
        async with asyncio.timeout(120), aiohttp.ClientSession() as session:
            while self.process.returncode is None:
                try:
                    async with session.get(f"{self.url}/readyz") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(self.log.read_text()[-4000:])

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@dataclass
class Crowd:
    """Asks, delivers and kills by one seeded chance; `asked` is what it sent.

    With `streams` it kills while streams run, ends some of them early and lets the methods of streams fail now and then.
    """

    slack: Slack
    servers: list[Server]
    size: Size
    renames: bool
    streams: bool = False
    asked: dict[str, Asked] = field(default_factory=dict)
    deliveries: int = 0
    kills: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.size.seed)
        self._people = [self.slack.add_user(f"p{number}").id for number in range(PEOPLE)]
        self._channel = self.slack.add_channel("crowd", *self._people).id
        self._couriers = [
            Courier(f"{one.url}/slack/events", Seal(self.slack.signing_secret), 3.0, time.time) for one in self.servers
        ]
        self._roots: list[str] = []
        self._running: set[asyncio.Task[None]] = set()

    async def storm(self) -> Verdict:
        """Ask everything while processes are killed, wait until all is answered, and judge."""
        await asyncio.gather(*(self._come_up(one) for one in self.servers))
        shares = [self.size.events // self.size.kills] * self.size.kills
        shares[-1] += self.size.events - sum(shares)
        for share in shares:
            for _ in range(share):
                await self._ask()
            await self._taken(len(self.asked) - share)
            await asyncio.sleep(self._chance.uniform(0.0, 1.5))
            if self.streams:
                await self._disturb()
            await self._strike()
        await asyncio.gather(*self._running)
        await asyncio.gather(*(one.ready() for one in self.servers))
        await self._settle()
        return verdict(self.slack, self.asked.values())

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        for courier in self._couriers:
            await courier.close()
        for one in self.servers:
            await one.kill()

    async def _come_up(self, server: Server) -> None:
        await server.start()
        await server.ready()

    async def _taken(self, events: int) -> None:
        """Wait, not for ever, until so many are acknowledged: those of this round may still be on their way."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if sum(one.acked is not None for one in self.asked.values()) >= events:
                return
            await asyncio.sleep(0.1)

    async def _disturb(self) -> None:
        """Order faults, wait, not for ever, until streams run, and end one of them."""
        for method in STREAMS:
            if self._chance.random() < 0.3:
                self.slack.fail(method, **self._chance.choice(FAULTS))
        until = time.monotonic() + 5
        while time.monotonic() < until:
            running = [one for one in self.slack.messages(self._channel) if one.is_streaming]
            if running:
                if self._chance.random() < 0.5:
                    self.slack.expire(self._chance.choice(running))
                break
            await asyncio.sleep(0.05)

    async def _strike(self) -> None:
        """Kill one process; the other, or with only one this, is up before the next blow."""
        server = self._chance.choice(self.servers)
        await server.kill()
        self.kills += 1
        await server.start(renamed=self.renames and self._chance.random() < 0.5)
        others = [one for one in self.servers if one is not server] or [server]
        await asyncio.gather(*(one.ready() for one in others))

    async def _ask(self) -> None:
        """Let somebody write, mostly a new thread, and send the event on its way one to four times."""
        follows = bool(self._roots) and self._chance.random() < 0.25
        root = self._chance.choice(self._roots[-5:]) if follows else None
        text = f"<@{self.slack.bot}> {FOLLOW_UP if follows else QUESTION} ({len(self.asked)})"
        message = await self.slack.say(self._chance.choice(self._people), self._channel, text, root)
        if not root:
            self._roots.append(message.ts)
        delivery = next(
            one for one in reversed(self.slack.deliveries)
            if one.name == "app_mention" and one.payload["event"]["ts"] == message.ts
        )  # fmt: skip
        key = delivery.event_id
        self.asked[key] = Asked(key, self._channel, root or message.ts, time.monotonic(), None)
        plan = [
            (self._chance.choice(self._couriers), self._chance.uniform(0.0, 1.0))
            for _ in range(self._chance.randint(1, MOST_DELIVERIES))
        ]
        task = asyncio.create_task(self._send(key, delivery, plan))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _send(self, key: str, delivery: Delivery, plan: list[tuple[Courier, float]]) -> None:
        await asyncio.gather(*(self._deliver(key, delivery, courier, delay) for courier, delay in plan))
        for number in range(TRIES):
            await asyncio.sleep(min(4.0, 0.5 * (number + 1)))
            if self.asked[key].acked is not None:
                return
            await self._deliver(key, delivery, self._couriers[number % len(self._couriers)], 0.0)

    async def _deliver(self, key: str, delivery: Delivery, courier: Courier, delay: float) -> None:
        await asyncio.sleep(delay)
        attempt: Attempt = await courier.attempt(delivery, 0, None)
        self.deliveries += 1
        one = self.asked[key]
        if attempt.status == 200 and one.acked is None:
            self.asked[key] = Asked(one.key, one.channel, one.thread, one.sent, time.monotonic())

    async def _settle(self) -> None:
        """Wait until everything acknowledged is answered or nothing has changed for long, and then a little longer."""
        best, since = -1, time.monotonic()
        while time.monotonic() - since < 60:
            judged = verdict(self.slack, self.asked.values())
            if judged.answered > best:
                best, since = judged.answered, time.monotonic()
            if not judged.lost and not judged.stuck:
                break
            await asyncio.sleep(0.5)
        await asyncio.sleep(3)
