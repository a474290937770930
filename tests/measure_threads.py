"""Measures follow-ups on threads of one's own: `python -m tests.measure_threads FILE.jsonl|FOLDER ...`.

Prints for each path, over the starter knowledge, how often the gold of a follow-up is among the first ten passages: as its
stand-alone form, in its thread, and as it stands without its thread. A line of a file is a thread, as in `tests/data/threads.jsonl`.
"""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bot import build
from bot.settings import Settings
from knowledge.refresh import refresh
from tests.threads import rates, read_threads

STAFF = frozenset({"public", "staff"})


def main(paths: list[Path]) -> None:
    """Print one line of JSON for each path."""
    with tempfile.TemporaryDirectory() as home:
        library = build.library(Settings(CAVEAT_HOME=Path(home)))
        refresh(library.refresher)
        reading = library.searcher.at(STAFF)
        reading.find("open")
        for path in paths:
            found = {name: round(value, 3) for name, value in asdict(rates(reading, read_threads(path))).items()}
            print(json.dumps({"threads": path.name, **found}), flush=True)


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]] or sorted((Path(__file__).parent / "data").glob("threads*.jsonl")))
