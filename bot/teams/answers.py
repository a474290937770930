"""An answer as a Teams message: each claim with its quote and native citation, everything from sources as literal text."""

import re
from collections.abc import Sequence

from bot.model import Answer, Claim, Outcome, Source, Step
from bot.teams.commands import ASK
from bot.teams.controls import OWN, Below, under_answer
from bot.teams.elements import buttons
from bot.teams.markdown import addressed, bold, link, literal
from bot.teams.message import MOST_CITATIONS, Activity, citation, fitted, written
from bot.teams.thumbs import FEEDBACK
from bot.words import RUNGS, UNDERSTOOD, day, headline, label, left_out, says_more, spoken

LATER = "You asked this before, and no source answered it then. A newer edition of the knowledge base does:"


def render(answer: Answer, *, later: bool = False, asked_by: str = "", given: Below = Below()) -> Activity:  # noqa: B008 - frozen
    """Return the message; what does not fit is left out from the end, and said so.

    With `later` it answers a question that an earlier edition could not, and says so first; with `asked_by` one that
    somebody asked by pressing a button, which nobody else has seen. `given` is what may stand below it.
    """
    return fitted(len(answer.claims), lambda kept: _message(answer, kept, given, later=later, asked_by=asked_by))


def _message(answer: Answer, kept: int, given: Below, *, later: bool, asked_by: str) -> Activity:
    source_of = {source.passage.id: source for source in answer.sources}
    claims = answer.claims[:kept]
    parts = [LATER] if later else []
    if asked_by:
        parts.append(f"{bold(f'{asked_by} asked:')} {literal(answer.question)}")
    cited = [source_of[claim.passage.id] for claim in claims]
    if answer.understood:
        parts.append(literal(UNDERSTOOD.format(question=answer.understood)))
    if words := headline(answer):
        parts.append(_numbered(words, cited, strong=bool(answer.claims)))
    parts += [part for claim in claims for part in _claim(claim, source_of[claim.passage.id])]
    parts += _extras(answer, claims, shortened=kept < len(answer.claims))
    text = "\n\n".join(parts)
    choices = [buttons(answer.choices, OWN if given.private else ASK)] if answer.choices else []
    row, actions = under_answer(answer, given)
    made = written(
        text,
        notice=answer.summary,
        cited=[_citation(claim, source_of[claim.passage.id]) for claim in _native(claims, source_of)],
        made=bool(answer.claims),
        below=[*choices, *row],
        actions=actions,
    )
    judged = answer.outcome in {Outcome.ANSWERED, Outcome.REFUSED}
    return {**made, **FEEDBACK} if judged else made


def _native(claims: Sequence[Claim], source_of: dict[str, Source]) -> list[Claim]:
    """Return the claim that each citation stands for: one for each source, as many as Teams shows."""
    first = {source_of[claim.passage.id].n: claim for claim in reversed(claims)}
    return [first[n] for n in sorted(first) if n <= MOST_CITATIONS]


def _claim(claim: Claim, source: Source) -> list[str]:
    """Return a claim under its source: citation, date and status, then its words and the quote."""
    says = bold(spoken(claim.role, attached=claim.document.attached))
    head = f"{says} {_mark(source)} {_cited(source)} · {literal(label(claim.document, claim.passage, claim.note))}"
    if claim.note:
        head += f" · {bold(claim.note)}"
    quote = f"{claim.opening} {claim.quote}" if claim.opening else claim.quote
    return [head, *([literal(claim.text)] if says_more(claim) else []), f"> “{literal(quote)}”"]


def _extras(answer: Answer, claims: Sequence[Claim], *, shortened: bool) -> list[str]:
    """Return what stands below the claims: where sources differ, what is not known, what to do, the receipt."""
    parts = []
    if answer.conflicts:
        parts.append(
            _listed("Sources differ", [literal(f"{one.differs}. {one.precedence}") for one in answer.conflicts])
        )
    if answer.unknowns and answer.claims:
        parts.append(_listed("Not known", [literal(one) for one in answer.unknowns]))
    if answer.next_steps:
        parts.append(_listed("Next steps", [_step(step, answer, claims) for step in answer.next_steps]))
    if answer.sources and not answer.claims:
        parts.append(_listed("Nearest sources", [_near(source) for source in answer.sources]))
    if answer.receipt_url and answer.claims:
        parts.append(link("Receipt: every quote, and how this was made", answer.receipt_url))
    return [*parts, _footer(answer, shortened=shortened)]


def _listed(title: str, items: Sequence[str]) -> str:
    return "\n".join([f"{bold(title)}\n", *(f"- {item}" for item in items)])


def _step(step: Step, answer: Answer, claims: Sequence[Claim]) -> str:
    source = answer.sources[step.source - 1]
    shown = any(claim.passage.id == source.passage.id for claim in claims)
    return f"{literal(step.text)} {_mark(source) if shown else f'({_opened(source)})'}"


def _near(source: Source) -> str:
    opened = f" · {link('in its context', source.evidence_url)}" if source.evidence_url else ""
    return (
        f"{_cited(source)} – {literal(f'{source.document.title} ({label(source.document, source.passage)})')}{opened}"
    )


def _mark(source: Source) -> str:
    """Return the number that Teams makes a citation of; beyond what it shows, one that stays text."""
    return f"[{source.n}]" if source.n <= MOST_CITATIONS else rf"\[{source.n}\]"


def _numbered(words: str, cited: Sequence[Source], *, strong: bool) -> str:
    """Return words of the desk's own in which the numbers of sources that are shown are citations."""
    shown = {source.n for source in cited if source.n <= MOST_CITATIONS}
    said = bold(words) if strong else literal(words)
    return re.sub(r"\\\[(\d{1,2})\\\]", lambda found: f"[{found[1]}]" if int(found[1]) in shown else found[0], said)


def _cited(source: Source) -> str:
    return link(source.passage.citation[:300] or f"source {source.n}", source.document.url)


def _opened(source: Source) -> str:
    return link(source.passage.citation[:300] or f"source {source.n}", source.evidence_url)


def _citation(claim: Claim, source: Source) -> Activity:
    url = source.evidence_url if addressed(source.evidence_url) else source.document.url
    return citation(source.n, source.passage.citation or source.document.title, claim.quote, url)


def _footer(answer: Answer, *, shortened: bool) -> str:
    parts = [f"Edition {answer.edition}" if answer.edition else "", f"as of {day(answer.as_of)}"]
    if answer.claims:
        parts += [f"{answer.rung}: {RUNGS.get(answer.rung, '')}", *left_out(answer.dropped)]
    if shortened:
        parts.append("shortened to fit, the receipt holds the rest")
    return literal("; ".join(part for part in [*parts, f"answer {answer.id}"] if part))
