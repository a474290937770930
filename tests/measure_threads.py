"""Measures follow-ups: `python -m tests.measure_threads` on our threads, with FILE.jsonl|FOLDER ... on threads of one's own.

Prints for each path, over the starter knowledge, how often the gold of a follow-up is among the first ten passages: as its
stand-alone form, in its thread, and as it stands without its thread; where a language model's words are recorded, with these
as well. A line of a file is a thread, as in `tests/data/threads.jsonl`. Ours stand in the part "Follow-ups" of `docs/benchmarks.md`.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot import build
from bot.settings import Settings
from knowledge.reading import Reading
from knowledge.refresh import refresh
from tests import sets
from tests.bench_peers import machine
from tests.peers.pages import put
from tests.servers.model import recorded_words
from tests.threads import Rates, Worded, rates, read_threads, worded

STAFF = frozenset({"public", "staff"})
OURS = {
    "threads.jsonl": "our own; the rules were written for them and the weights fitted on them",
    "threads_more.jsonl": "by another hand; the weights were fitted on them",
    "threads_unseen.jsonl": "by another hand; the weights were fitted on them",
    "fresh_threads.jsonl": "written after the weights by one who knew neither rules nor code; no weight was fitted on them",
}
"""Our sets and what was chosen on each, by file."""
PAGE = """\
# Follow-ups

Written by `python -m tests.measure_threads` (part of `make bench`), {about}.

| set | follow-ups | stand-alone form | in thread, rules | in thread, a model's words | without its thread |
| --- | ---: | ---: | ---: | ---: | ---: |
{table}

How often a passage that answers is among the first ten, over the starter knowledge. Without a model the rules are all there is.

{sets}

A model's words (see "Answers, graded") are recorded for the fresh set and used as on R0: where its reading brings in a name, figure
or vendor that the asker has neither said nor been shown, rules read the follow-up and only the words to search for remain
({unread} of {follow_ups}). In the model's words the stand-alone forms find {alone:.3f}.
"""


@dataclass(frozen=True)
class Measured:
    """The figures of a set, those with a model's words where these are recorded."""

    plain: Rates
    words: Worded | None = None


def main(paths: Sequence[Path]) -> None:
    """Print one line of JSON for each path; without any, for our own sets, and write their part of the page."""
    about = machine()
    with tempfile.TemporaryDirectory() as home:
        library = build.library(Settings(CAVEAT_HOME=Path(home)))
        refresh(library.refresher)
        reading = library.searcher.at(STAFF)
        reading.find("open")
        found = {path.name: measured(reading, path) for path in paths or [sets.DATA / name for name in OURS]}
    if not paths:
        put(Path(__file__).parents[1] / "docs" / "benchmarks.md", page(about, found))


def measured(reading: Reading, path: Path) -> Measured:
    """Measure the threads of a path and print their figures."""
    rows, words = read_threads(path), recorded_words()
    known = all(tuple(row["turns"]) in words.known for row in rows)
    found = Measured(rates(reading, rows), worded(reading, rows, words) if known else None)
    plain = asdict(found.plain) | ({"words": asdict(found.words)} if found.words else {})
    print(json.dumps({"threads": path.name, **rounded(plain)}), flush=True)
    return found


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """Return figures to three places, those within them too."""
    return {name: rounded(one) if isinstance(one, dict) else round(one, 3) for name, one in figures.items()}


def page(about: str, found: dict[str, Measured]) -> str:
    """Return the part of the page."""
    lines = [
        f"| {Path(name).stem} | {one.plain.follow_ups} | {one.plain.alone:.3f} | {one.plain.in_thread:.3f} |"
        f" {f'{one.words.in_thread:.3f}' if one.words else ''} | {one.plain.without_thread:.3f} |"
        for name, one in found.items()
    ]
    fresh = next(one.words for one in found.values() if one.words)
    return PAGE.format(
        about=about,
        table="\n".join(lines),
        sets="\n".join(f"- **{Path(name).stem}**: {OURS[name]}." for name in found),
        unread=fresh.unread,
        follow_ups=fresh.follow_ups,
        alone=fresh.alone,
    )


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]])
