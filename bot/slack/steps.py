"""The steps of the work on a question as Slack shows them: tasks of a stream with their sources, or a list in a message.

Titles are words of ours. Names of sources come from documents, and Slack reads markup in a task's text: what could be markup
there, or become a link by itself, is taken out. Links are those of the ledger alone.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.progress import Lead, Stage
from bot.slack import blocks
from bot.slack.elements import Block, Element, cut, link, points, rich, typed
from bot.slack.post import marker

WORKING, DONE, ENDED = "Working on your question", "How this was made", "How far I came"
LONGEST_TITLE = 250
LONGEST_NAME = 120
_HTTP = re.compile(r"https?://[^\s<>|]{1,2900}")
_SPEAKS = re.compile(r"[*_~`|]")
_LINKS = re.compile(r"(?<=[.@/:])(?=[\w/])")
_JOINER = "\u2060"
"""Stands invisibly where an address would otherwise become a link."""


def chunks(key: str, stages: Sequence[Stage], shown: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the updates of those steps that are not shown yet as they are now; `shown` has titles by name."""
    return [_task(key, stage) for stage in stages if shown.get(stage.name) != stage.title]


def opening(key: str, stages: Sequence[Stage]) -> list[dict[str, Any]]:
    """Return what a stream begins with."""
    return [_plan(WORKING), *chunks(key, stages, {})]


def closing(key: str, stages: Sequence[Stage], shown: Mapping[str, str], *, answered: bool) -> list[dict[str, Any]]:
    """Return what a stream ends with: the steps that are not shown yet, and none at work any more."""
    left = [stage for stage in stages if not stage.done or shown.get(stage.name) != stage.title]
    tasks = [_task(key, stage) | {"status": "complete" if stage.done or answered else "error"} for stage in left]
    return [_plan(DONE if answered else ENDED), *tasks]


def titles(stages: Sequence[Stage]) -> dict[str, str]:
    """Return the titles of steps by name, as `chunks` compares them."""
    return {stage.name: stage.title for stage in stages}


def written(place: int, stages: Sequence[Stage]) -> dict[str, Any]:
    """Return the placeholder with the steps in it, for where there is no stream."""
    message = blocks.waiting(place)
    items: list[list[Element]] = [[typed(cut(stage.title, LONGEST_TITLE)), *_named(stage)] for stage in stages]
    listed: list[Block] = [rich([points(items)])] if items else []
    return {**message, "blocks": [*message["blocks"], *listed]}


def literal(name: str) -> str:
    """Return the name of a source in which Slack finds no markup, no mention and no address."""
    flat = _SPEAKS.sub("", cut(name, LONGEST_NAME)).translate(str.maketrans("<>[]", "‹›()"))
    return _LINKS.sub(_JOINER, flat).strip() or "a source"


def _task(key: str, stage: Stage) -> dict[str, Any]:
    task: dict[str, Any] = {
        "type": "task_update", "id": _id(key, stage.name), "title": _title(stage),
        "status": "complete" if stage.done else "in_progress",
    }  # fmt: skip
    linked = [one for one in stage.leads if _HTTP.fullmatch(one.url)]
    if linked:
        task["sources"] = [{"type": "url", "url": one.url, "text": literal(one.citation)} for one in linked]
    if others := [literal(one.citation) for one in stage.leads if one not in linked]:
        task["details"] = "; ".join(others)
    return task


def _plan(title: str) -> dict[str, Any]:
    return {"type": "plan_update", "title": title}


def _title(stage: Stage) -> str:
    return cut(stage.title, LONGEST_TITLE)


def _id(key: str, name: str) -> str:
    return f"{marker(key)}-{name}"


def _named(stage: Stage) -> list[Element]:
    named: list[Element] = []
    for lead in stage.leads:
        named += [typed(" · "), _lead(lead)]
    return named


def _lead(lead: Lead) -> Element:
    name = cut(lead.citation, LONGEST_NAME) or "a source"
    return link(name, lead.url) if _HTTP.fullmatch(lead.url) else typed(name)
