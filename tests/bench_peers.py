"""Compares Caveat's search with what one would pick instead, on the same passages and questions: `make bench-peers`.

`python -m tests.bench_peers PYTHON [--documents N] [--questions N] [--data DIR] [--out FOLDER]`, where PYTHON is an
interpreter that has `tests/peers/requirements.txt`. A sample (N) takes a minute and prints its table only; the whole set
takes most of an hour on two cores, nearly all of it the transformer's, and writes `docs/benchmarks.md` and its plot.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.peers import obliqa
from tests.peers.pages import put
from tests.peers.plot import Dot, scatter

ROOT = Path(__file__).parents[1]
OBLIQA = ROOT.parent / "shared" / "data" / "obliqa"
OFFLINE = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "HAYSTACK_TELEMETRY_ENABLED": "False"}
OURS = "Caveat"
NO_SUCH_COMMAND = 2


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table: the module that is measured, by whose interpreter, and what was chosen by its defaults."""

    name: str
    module: str
    about: str


PEERS = (
    System(
        "bm25s", "bm25s_retriever",
        "BM25 (k1 1.5, b 0.75, Lucene's formula), its default words, its English stop words, Snowball stems.",
    ),
    System(
        "LlamaIndex + Chroma", "llamaindex_retriever",
        "`VectorStoreIndex` with its `SentenceSplitter` (1,024 tokens, 200 of overlap; hits are traced back to their"
        " passage), `HuggingFaceEmbedding` (batches of 10), `ChromaVectorStore` on a collection as Chroma makes it"
        " (squared L2).",
    ),
    System(
        "LangChain + Chroma", "langchain_retriever",
        "`Chroma.from_documents` with `HuggingFaceEmbeddings` (batches of 32, line breaks made spaces), no splitter,"
        " squared L2.",
    ),
    System(
        "Haystack + Chroma", "haystack_retriever",
        "two pipelines: `SentenceTransformersDocumentEmbedder` (batches of 32) into `DocumentWriter` and"
        " `ChromaDocumentStore` (one document after the other, squared L2); `SentenceTransformersTextEmbedder` into"
        " `ChromaEmbeddingRetriever`. Its progress bars are off.",
    ),
)  # fmt: skip

COLUMNS = {
    "Recall@10": ("recall@10", "{:.3f}"),
    "MAP@10": ("map@10", "{:.3f}"),
    "nDCG@10": ("ndcg@10", "{:.3f}"),
    "indexing, s": ("index_seconds", "{:,.1f}"),
    "query p50, ms": ("p50_ms", "{:.2f}"),
    "query p95, ms": ("p95_ms", "{:.2f}"),
    "peak memory, MB": ("peak_mb", "{:,.0f}"),
    "on disk, MB": ("disk_mb", "{:,.1f}"),
}

PAGE = """\
# Retrieval, beside what one would pick instead

Written by `make bench-peers`, all in one run: one system after the other, each in a process of its own.

{about}.

{table}

![nDCG@10 against the time of one question](benchmarks.svg)

The set is ObliQA (arXiv 2409.05677): {passages:,} passages of financial regulation and {questions:,} questions of its
development split, asked one after the other for ten passages each. MAP divides by the gold passages, ten at most; nDCG has
binary gains. Indexing goes from the passages in memory to an index on disk that can be asked; it includes embedding them,
not loading the embedder. A question's time includes embedding it. Memory is the peak of the whole process. The disk holds
the index and the texts, not the embedder.

Caveat finds more than each of them, and indexes and answers faster than those that have vectors: their time goes into the
transformer, ours into the exact signs of 220 passages, access and texts. Where it is not ahead: bm25s indexes and answers
faster, because it counts words only, keeps all of it in memory, and neither checks who may read a passage nor reads its text
from a ledger.

Each peer is set up as its own quick start says and keeps its defaults. The three on Chroma get all-MiniLM-L6-v2 through their
own sentence-transformers integration; it reads the first 256 tokens of a text and normalises, so that squared L2 ranks as
cosine does.

{peers}

Versions: {versions}.
"""

Figures = Mapping[str, Any]


def main() -> None:
    """Measure one system after the other, print its row at once, and write the page when the whole set was measured."""
    asked = arguments()
    with tempfile.TemporaryDirectory() as place:
        at, questions = asked.data / "documents", asked.data / "ObliQA_dev.json"
        sampled = asked.documents is not None or asked.questions is not None
        if sampled:
            at, questions = obliqa.sample(at, questions, Path(place), asked.documents, asked.questions)
        about = machine()
        print(about, flush=True)
        print(f"{'':<22}" + "".join(f"{name:>17}" for name in COLUMNS), flush=True)
        rows = {OURS: row(OURS, ours(at, questions))}
        for peer in PEERS:
            command = [asked.python, "-m", f"tests.peers.{peer.module}"]
            rows[peer.name] = row(peer.name, told([*command, "--at", str(at), "--questions", str(questions)]))
    out = asked.out or (None if sampled else ROOT / "docs")
    if out:
        (out / "benchmarks.svg").write_text(scatter(dots(rows), "ObliQA: quality against time"), "utf-8")
        put(out / "benchmarks.md", page(about, rows))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("python", help="an interpreter that has tests/peers/requirements.txt")
    parser.add_argument("--documents", type=int, help="measure on the first N documents only")
    parser.add_argument("--questions", type=int, help="ask the first N questions only")
    parser.add_argument(
        "--data", type=Path, default=OBLIQA, help="the folder of ObliQA: documents/ and ObliQA_dev.json"
    )
    parser.add_argument("--out", type=Path, help="where to write the page and its plot; docs, unless it is a sample")
    return parser.parse_args()


def ours(at: Path, questions: Path) -> Figures:
    """Measure Caveat's production search by its own command; return nothing where it does not have the command yet."""
    command = [sys.executable, "-m", "bot", "eval", "retrieval"]
    if subprocess.run([*command, "--help"], capture_output=True, check=False, cwd=ROOT).returncode == NO_SUCH_COMMAND:
        return {}
    return told([*command, "--dataset", "obliqa", "--at", str(at), "--questions", str(questions), "--json"])


def told(command: Sequence[str]) -> Figures:
    """Run a system in its own process and return its JSON document; what it said is shown if it fails."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **OFFLINE})
    if ran.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{ran.stderr[-4000:]}")
    return json.loads(ran.stdout)


def row(name: str, figures: Figures) -> Figures:
    """Print a system's line of the table."""
    print(f"{name:<22}" + "".join(f"{cell:>17}" for cell in cells(figures)), flush=True)
    return figures


def cells(figures: Figures) -> list[str]:
    """Return the figures as the columns show them."""
    return [form.format(figures[key]) if figures else "not measured" for key, form in COLUMNS.values()]


def dots(rows: Mapping[str, Figures]) -> list[Dot]:
    """Return the systems that were measured."""
    return [Dot(name, told["p50_ms"], told["ndcg@10"], ours=name == OURS) for name, told in rows.items() if told]


def page(about: str, rows: Mapping[str, Figures]) -> str:
    """Return the page in Markdown."""
    first = rows[PEERS[0].name]
    versions = {name: value for figures in rows.values() for name, value in figures.get("versions", {}).items()}
    versions = {"caveat": version("caveat"), **dict(sorted(versions.items()))}
    table = [
        ["", *COLUMNS],
        ["---", *("---:" for _ in COLUMNS)],
        *([f"**{name}**" if name == OURS else name, *cells(figures)] for name, figures in rows.items()),
    ]
    return PAGE.format(
        about=about,
        table="\n".join(f"| {' | '.join(line)} |" for line in table),
        passages=first["passages"],
        questions=first["questions"],
        peers="\n".join(f"- **{peer.name}:** {peer.about}" for peer in PEERS),
        versions=", ".join(f"{name} {value}" for name, value in versions.items()),
    )


def machine() -> str:
    """Return the day, the machine and how busy it was with other work at the start."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {model[1] if model else platform.machine()}, {os.cpu_count()} cores,"
        f" {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} before"
    )


if __name__ == "__main__":
    main()
