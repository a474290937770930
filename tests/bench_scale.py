"""Measures how search grows with the edition: `python -m tests.bench_scale [PASSAGES...]`, with CAVEAT_CHROMA_URL on a server.

Each size is an edition of its own, published through the ledger and the shelves like any other, then searched from a
fresh process. The texts are sentences of the starter briefs in which a third of the words are drawn anew by Zipf's law; the
words of a question come from one passage, with some that do not. CAVEAT_BENCH_HOME keeps the editions, so that a search
can be measured again without building.
"""

import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

from bot import build
from bot.settings import Settings
from knowledge.embed.static import DATA
from knowledge.model import Document, Kind, Passage, Version
from knowledge.shelving import shelve

SIZES = (10_000, 100_000)
PER_DOCUMENT = 100
STRANGE = 0.35
"""Share of a passage's words that are put in another's place, so that no two are alike."""
QUESTIONS = 200
CORPUS = Path(__file__).parents[1] / "knowledge" / "corpus"
SEARCH = """
import json, random, resource, statistics, sys, time
from bot import build
from bot.settings import Settings
library = build.library(Settings())
labels = frozenset({'public'})
began = time.perf_counter()
library.searcher.open(labels)
opened = time.perf_counter() - began
questions = json.load(sys.stdin)
reading = library.searcher.at(labels)
times, parts = [], {}
for question in questions:
    started = time.perf_counter()
    evidence = reading.find(question)
    times.append((time.perf_counter() - started) * 1000)
    for name, value in evidence.timings_ms.items():
        parts.setdefault(name, []).append(value)
times = sorted(times[20:])
print(json.dumps({
    'open_s': round(opened, 2), 'p50_ms': round(statistics.median(times), 1), 'p95_ms': round(times[int(len(times) * .95)], 1),
    'peak_mb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    **{f'{name}_ms': round(statistics.median(values), 1) for name, values in parts.items()},
}))
"""


def main(sizes: list[int]) -> None:
    """Build and search each size; print one line of JSON for each."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    )
    kept = os.environ.get("CAVEAT_BENCH_HOME", "")
    with tempfile.TemporaryDirectory() as temporary:
        for size in sizes:
            home = Path(kept or temporary) / str(size)
            built = None if (home / "caveat.db").exists() else publish(home, size)
            questions = [asked(number, size) for number in range(QUESTIONS)]
            done = subprocess.run(
                [sys.executable, "-c", SEARCH], input=json.dumps(questions), env={**os.environ, "CAVEAT_HOME": str(home)},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            disk = sum(one.stat().st_size for one in home.rglob("*") if one.is_file())
            row = {"passages": size, "build_s": built, "disk_mb": round(disk / 1e6), **json.loads(done.stdout)}
            print(json.dumps(row), flush=True)


def publish(home: Path, size: int) -> float:
    """Publish an edition of so many passages; return the seconds it took."""
    library = build.library(Settings(CAVEAT_HOME=home))
    work = library.refresher
    began = time.perf_counter()
    ids = []
    for first in range(0, size, 100 * PER_DOCUMENT):
        ids += work.library.versions.keep(list(versions(first, min(size, first + 100 * PER_DOCUMENT))))
    shelves = shelve(work.shop, None, frozenset(), frozenset(ids), lambda _: None)
    work.publishing.publish(
        number=work.publishing.next_number(), embedder=work.shop.embedder.name,
        dimensions=work.shop.embedder.dimensions, version_ids=sorted(ids), shelves=shelves, starter="", failed=(),
    )  # fmt: skip
    return round(time.perf_counter() - began, 1)


def versions(first: int, last: int) -> Iterator[Version]:
    """Yield the documents that hold the passages `first` to `last`."""
    for start in range(first, last, PER_DOCUMENT):
        name = f"Act {start // PER_DOCUMENT}"
        document = Document(f"bench:{start}", name, name, name, Kind.REGULATION, "", "public", source="bench")
        passages, at = [], 0
        for number in range(start, min(last, start + PER_DOCUMENT)):
            words = text(number)
            passages.append(
                Passage(f"{number:016d}", document.id, f"{name} Art. {number - start}", "", words, at, at + len(words))
            )
            at += len(words) + 1
        yield Version(document, str(start), "\n".join(one.text for one in passages), tuple(passages))


def text(number: int) -> str:
    """Return the words of one passage, the same for the same number: sentences of one brief with other words among them."""
    chance = random.Random(number)
    sentences = chance.choices(chance.choice(_BRIEFS), k=chance.randint(1, 2))
    words = " ".join(sentences).split()
    return " ".join(
        chance.choices(_VOCABULARY, cum_weights=_CHANCES)[0] if chance.random() < STRANGE else word for word in words
    )


def asked(number: int, size: int) -> str:
    """Return a question: eight words of a passage and four of none."""
    chance = random.Random(f"question {number}")
    known = text(chance.randrange(size)).rstrip(".").split()
    words = chance.sample(known, min(8, len(known))) + chance.choices(_VOCABULARY, cum_weights=_CHANCES, k=4)
    return f"What must we do about {' '.join(words)}?"


_BRIEFS = [
    [
        line
        for line in file.read_text("utf-8").split("---", 2)[2].splitlines()
        if len(line.split()) > 8 and line[0] != "#"
    ]
    for file in sorted((CORPUS / "law").glob("*.md"))
]
_VOCABULARY = [
    word for word in (DATA / "vocab.txt").read_text("utf-8").splitlines() if word.isalpha() and len(word) > 2
]
_CHANCES = list(accumulate(1 / (rank + 3) for rank in range(len(_VOCABULARY))))


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or list(SIZES))
