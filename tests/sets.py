"""The question sets that retrieval is measured on: our own in `tests/data`, and the published ones where they are present."""

import json
import re
from pathlib import Path
from typing import Any

from bot.evaluate import Labelled, read_labelled

DATA = Path(__file__).parent / "data"
STARTER = DATA / "starter_questions.jsonl"
THREADS = DATA / "threads.jsonl"
SHARED = Path(__file__).parents[2] / "shared" / "data"
EURLEX = SHARED / "sources" / "qa" / "rag-eurlex-eval-testset.jsonl"
OBLIQA = SHARED / "obliqa"
EU_ACTS = ("gdpr.html", "dora.html", "nis2.html", "ai-act.html")

_NAMED = re.compile(r"(?P<act>GDPR|AI Act)|\bArticle (?P<article>\d+)(?!\d)(?! ?(?:\([\w]+\))* of Directive)")


def starter_questions() -> list[Labelled]:
    """Return our questions on the starter knowledge that have an answer in it."""
    return read_labelled(STARTER)


def eurlex_questions() -> list[Labelled]:
    """Return the answerable questions on GDPR and AI Act; gold are articles.

    The generated ones name theirs; of the hand-written ones it is the articles that their reference answer names, since
    what they list was only retrieved (README of the data).
    """
    found = []
    for line in EURLEX.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["category"] == "negative":
            continue
        if row["needs_review"]:
            gold = _articles(row["reference"], "AI Act" if "AI" in row["user_input"] else "GDPR")
        else:
            acts = {"gdpr": "GDPR", "ai_act": "AI Act"}
            parts = (section.split(":art") for section in row["section_ids"] if ":art" in section)
            gold = tuple(f"{acts[act]} Art. {article}" for act, article in parts)
        found.append(Labelled(row["user_input"], gold, row["category"]))
    return found


def _articles(reference: str, act: str) -> tuple[str, ...]:
    """Return the articles that a text names, each of the act that it named last."""
    found = dict[str, None]()
    for named in _NAMED.finditer(reference):
        if named["act"]:
            act = named["act"]
        else:
            found[f"{act} Art. {named['article']}"] = None
    return tuple(found)


def standalone_questions() -> list[Labelled]:
    """Return the stand-alone form of every turn of our threads."""
    return [
        Labelled(question, tuple(gold), thread["category"])
        for thread in threads()
        for question, gold in zip(thread["standalone"], thread["gold"], strict=True)
    ]


def threads() -> list[dict[str, Any]]:
    """Return our threads of three turns, each turn with its stand-alone form and its gold."""
    return [json.loads(line) for line in THREADS.read_text("utf-8").splitlines()]
