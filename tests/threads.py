"""Threads of questions with the stand-alone form and the gold of each turn: read, and asked one turn after the other.

With a language model's words for them at hand they are asked as rung R0 asks: see `worded`.
"""

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.evaluate import answers
from bot.ports import Earlier, Restated, Tokens
from bot.restating import Wish, sought, trusted
from knowledge.evidence import Hit, Turn
from knowledge.query import Query
from knowledge.reading import Reading
from tests.servers.model import Rewords

CITED = 2
"""Of how many of the first passages found the documents stand for those that an answer cites."""
FIRST = 10
"""Among how many passages the gold has to be."""
DEEPEST = 60


@dataclass(frozen=True)
class FollowUp:
    """A turn after the first as it was read in its thread, the hits it had there, and the milliseconds that took."""

    turn: str
    standalone: str
    gold: Sequence[str]
    query: Query
    hits: Sequence[Hit]
    ms: float


@dataclass(frozen=True)
class Rates:
    """How often the gold is among the first passages, alone and in the thread, with mean reciprocal ranks and times."""

    follow_ups: int
    alone: float
    in_thread: float
    without_thread: float
    mrr_alone: float
    mrr_in_thread: float
    p50_ms_alone: float
    p50_ms_in_thread: float


@dataclass(frozen=True)
class Worded:
    """How often the gold is among the first passages with a model's words: for the stand-alone form, and in the thread.

    `unread` counts follow-ups of which the model's reading may not be used, so that rules read them.
    """

    follow_ups: int
    alone: float
    in_thread: float
    unread: int


def read_threads(path: Path) -> list[dict[str, Any]]:
    """Read a file, or every `.jsonl` in a folder: lines of `{turns, standalone, gold}`, each a list with one for each turn."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]
    for row in rows:
        if not len(row["turns"]) == len(row["standalone"]) == len(row["gold"]):
            raise ValueError(
                f"a thread that begins with {row['turns'][0]!r} has not one form and one gold for each turn"
            )
    return rows


def asked(reading: Reading, row: dict[str, Any]) -> Iterator[FollowUp]:
    """Ask a thread's turns in their order and yield those after the first; what they find first counts as cited."""
    before: list[Turn] = []
    for turn, standalone, gold in zip(row["turns"], row["standalone"], row["gold"], strict=True):
        began = time.perf_counter()
        query, evidence = reading.ask(turn, before, DEEPEST)
        hits = evidence.hits
        ms = (time.perf_counter() - began) * 1000
        if before:
            yield FollowUp(turn, standalone, gold, query, hits, ms)
        before.append(_answered(turn, hits))


def _answered(turn: str, hits: Sequence[Hit]) -> Turn:
    """Return a turn as the next ones see it."""
    return Turn(turn, tuple(dict.fromkeys(hit.document.id for hit in hits[:CITED])))


def rates(reading: Reading, rows: Sequence[dict[str, Any]]) -> Rates:
    """Measure every follow-up of these threads in its thread, as its stand-alone form, and as it stands without either."""
    ranks: dict[str, list[int | None]] = {"alone": [], "thread": [], "without": []}
    times: dict[str, list[float]] = {"alone": [], "thread": []}
    for one in (one for row in rows for one in asked(reading, row)):
        began = time.perf_counter()
        alone = reading.find(one.standalone, DEEPEST).hits
        times["alone"].append((time.perf_counter() - began) * 1000)
        times["thread"].append(one.ms)
        ranks["alone"].append(rank(alone, one.gold))
        ranks["thread"].append(rank(one.hits, one.gold))
        ranks["without"].append(rank(reading.find(one.turn, DEEPEST).hits, one.gold))
    hit = {name: sum(at is not None and at < FIRST for at in own) / max(1, len(own)) for name, own in ranks.items()}
    mrr = {name: sum(1 / (at + 1) for at in own if at is not None) / max(1, len(own)) for name, own in ranks.items()}
    p50 = {name: statistics.median(own) if own else 0.0 for name, own in times.items()}
    return Rates(
        len(ranks["alone"]), hit["alone"], hit["thread"], hit["without"], mrr["alone"], mrr["thread"], p50["alone"],
        p50["thread"],
    )  # fmt: skip


def worded(reading: Reading, rows: Sequence[dict[str, Any]], words: Rewords) -> Worded:
    """Measure every follow-up of these threads as R0 reads it, in its thread and as its stand-alone form."""
    alone, thread, unread = [], [], 0
    for row in rows:
        before: list[Turn] = []
        for at, (turn, standalone, gold) in enumerate(
            zip(row["turns"], row["standalone"], row["gold"], strict=True), 1
        ):
            if before:
                hits, _ = _as_r0(reading, standalone, (), words)
                alone.append(rank(hits[:FIRST], gold) is not None)
                hits, read = _as_r0(reading, turn, before, words)
                thread.append(rank(hits[:FIRST], gold) is not None)
                unread += not read
            if at < len(row["turns"]):
                before.append(_answered(turn, reading.ask(turn, before, DEEPEST)[1].hits))
    share = 1 / max(1, len(alone))
    return Worded(len(alone), sum(alone) * share, sum(thread) * share, unread)


def _as_r0(reading: Reading, text: str, before: Sequence[Turn], words: Rewords) -> tuple[Sequence[Hit], bool]:
    """Return what a question finds with what the desk would use of a model's words, and whether it is read in these."""
    names = {document.id: document.short for document in reading.documents}
    earlier = tuple(Earlier(turn.text, tuple(names[id_] for id_ in turn.documents)) for turn in before)
    as_said, terms = words.said(text, [turn.text for turn in before])
    other = trusted(Restated(as_said, tuple(terms), Tokens()), Wish(text, earlier, "", "", 0.0))
    _, evidence = sought(reading, reading.understand(text, before), other)
    return evidence.hits, bool(other.text)


def rank(hits: Sequence[Hit], gold: Sequence[str]) -> int | None:
    """Return the place of the first hit that answers, 0 for the first."""
    return next((at for at, hit in enumerate(hits) if answers(hit.passage.citation, gold)), None)
