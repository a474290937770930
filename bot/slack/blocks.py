"""An answer as Slack blocks: typed text elements only, so that nothing from a source can become markup."""

from collections.abc import Sequence
from typing import Any

from bot.handing import owned
from bot.model import Answer, Claim, Outcome, Source, Step
from bot.slack.controls import below
from bot.slack.elements import Block, Element, button, cut, escape, fallback, fitted, link, listed, rich, section, typed
from bot.words import RUNGS, UNANSWERED, UNDERSTOOD, day, headline, label, left_out, plain, says_more, spoken

LONGEST_LINK = 300
LONGEST_BUTTON = 75
LONGEST_VALUE = 2_000
MOST_BUTTONS = 5
ASK, CHECK = "ask", "check"
"""How the action of a button begins that asks what its value says, or checks the vendor that it names."""
OWN = "ask_own"
"""The action of the button that asks its value once more, in the conversation of whoever presses it with the app."""
MORE = "See what you may read beyond this channel"
QUEUED = "Your question is number {place} in my queue. The answer will appear here, in place of this message."
WORKING = "I am working on this. The answer will appear here, in place of this message."
LATER = "You asked this before, and no source answered it then. A newer edition of the knowledge base does:"


def render(answer: Answer, *, later: bool = False, asked_by: str = "", more: bool = False) -> dict[str, Any]:
    """Return `text` and `blocks` of the message; what does not fit is left out from the end, and said so.

    With `later` it answers a question that an earlier edition could not, and says so first; with `asked_by` one that
    somebody asked by pressing a button, which nobody else has seen. With `more` its asker may read sources that not everybody at
    this place may, and a button shows whoever presses it what he may read.
    """
    blocks = [rich([section([typed(LATER)])])] if later else []
    if asked_by:
        blocks += asked(asked_by, answer.question)["blocks"]
    if answer.understood:
        blocks.append(_context(UNDERSTOOD.format(question=answer.understood)))
    if words := headline(answer):
        blocks.append(rich([section([typed(words, bold=bool(answer.claims))])]))
    source_of = {source.passage.id: source for source in answer.sources}
    blocks += [quoted(claim, source_of[claim.passage.id]) for claim in answer.claims]
    blocks += _extras(answer)
    if more and answer.question:
        blocks.append({"type": "actions", "elements": [button(OWN, MORE, cut(answer.question, LONGEST_VALUE))]})
    tail = _below(answer)
    shown = fitted(blocks, [*tail, _footer(answer)], [*tail, _footer(answer, shortened=True)])
    return {"text": fallback(answer.summary), "blocks": shown}


def _below(answer: Answer) -> list[Block]:
    """Return the buttons below an answer or a refusal; a greeting or a notice has none."""
    if answer.outcome not in {Outcome.ANSWERED, Outcome.REFUSED}:
        return []
    return below(
        answer.id,
        sources=bool(answer.sources),
        owner=owned(answer.sources),
        vendor=answer.vendor if answer.claims else "",
    )


def _extras(answer: Answer) -> list[Block]:
    """Return what stands below the claims: where sources differ, what is not known, what to do, what to ask."""
    extras = []
    if answer.conflicts:
        differ = [[typed(f"{one.differs}. {one.precedence}")] for one in answer.conflicts]
        extras.append(listed("Sources differ", differ))
    if answer.unknowns and answer.claims:
        extras.append(listed("Not known", [[typed(unknown)] for unknown in answer.unknowns]))
    if answer.next_steps:
        extras.append(listed("Next steps", [_step(step, answer) for step in answer.next_steps]))
    if answer.choices:
        extras.append(buttons(answer.choices, ASK))
    if answer.sources and not answer.claims:
        extras.append(listed("Nearest sources", [_source(source) for source in answer.sources], ordered=True))
    if answer.receipt_url and answer.claims:
        extras.append(rich([section([link("Receipt: every quote, and how this was made", answer.receipt_url)])]))
    return extras


def buttons(choices: Sequence[str], action: str) -> Block:
    """Return buttons that do what they say, as whoever presses one: `action` tells ASK from CHECK."""
    shown = [
        button(f"{action}_{at}", cut(choice, LONGEST_BUTTON), cut(choice, LONGEST_VALUE))
        for at, choice in enumerate(choices[:MOST_BUTTONS])
    ]
    return {"type": "actions", "elements": shown}


def _step(step: Step, answer: Answer) -> list[Element]:
    """Return a step with its source: by its number where a claim shows the source already, by its citation otherwise."""
    source = answer.sources[step.source - 1]
    if any(claim.passage.id == source.passage.id for claim in answer.claims) or not answer.claims:
        return _numbered(step.text, source)
    shown = link(plain(source.passage.citation), source.evidence_url) if source.evidence_url else _citation(source)
    return [typed(f"{step.text} ("), shown, typed(")")]


def apology(key: str, why: str) -> dict[str, Any]:
    """Return the message for a question that has no answer, in the words of UNANSWERED for the reason."""
    words = UNANSWERED[why].format(key=key)
    return {"text": escape(words), "blocks": [rich([section([typed(words)])])]}


def waiting(place: int) -> dict[str, Any]:
    """Return the message that stands where the answer will stand; `place` is the question's in the queue, 0 at work."""
    words = QUEUED.format(place=place) if place else WORKING
    return {"text": escape(words), "blocks": [rich([section([typed(words)])])]}


def asked(user: str, text: str, *, check: bool = False) -> dict[str, Any]:
    """Return the root message of a question that came by command, so that its answer has a thread."""
    said = " asked for a check of: " if check else " asked: "
    words = [{"type": "user", "user_id": user}, typed(f"{said}{text}")]
    return {
        "text": fallback(f"A {'check' if check else 'question'} by command: {text}"),
        "blocks": [rich([section(words)])],
    }


def quoted(claim: Claim, source: Source) -> Block:
    """Return a claim under its source: citation, date and status, then the quote."""
    head = [
        *_numbered(spoken(claim.role, attached=claim.document.attached), source, " ", bold=True),
        _citation(source),
        typed(f" · {label(claim.document, claim.passage, claim.note)}"),
    ]
    if claim.note:
        head.append(typed(f" · {claim.note}", bold=True))
    parts = [section(head)]
    if says_more(claim):
        parts.append(section([typed(claim.text)]))
    opening = [typed(f"{claim.opening} ", italic=True)] if claim.opening else []
    parts.append({"type": "rich_text_quote", "elements": [*opening, typed(claim.quote)]})
    return rich(parts)


def _numbered(text: str, source: Source, after: str = "", *, bold: bool = False) -> list[Element]:
    """Return a text with its source's number, which opens the evidence where there is a public address."""
    if not source.evidence_url:
        return [typed(f"{text} [{source.n}]{after}", bold=bold)]
    tail = [typed(after, bold=bold)] if after else []
    return [typed(f"{text} ", bold=bold), link(f"[{source.n}]", source.evidence_url), *tail]


def _source(source: Source) -> list[Element]:
    opened = [typed(" · "), link("in its context", source.evidence_url)] if source.evidence_url else []
    title = f" – {source.document.title} ({label(source.document, source.passage)})"
    return [_citation(source), typed(title), *opened]


def _citation(source: Source) -> Element:
    """Return a citation as the link to its source, where it has one."""
    name = plain(source.passage.citation)[:LONGEST_LINK] or f"source {source.n}"
    return link(name, source.document.url) if source.document.url else typed(name)


def _footer(answer: Answer, *, shortened: bool = False) -> Block:
    parts = [f"Edition {answer.edition}" if answer.edition else "", f"as of {day(answer.as_of)}"]
    if answer.claims:
        parts += [f"{answer.rung}: {RUNGS.get(answer.rung, '')}", *left_out(answer.dropped)]
    if shortened:
        parts.append("shortened to fit, the receipt holds the rest")
    words = "; ".join(part for part in [*parts, f"answer {answer.id}"] if part)
    return _context(words)


def _context(words: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": words, "emoji": False}]}
