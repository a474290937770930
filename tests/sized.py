"""One measurement of names in a process of its own: `python -m tests.sized PART ...` prints one JSON document."""

import time

BEGAN = time.time()

import asyncio  # noqa: E402 - whoever measures a cold start begins before the imports
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

FIRST = "Nordwind Logistik GmbH"


def cold(folder: str) -> dict:
    """Open a book and answer one name, as a process does that was just started."""
    from knowledge.store.books import Book

    imported = time.time()
    found = Book(Path(folder)).names.find(FIRST)
    return {
        "import_ms": (imported - BEGAN) * 1000, "first_ms": (time.time() - imported) * 1000, "found": len(found),
        "modules": heavy(), "peak_mb": peak(),
    }  # fmt: skip


def warm(folder: str, work: str) -> dict:
    """Look every name of the work up, after a first round that only warms."""
    from knowledge.store.books import Book

    book = Book(Path(folder))
    names = json.loads(Path(work).read_text())["names"]
    for name in names[:40]:
        book.names.find(name)
    times, alarms = [], 0
    for name in names:
        start = time.perf_counter()
        alarms += bool(book.names.find(name))
        times.append((time.perf_counter() - start) * 1000)
    return {"names": book.names.size, "hits": alarms / len(names), **shares(times), "peak_mb": peak()}


def scan(scorer: str, least: str, work: str) -> dict:
    """Look names up with one of rapidfuzz's scorers over all listed names, as one does without an index.

    `right` is the score of each wanted name's right party among the first 20, 0 for none; `alarm` the best of each ordinary one.
    """
    from rapidfuzz import distance, fuzz
    from rapidfuzz.process import extract

    score = getattr(fuzz, scorer, None) or distance.JaroWinkler.normalized_similarity
    scale = 100 if hasattr(fuzz, scorer) else 1
    told = json.loads(Path(work).read_text())
    texts, times = told["texts"], []

    def asked(name: str) -> dict[str, float]:
        start = time.perf_counter()
        near = extract(name, texts, scorer=score, processor=None, limit=20, score_cutoff=float(least) * scale)
        times.append((time.perf_counter() - start) * 1000)
        return {text: value / scale for text, value, _ in near}

    right = [asked(left).get(wanted, 0.0) for left, wanted in told["wanted"]]
    alarm = [max(asked(name).values(), default=0.0) for name in told["ordinary"]]
    return {"right": right, "alarm": alarm, **shares(times), "peak_mb": peak()}


def cards(home: str, work: str) -> dict:
    """Check vendors with the whole card, over a home as it is, without a model."""
    from bot import build, vetting
    from bot.logs import only_warnings
    from bot.model import Asker, Place, VendorCheck
    from bot.settings import Settings

    only_warnings()
    settings = Settings(CAVEAT_HOME=Path(home))
    checking = vetting.checking(settings, build.library(settings))
    names = json.loads(Path(work).read_text())["names"]

    async def every() -> tuple[list[float], list[str]]:
        times, rungs = [], []
        for number, name in enumerate([*names[:10], *names]):
            asked = VendorCheck(f"bench:{number}", name, Asker("bench", staff=True), Place("bench"))
            start = time.perf_counter()
            card = await checking.check(asked)
            times.append((time.perf_counter() - start) * 1000)
            rungs.append(card.rung)
        return times[10:], rungs

    times, rungs = asyncio.run(every())
    return {**shares(times), "cards": len(times), "rungs": sorted(set(rungs)), "peak_mb": peak()}


def heavy() -> dict[str, float]:
    """Return the packages that were imported by the bytes of their loaded files, in MB, the largest first."""
    sizes: dict[str, float] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and os.path.exists(file):  # noqa: PTH110 - pathlib is part of what is measured
            top = name.partition(".")[0]
            sizes[top] = sizes.get(top, 0.0) + os.path.getsize(file) / 1e6  # noqa: PTH202
    return dict(sorted(sizes.items(), key=lambda one: -one[1])[:8])


def shares(times: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile."""
    times = sorted(times)
    return {"p50_ms": times[len(times) // 2], "p95_ms": times[len(times) * 95 // 100]}


def peak() -> float:
    """Return the most memory that this process held."""
    from tests.peers.measure import peak as held

    return held()


PARTS = {"cold": cold, "warm": warm, "scan": scan, "cards": cards}

if __name__ == "__main__":
    if sys.argv[1] != "cards":
        os.sched_setaffinity(0, {0})
    print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:])))
