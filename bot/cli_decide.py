"""`caveat decide` and `caveat feedback`: what was decided about vendors, and which answers did not help."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from bot.shell import (
    BAD_INPUT,
    NOT_ALLOWED,
    AsJson,
    a_day,
    console,
    ensure_published,
    fail,
    operator,
    print_json,
    say,
    told,
)

if TYPE_CHECKING:
    from bot.build import Library
    from bot.deciding import Deciding
    from bot.settings import Settings
    from knowledge.decision import Decision
    from knowledge.store.feedback import Opinion

CHOICES = {
    "approve": "approved", "conditions": "approved with conditions", "reject": "rejected", "review": "needs review",
}  # fmt: skip
SECOND, LIST = "second", "list"


def decide(  # noqa: PLR0913, PLR0917 - the options of a decision
    vendor: Annotated[
        str, typer.Argument(help="The vendor's name, as it is checked; `list` alone shows all decisions.")
    ],
    choice: Annotated[
        str,
        typer.Argument(
            metavar="[CHOICE]", help="approve, conditions, reject or review; second agrees with one that waits."
        ),
    ] = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, kept and shown with it.")] = "",
    conditions: Annotated[
        str, typer.Option("--conditions", metavar="TEXT", help="What an approval with conditions depends on.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="Its last day; without one a year.")] = "",
    country: Annotated[str, typer.Option("--country", metavar="CC", help="As the vendor is checked with it.")] = "",
    as_: Annotated[str, typer.Option("--as", metavar="USER", help="As this user, who must be a reviewer.")] = "",
    as_json: AsJson = False,
) -> None:
    """Decide about a vendor; approving at high or critical risk needs a second, different reviewer."""
    if vendor == LIST and not choice:
        _show(as_json=as_json)
        return
    if choice not in {*CHOICES, SECOND}:
        fail(f"say what is decided: {', '.join((*CHOICES, SECOND))}", BAD_INPUT, as_json=as_json)
    day = a_day(until, as_json=as_json)
    from bot.decision import lines, one_json
    from bot.errors import DecisionRefused

    with told(as_json=as_json):
        settings, library, deciding = _opened(as_, as_json=as_json)
        who = as_ or "operator"
        try:
            if choice == SECOND:
                made = _seconded(deciding, vendor, country.upper(), who)
            else:
                from bot import company
                from bot.deciding import Wish
                from bot.model import Place
                from knowledge.decision import Choice

                wish = Wish(
                    f"cli:{uuid4()}", vendor, Choice(CHOICES[choice]), why, who, who, country.upper(), conditions, day
                )
                ensure_published(library)
                asker = company.someone(settings, as_) if as_ else operator(library)
                made = asyncio.run(deciding.decide(wish, asker, Place("terminal")))
        except DecisionRefused as refused:
            fail(str(refused), BAD_INPUT, as_json=as_json)
        stands = deciding.stands(vendor, country.upper(), datetime.now(UTC).date())
    say(one_json(made), f"{vendor}: {' '.join(lines(stands))}", as_json=as_json)


def feedback(as_json: AsJson = False) -> None:
    """List the answers that did not help, the oldest first; `caveat eval case ANSWER_ID` makes a case of one."""
    from bot import build
    from knowledge.store.feedback import Feedback

    with told(as_json=as_json):
        kept = Feedback(build.library(build.settings()).engine)
        counts, down = kept.counts(), kept.down()
    if as_json:
        print_json({**counts, "negative": [_opinion(one) for one in down]})
        return
    from bot.terminal import table

    screen = console()
    screen.print(f"{counts['up']} helped, {counts['down']} did not")
    if down:
        rows = (
            [one.answer_id, one.who, one.at.isoformat(timespec="seconds"), ", ".join(one.reasons), one.words]
            for one in down
        )
        screen.print(table(("answer", "by", "at", "reasons", "words"), rows))
        screen.print("To measure with one: caveat eval case ANSWER_ID --out FILE.jsonl", markup=False)


def _opinion(one: "Opinion") -> dict[str, Any]:
    return {
        "answer_id": one.answer_id, "by": one.who, "at": one.at.isoformat(timespec="seconds"), "reasons": list(one.reasons),
        "words": one.words or None,
    }  # fmt: skip


def _seconded(deciding: "Deciding", vendor: str, country: str, who: str) -> "Decision":
    from bot.errors import DecisionRefused

    waits = deciding.stands(vendor, country, datetime.now(UTC).date()).waits
    if waits is None:
        raise DecisionRefused("no decision about this vendor waits for a second approver; nothing was changed")
    return asyncio.run(deciding.second(waits.n, who, who))


def _show(*, as_json: bool) -> None:
    from bot import build
    from bot.decision import one_json
    from knowledge.store.decisions import Decisions

    today = datetime.now(UTC).date()
    with told(as_json=as_json):
        kept = Decisions(build.library(build.settings()).engine).all()
    states = [
        "waits for a second approver" if not one.counts(today) else "expired" if one.until < today else "counts"
        for one in kept
    ]
    if as_json:
        print_json({"decisions": [{**one_json(one), "state": state} for one, state in zip(kept, states, strict=True)]})
        return
    from bot.terminal import table

    rows = (
        [
            str(one.made_at.date()),
            one.vendor,
            one.choice.value,
            state,
            str(one.until),
            one.named,
            one.second_named,
            one.why,
        ]
        for one, state in zip(kept, states, strict=True)
    )
    console().print(table(("on", "vendor", "decided", "state", "until", "by", "second", "why"), rows))


def _opened(user: str, *, as_json: bool) -> "tuple[Settings, Library, Deciding]":
    from bot import build, company, vetting
    from bot.logs import only_warnings

    only_warnings()
    settings = build.settings()
    if user and not company.is_reviewer(settings, user):
        fail(
            f"{user[:80]} is no reviewer: CAVEAT_REVIEWERS names them; nothing was decided",
            NOT_ALLOWED,
            as_json=as_json,
        )
    library = build.library(settings)
    return settings, library, vetting.deciding(settings, library, vetting.checking(settings, library))
