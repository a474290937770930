"""Labelled questions: read from a file, or made from an answer that somebody gave feedback on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import EvaluationRefused


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the citations that answer it (none: it has no answer), and strings of which a right answer shows one."""

    question: str
    gold: tuple[str, ...] = ()
    category: str = ""
    must: tuple[str, ...] = ()
    as_of: str = ""
    split: str = ""


def read_cases(file: Path, split: str = "") -> list[Case]:
    """Read lines of `{question, gold, category, must?, as_of?, split?}`, of one split where it is named."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise EvaluationRefused(f"{file.name} cannot be read as text") from error
    cases = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            texts = (tuple(map(str, row.get(key) or ())) for key in ("gold", "must"))
            gold, must = texts
            facts = (str(row.get(key) or "") for key in ("as_of", "split"))
            cases.append(Case(str(row["question"]), gold, str(row.get("category") or ""), must, *facts))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvaluationRefused(f"line {number} of {file.name} is no row of question, gold and category") from error
    kept = [case for case in cases if not split or case.split == split]
    if not kept:
        raise EvaluationRefused(f"{file.name} holds no question{f' of the split {split}' if split else ''}")
    return kept


def case_of(receipt: Mapping[str, Any], gold: Sequence[str] | None, category: str) -> dict[str, Any]:
    """Return the line that an answer's receipt makes: question, day and citations, and no text of any source.

    `gold` is what should have been cited: None takes what the claims cite, nothing makes an unanswerable question.
    """
    if gold is None:
        cited = {claim["source"] for claim in receipt["claims"]}
        gold = tuple(dict.fromkeys(one["citation"] for one in receipt["sources"] if one["n"] in cited))
        if not gold:
            raise EvaluationRefused(
                "that answer cites nothing: say with --gold what it should have cited, or --unanswerable"
            )
    return {
        "question": receipt["question"], "gold": list(gold), "category": category, "must": [],
        "as_of": str(receipt["as_of"]), "answer_id": receipt["answer_id"],
    }  # fmt: skip


def add_case(file: Path, row: Mapping[str, Any]) -> None:
    """Add a line to a file of cases; a question that it holds for the same day is refused, and the file stays as it was."""
    held = read_cases(file) if file.exists() and file.stat().st_size else []
    if any((one.question, one.as_of) == (row["question"], row["as_of"]) for one in held):
        raise EvaluationRefused(f"{file.name} holds that question already: nothing was added")
    try:
        text = file.read_text("utf-8") if held else ""
        with file.open("a", encoding="utf-8") as out:
            out.write("" if not text or text.endswith("\n") else "\n")
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise EvaluationRefused(f"{file.name} cannot be written: nothing was added") from error
