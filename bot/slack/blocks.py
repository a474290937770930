"""An answer as Slack blocks: typed text elements only, so that nothing from a source can become markup."""

import json
import re
from collections.abc import Sequence
from typing import Any

from bot.model import Answer, Claim, Source, Step
from bot.words import RUNGS, SPOKEN, day, headline, label, left_out, plain, says_more

LONGEST_TEXT = 3_900
LONGEST_LINK = 300
LONGEST_BUTTON = 75
LONGEST_VALUE = 2_000
MOST_BUTTONS = 5
ASK = "ask"
"""How the action of a button begins that asks what its value says."""
LARGEST = 12_000
"""Characters of all blocks together; Slack refuses messages somewhere above 13,200 (shared notes on Slack, 6.2)."""
MOST_BLOCKS = 50
LATER = "You asked this before, and no source answered it then. A newer edition of the knowledge base does:"

Block = dict[str, Any]
Element = dict[str, Any]


def render(answer: Answer, *, later: bool = False, asked_by: str = "") -> dict[str, Any]:
    """Return `text` and `blocks` of the message; what does not fit is left out from the end, and said so.

    With `later` it answers a question that an earlier edition could not, and says so first; with `asked_by` one that
    somebody asked by pressing a button, which nobody else has seen.
    """
    blocks = [_rich([_section([_text(LATER)])])] if later else []
    if asked_by:
        blocks += asked(asked_by, answer.question)["blocks"]
    if words := headline(answer):
        blocks.append(_rich([_section([_text(words, bold=bool(answer.claims))])]))
    source_of = {source.passage.id: source for source in answer.sources}
    blocks += [_claim(claim, source_of[claim.passage.id]) for claim in answer.claims]
    tail = [_footer(answer)]
    blocks += _extras(answer)
    while len(blocks) > 1 and (len(blocks) >= MOST_BLOCKS or _size([*blocks, *tail]) > LARGEST):
        blocks.pop()
        tail = [_footer(answer, shortened=True)]
    return {"text": _fallback(answer.summary), "blocks": [*blocks, *tail]}


def _extras(answer: Answer) -> list[Block]:
    """Return what stands below the claims: where sources differ, what is not known, what to do, what to ask."""
    extras = []
    if answer.conflicts:
        differ = [[_text(f"{one.differs}. {one.precedence}")] for one in answer.conflicts]
        extras.append(_listed("Sources differ", differ))
    if answer.unknowns and answer.claims:
        extras.append(_listed("Not known", [[_text(unknown)] for unknown in answer.unknowns]))
    if answer.next_steps:
        extras.append(_listed("Next steps", [_step(step, answer) for step in answer.next_steps]))
    if answer.choices:
        extras.append(_choices(answer.choices))
    if answer.sources and not answer.claims:
        extras.append(_listed("Nearest sources", [_source(source) for source in answer.sources], ordered=True))
    if answer.receipt_url and answer.claims:
        extras.append(_rich([_section([_link("Receipt: every quote, and how this was made", answer.receipt_url)])]))
    return extras


def _choices(choices: Sequence[str]) -> Block:
    """Return buttons that ask what they say, as whoever presses one."""
    buttons = [
        {
            "type": "button",
            "action_id": f"{ASK}_{at}",
            "text": {"type": "plain_text", "text": _cut(choice, LONGEST_BUTTON), "emoji": False},
            "value": _cut(choice, LONGEST_VALUE),
        }
        for at, choice in enumerate(choices[:MOST_BUTTONS])
    ]
    return {"type": "actions", "elements": buttons}


def _cut(text: str, longest: int) -> str:
    text = plain(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _step(step: Step, answer: Answer) -> list[Element]:
    """Return a step with its source: by its number where a claim shows the source already, by its citation otherwise."""
    source = answer.sources[step.source - 1]
    if any(claim.passage.id == source.passage.id for claim in answer.claims) or not answer.claims:
        return _numbered(step.text, source)
    shown = _link(plain(source.passage.citation), source.evidence_url) if source.evidence_url else _citation(source)
    return [_text(f"{step.text} ("), shown, _text(")")]


def apology(key: str) -> dict[str, Any]:
    """Return the message for a question that could not be answered because something broke."""
    words = (
        "Something broke on my side while I worked on this, so I have no answer. Your question is kept."
        f" Please ask again, and if it happens twice, give an administrator this number: {key}."
    )
    return {"text": escape(words), "blocks": [_rich([_section([_text(words)])])]}


def asked(user: str, text: str) -> dict[str, Any]:
    """Return the root message of a question that came by command, so that its answer has a thread."""
    words = [{"type": "user", "user_id": user}, _text(f" asked: {text}")]
    return {
        "text": _fallback(f"A question by command: {text}"),
        "blocks": [_rich([_section(words)])],
    }


def escape(text: str) -> str:
    """Return text in which Slack finds no mention, link or command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fallback(text: str) -> str:
    """Return the text that notifications show: escaped, cut to length, never inside an escape."""
    return re.sub(r"&[a-z]{0,3}$", "", escape(plain(text))[:LONGEST_TEXT])


def _size(blocks: list[Block]) -> int:
    """Return the length of the blocks as they are sent, where a quotation mark or a backslash counts twice."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def _claim(claim: Claim, source: Source) -> Block:
    """Return a claim under its source: citation, date and status, then the quote."""
    head = [
        *_numbered(SPOKEN[claim.role], source, " ", bold=True),
        _citation(source),
        _text(f" · {label(claim.document, claim.passage, claim.note)}"),
    ]
    if claim.note:
        head.append(_text(f" · {claim.note}", bold=True))
    parts = [_section(head)]
    if says_more(claim):
        parts.append(_section([_text(claim.text)]))
    opening = [_text(f"{claim.opening} ", italic=True)] if claim.opening else []
    parts.append({"type": "rich_text_quote", "elements": [*opening, _text(claim.quote)]})
    return _rich(parts)


def _numbered(text: str, source: Source, after: str = "", *, bold: bool = False) -> list[Element]:
    """Return a text with its source's number, which opens the evidence where there is a public address."""
    if not source.evidence_url:
        return [_text(f"{text} [{source.n}]{after}", bold=bold)]
    tail = [_text(after, bold=bold)] if after else []
    return [_text(f"{text} ", bold=bold), _link(f"[{source.n}]", source.evidence_url), *tail]


def _source(source: Source) -> list[Element]:
    opened = [_text(" · "), _link("in its context", source.evidence_url)] if source.evidence_url else []
    title = f" – {source.document.title} ({label(source.document, source.passage)})"
    return [_citation(source), _text(title), *opened]


def _citation(source: Source) -> Element:
    """Return a citation as the link to its source, where it has one."""
    name = plain(source.passage.citation)[:LONGEST_LINK] or f"source {source.n}"
    return _link(name, source.document.url) if source.document.url else _text(name)


def _listed(title: str, items: list[list[Element]], *, ordered: bool = False) -> Block:
    return _rich(
        [
            _section([_text(title, bold=True)]),
            {
                "type": "rich_text_list",
                "style": "ordered" if ordered else "bullet",
                "elements": [_section(item) for item in items],
            },
        ]
    )


def _footer(answer: Answer, *, shortened: bool = False) -> Block:
    parts = [f"Edition {answer.edition}" if answer.edition else "", f"as of {day(answer.as_of)}"]
    if answer.claims:
        parts += [f"{answer.rung}: {RUNGS.get(answer.rung, '')}", *left_out(answer.dropped)]
    if shortened:
        parts.append("shortened to fit, the receipt holds the rest")
    words = "; ".join(part for part in [*parts, f"answer {answer.id}"] if part)
    return {"type": "context", "elements": [{"type": "plain_text", "text": words, "emoji": False}]}


def _rich(elements: list[Element]) -> Block:
    return {"type": "rich_text", "elements": elements}


def _section(elements: list[Element]) -> Element:
    return {"type": "rich_text_section", "elements": elements}


def _link(text: str, url: str) -> Element:
    return {"type": "link", "url": url, "text": text}


def _text(text: str, *, bold: bool = False, italic: bool = False) -> Element:
    element: Element = {"type": "text", "text": plain(text)[:LONGEST_TEXT] or " "}
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {**element, "style": style} if style else element
