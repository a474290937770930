"""A hundred kills of a refresh, half of them aimed at the moment when Chroma writes its index: `make soak`.

Embedded and with a Chroma server, SIGKILL and SIGTERM, of the refresh and of the server itself. After each kill a reader
of its own must find exactly the old or exactly the new edition.
"""

import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from bot import build
from bot.settings import Settings
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from tests.flows.processes import CAVEAT, caveat_json, free_port

pytestmark = pytest.mark.soak

DOCUMENTS = 60
LABELS = frozenset({"public", "staff"})
CHROMA = Path(sys.executable).with_name("chroma")


@dataclass
class Scene:
    """A state folder with one source of sixty small documents, and where its vectors are."""

    home: Path
    notes: Path
    chroma: Path
    url: str = ""

    def library(self) -> build.Library:
        return build.library(Settings(CAVEAT_HOME=self.home, CAVEAT_CHROMA_URL=self.url))

    def write(self, round_: int, chance: random.Random) -> dict[int, str]:
        """Change all documents in every third round, else a few; return what each says now."""
        for n in range(DOCUMENTS) if round_ % 3 == 0 else chance.sample(range(DOCUMENTS), 4):
            (self.notes / f"{n}.md").write_text(
                f"# Note {n}\n\n1.{n + 1} Every buyer of fruit{round_} number{n} must keep record{n} for {n + 2} days.\n",
                "utf-8",
            )
        return self.said()

    def said(self) -> dict[int, str]:
        return {n: (self.notes / f"{n}.md").read_text("utf-8").split(" of ")[1].split()[0] for n in range(DOCUMENTS)}

    def read(self) -> tuple[int, dict[int, str], tuple[str, ...]]:
        """Return the edition, what a fresh reader finds each document to say, and what was degraded."""
        searcher = self.library().searcher
        found = searcher.at(LABELS).find("Every buyer must keep record of it for days number", 200)
        texts = [hit.passage.text for hit in found.hits if hit.document.source == "notes"]
        said = [(int(text.split("number")[1].split()[0]), text.split(" of ")[1].split()[0]) for text in texts]
        assert len(said) == len(dict(said)), "a document was found in two states"
        return found.edition, dict(said), found.degraded

    def headers(self) -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in self.chroma.glob("*/header.bin")}

    def start(self) -> subprocess.Popen[bytes]:
        env = {"PATH": "/usr/bin:/bin", "CAVEAT_HOME": str(self.home), "CAVEAT_CHROMA_URL": self.url}
        return subprocess.Popen(
            [*CAVEAT, "refresh", "--json"],
            env=env,
            preexec_fn=_limited,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _limited() -> None:
    """Bound what a damaged index can write (shared notes on Chroma, 3.5)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


@contextmanager
def _server(folder: Path, port: int):
    process = subprocess.Popen(
        [CHROMA, "run", "--path", folder, "--port", str(port), "--host", "127.0.0.1"], preexec_fn=_limited,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/api/v2/heartbeat", trust_env=False)
            break
        except httpx2.HTTPError:
            time.sleep(0.05)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def scene(tmp_path) -> Scene:
    notes = tmp_path / "notes"
    notes.mkdir()
    for n in range(DOCUMENTS):
        (notes / f"{n}.md").write_text(
            f"# Note {n}\n\n1.{n + 1} Every buyer of fruit number{n} must keep record{n}.\n", "utf-8"
        )
    home = tmp_path / "home"
    return Scene(home, notes, home / "chroma")


def _open(scene: Scene) -> None:
    library = scene.library()
    library.catalog.add(SourceSpec("notes", "folder", str(scene.notes), Kind.POLICY))
    refresh(library.refresher)


def _wait(process: subprocess.Popen[bytes], scene: Scene, chance: random.Random, *, aimed: bool) -> bool:
    """Wait for the moment of the kill: when an index file changes, or at random; tell whether the aim was met."""
    known = scene.headers()
    until = time.monotonic() + (60 if aimed else chance.uniform(0.3, 2.5))
    while process.poll() is None and time.monotonic() < until:
        if aimed and scene.headers() != known:
            time.sleep(chance.choice((0, 0.002, 0.005)))
            return True
        time.sleep(0.0005)
    return False


def _check(scene: Scene, before: dict[int, str], after: dict[int, str], number: int) -> int:
    live, said, _ = scene.read()
    assert live in {number, number + 1}
    assert said == (before if live == number else after)
    return live


def _clean(scene: Scene) -> None:
    """The next refresh leaves nothing behind that the two kept editions do not name."""
    report = caveat_json(scene.home, "refresh", CAVEAT_CHROMA_URL=scene.url)
    assert report["failed"] == []
    library = scene.library()
    kept = library.ledger.kept_shelves()
    assert library.segments.names() <= kept
    assert {place.name for place in (scene.home / "lexical").iterdir()} <= kept
    live, said, degraded = scene.read()
    assert (live, said, degraded) == (report["edition"], scene.said(), ())


@pytest.mark.parametrize(("signal_", "rounds"), [(signal.SIGKILL, 40), (signal.SIGTERM, 16)])
def test_kills_of_an_embedded_refresh(scene, signal_, rounds):
    _open(scene)
    chance, tally = random.Random(7), Counter()
    before = scene.said()
    for round_ in range(rounds):
        number = scene.library().ledger.live().number
        after = scene.write(round_, chance)
        process = scene.start()
        met = _wait(process, scene, chance, aimed=round_ % 2 == 0)
        process.send_signal(signal_)
        process.wait()
        live = _check(scene, before, after, number)
        tally["aimed" if met else "random", "new" if live > number else "old"] += 1
        if live > number:
            before = after
        elif round_ % 5 == 4:
            _clean(scene)
            before = scene.said()
    _clean(scene)
    print(signal_.name, dict(tally))
    assert sum(count for (how, _), count in tally.items() if how == "aimed") >= rounds // 3


@pytest.mark.parametrize("victim", ["refresh", "server"])
def test_kills_with_a_chroma_server(scene, victim, tmp_path):
    port = free_port()
    scene.chroma, scene.url = tmp_path / "server", f"http://127.0.0.1:{port}"
    chance, tally = random.Random(11), Counter()
    with _server(scene.chroma, port):
        _open(scene)
    before = scene.said()
    for round_ in range(22):
        with _server(scene.chroma, port) as server:
            number = scene.library().ledger.live().number
            after = scene.write(round_, chance)
            process = scene.start()
            met = _wait(process, scene, chance, aimed=round_ % 2 == 0)
            (process if victim == "refresh" else server).send_signal(signal.SIGKILL)
            process.wait(120)
            if victim == "refresh":
                _check(scene, before, after, number)
        with _server(scene.chroma, port):
            live = _check(scene, before, after, number)
            tally["aimed" if met else "random", "new" if live > number else "old"] += 1
            _clean(scene)
            before = scene.said()
    print(victim, dict(tally))
    assert sum(count for (how, _), count in tally.items() if how == "aimed") >= 7
