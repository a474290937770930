"""Grades answers on every set, without a model, with a recorded and scripted ones: `python -m tests.bench_answers [FOLDER]`.

Writes the part "Answers, graded" of `docs/benchmarks.md` and its plot; takes a few minutes. The law set needs `../shared`.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bot import build
from bot.cases import Case, read_cases
from bot.desk import Desk
from bot.grading import graded
from bot.logs import only_warnings
from bot.model import Answer, Asker, Place, Question
from bot.settings import Settings
from knowledge.model import SourceSpec
from knowledge.refresh import refresh
from tests import sets
from tests.bench_peers import machine
from tests.peers.pages import put
from tests.peers.plot import Spot, square
from tests.servers.model import Echo, Honest, Model, Reader, Rewording, Writer, recorded_claims, recorded_words

SETS = {
    "starter": ("starter_questions.jsonl", "", "our first questions; signs and weights were fitted on them"),
    "blind, dev": (
        "answers.jsonl",
        "dev",
        "written blind, in no wording of the passages; sentence weights saw this half",
    ),
    "blind, held out": ("answers.jsonl", "held_out", "the other half, that no weight was fitted on"),
    "law, dev": (
        "answers_law.jsonl",
        "dev",
        "on four whole EU acts, the starter knowledge left out; in everyday words too",
    ),
    "law, held out": ("answers_law.jsonl", "held_out", "the other half, on the same acts"),
}
COLUMNS = {
    "answered": "answered", "gold shown": "gold_shown", "gold first": "gold_first", "fact shown": "must_shown",
    "precision": "citation_precision", "recall": "citation_recall", "refused": "refused", "claims": "claims",
    "p50, ms": "p50_ms", "p95, ms": "p95_ms", "own p50, ms": "own_ms",
}  # fmt: skip
PLAIN, RECORDED = "R1, no model", "R0, recorded model"
PERFECT, OWN, ANYTHING = "R0, perfect reader", "R0, perfect reader, own words", "R0, answers anything"
OPERATOR = Asker("operator", staff=True, groups=frozenset({"law"}))
TERMINAL = Place("terminal")
LAW = Place("law", frozenset({"group:law"}))
"""Where only the four acts may be read: the starter's briefs on them answer too, and are no gold of that set."""

PAGE = """\
# Answers, graded

Written by `python -m tests.bench_answers` (part of `make bench`), {about}.

{table}

![answerable questions answered against unanswerable ones refused](answers.svg)

Answered counts answerable questions that got an answer, refused the unanswerable ones that got none; the other shares are of
the answered. Gold shown: one of the claims stands on a citation that answers the question; fact shown: the deciding string
stands in a claim or its quote. Times include the search and, on R0, the local model's own work, which the last column leaves out
(not what HTTP takes on its side); where the load says that the machine did other work they differ from row to row for that alone.

{sets}

The recorded model is a real one: on 2026-11-28 an assistant model of late 2026, in the place of the API and told only the two
prompts, wrote other words for every question of the last four sets, and claims from the passages that were found with them
(`tests/servers/model/recorded.py`). It read many questions one after the other, and each once: these are figures of one model on one
day, not of any. Its replies are replayed and every check is the real one; a claim on a passage that is no longer shown is lost.

The perfect reader is a scripted model that quotes gold passages only, and none where it is shown none: it measures what search,
limits and gate leave of a perfect model. The one that answers anything quotes the sentence with the most words of the question
and never declines: it is the worst honest model. On the last four sets both search in the recorded words too, and the perfect
reader with "own words" in those of the question alone: the difference is what other words give. What they find goes to the model
whatever our signs say of it, so declining is left to the model, and one that never declines refuses hardly anything. How other words
are joined with the question's own was chosen by hand on both blind halves, and on no question on the acts.

Without a model nothing can tell whether a passage in other words answers: on the last four sets, whose questions avoid the wording
of the sources and whose unanswerable ones look like the answerable ones, R1 answers and refuses hardly better than chance, and on
whole acts, where everything stands in many provisions and in nobody's everyday words, it mostly leads to the wrong one. It shows
verbatim sentences, and says that no model was used.

## Errors put into true claims

Into the source sentences of every claim shown without a model, over all sets: each kind of error, and what the gate caught.

{errors}

Of {paraphrases:,} faithful paraphrases made by rule {lost} were refused.
"""


def main() -> None:
    """Grade every set and write the part of the page."""
    only_warnings()
    out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs")
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    homes: dict[bool, build.Library] = {}
    with tempfile.TemporaryDirectory() as place:
        for name, (file, split, _) in SETS.items():
            law = name.startswith("law")
            if law and not sets.SHARED.is_dir():
                continue
            cases = read_cases(sets.DATA / file, split)
            if law not in homes:
                homes[law] = library(Path(place) / ("law" if law else "starter"), law=law)
            for drafter, row in asyncio.run(drafted(homes[law], cases, LAW if law else TERMINAL)).items():
                rows[name, drafter] = row
                print(f"{name:16} {drafter:29} " + " ".join(f"{key} {row[key]}" for key in COLUMNS.values()))
    about = machine()
    put(out / "benchmarks.md", page(about, rows))
    dots = [
        Spot(f"{name}: {drafter}", row["refused"], row["answered"], drafter.startswith("R0"))
        for (name, drafter), row in rows.items()
    ]
    (out / "answers.svg").write_text(square(dots, "unanswerable refused", "answerable answered"), "utf-8")


def library(home: Path, *, law: bool) -> build.Library:
    """Return the published library of the starter knowledge, and for the law set four EU acts."""
    opened = build.library(Settings(CAVEAT_HOME=home))
    if law:
        folder = home.parent / "acts"
        shutil.copytree(
            sets.SHARED / "sources" / "eu" / "eurlex-html",
            folder,
            ignore=lambda _, names: set(names) - set(sets.EU_ACTS),
        )
        opened.catalog.add(SourceSpec("acts", "folder", str(folder), visibility="group:law"))
    refresh(opened.refresher)
    return opened


async def drafted(opened: build.Library, cases: Sequence[Case], place: Place) -> dict[str, dict[str, Any]]:
    """Return the figures of each drafter on these cases; what stands on recorded words only where these were recorded."""
    rows = {PLAIN: await figures(build.desk(Settings(CAVEAT_HOME="/nowhere"), opened), cases, place)}
    for name, (writer, words) in modelled(cases).items():
        async with Model() as model:
            model.behave(writer)
            model.restate(words)
            settings = Settings(CAVEAT_HOME="/nowhere", CAVEAT_MODEL="local", OPENAI_BASE_URL=model.base_url)
            desk = build.desk(settings, opened)
            rows[name] = await figures(desk, cases, place, model)
            await desk.drafting.close()
    return rows


def modelled(cases: Sequence[Case]) -> dict[str, tuple[Writer, Rewording]]:
    """Return what a model writes, and in which words it says the question, by drafter."""
    perfect, words = Reader({case.question: case for case in cases}), recorded_words()
    if not all((case.question,) in words.known for case in cases):
        return {PERFECT: (perfect, Echo()), ANYTHING: (Honest(), Echo())}
    return {
        RECORDED: (recorded_claims(), words),
        PERFECT: (perfect, words),
        OWN: (perfect, Echo()),
        ANYTHING: (Honest(), words),
    }


async def figures(desk: Desk, cases: Sequence[Case], place: Place, model: Model | None = None) -> dict[str, Any]:
    """Return the figures of one desk, and the median of its own time: each answer's without what the model took for replies."""
    own: list[float] = []

    async def one(case: Case) -> Answer:
        before = model.working if model else 0.0
        answer = await desk.answered(Question(case.question, case.question, OPERATOR, place))
        others = (model.working if model else 0.0) - before
        own.append(answer.timings_ms["total"] - others * 1000)
        return answer

    return {**await graded(cases, one), "own_ms": round(median(own), 1)}


def page(about: str, rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> str:
    """Return the part of the page."""
    lines = [f"| set | drafted by | {' | '.join(COLUMNS)} |", f"| --- | --- |{' ---: |' * len(COLUMNS)}"]
    lines += [
        f"| {name} | {drafter} | {' | '.join(cell(row[key]) for key in COLUMNS.values())} |"
        for (name, drafter), row in rows.items()
    ]
    named = [
        f"- **{name}**: {row['answerable']} answerable, {row['unanswerable']} unanswerable; {SETS[name][2]}."
        for (name, drafter), row in rows.items()
        if drafter == PLAIN
    ]
    found = [row["injected"] for (_, drafter), row in rows.items() if drafter == PLAIN]
    errors = ["| kind | injected | caught |", "| --- | ---: | ---: |"]
    for kind in dict.fromkeys(kind for one in found for kind in one["kinds"]):
        made = [one["kinds"][kind] for one in found if kind in one["kinds"]]
        count = sum(one["injected"] for one in made)
        caught = sum(one["caught"] * one["injected"] for one in made) / count
        errors.append(f"| {kind} | {count:,} | {caught:.3f} |")
    paraphrases = sum(one["paraphrases"] for one in found)
    lost = round(sum((one["true_dropped"] or 0) * one["paraphrases"] for one in found))
    return PAGE.format(
        about=about,
        table="\n".join(lines),
        sets="\n".join(named),
        errors="\n".join(errors),
        paraphrases=paraphrases,
        lost=lost,
    )


def cell(value: float | None) -> str:
    """Return a figure as the table shows it."""
    return "" if value is None else f"{value:.3f}" if value < 1.0001 else f"{value:.1f}"


if __name__ == "__main__":
    main()
