"""`caveat match`: what reviewers decide about the matches of a vendor's name with listed parties."""

import asyncio
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from bot.shell import BAD_INPUT, NOT_ALLOWED, AsJson, console, fail, print_json, say, told

if TYPE_CHECKING:
    from knowledge.ruling import Ruling

match = typer.Typer(
    help="Decide about a match once, for everybody who checks that name.", no_args_is_help=True, rich_markup_mode=None
)

Vendor = Annotated[str, typer.Argument(help="The vendor's name, as it is checked.")]
Party = Annotated[
    str,
    typer.Argument(metavar="[PARTY]", help="The vendor_id that check --json shows; needed where there are several."),
]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, kept and shown with the decision.")]
Country = Annotated[str, typer.Option("--country", metavar="CC", help="As the vendor is checked with it.")]
As = Annotated[str, typer.Option("--as", metavar="USER", help="As this user, who must be a reviewer.")]


@match.command("out")
def rule_out(  # noqa: PLR0913, PLR0917 - the options of a decision
    vendor: Vendor, party: Party = "", why: Why = "", country: Country = "", as_: As = "", as_json: AsJson = False
) -> None:
    """Rule a match out: the vendor is not that party. It holds until the list's row changes."""
    _decide("ruled out", vendor, party, why, country, as_, as_json=as_json)


@match.command("confirm")
def confirm(  # noqa: PLR0913, PLR0917 - the options of a decision
    vendor: Vendor, party: Party = "", why: Why = "", country: Country = "", as_: As = "", as_json: AsJson = False
) -> None:
    """Confirm a match: the vendor is that party, or belongs to it."""
    _decide("confirmed", vendor, party, why, country, as_, as_json=as_json)


@match.command("reopen")
def reopen(  # noqa: PLR0913, PLR0917 - the options of a decision
    vendor: Vendor, party: Party = "", why: Why = "", country: Country = "", as_: As = "", as_json: AsJson = False
) -> None:
    """Take back what was decided about a match."""
    _decide("reopened", vendor, party, why, country, as_, as_json=as_json)


@match.command("list")
def list_rulings(as_json: AsJson = False) -> None:
    """List every decision, the oldest first."""
    from bot import build
    from knowledge.store.rulings import Rulings

    with told(as_json=as_json):
        rulings = Rulings(build.library(build.settings()).engine).all()
    if as_json:
        print_json({"decisions": [_plain(one) for one in rulings]})
        return
    from bot.terminal import table

    rows = (
        [str(_plain(one)[key]) for key in ("on", "vendor", "verdict", "vendor_id", "party", "by", "why")]
        for one in rulings
    )
    console().print(table(("on", "vendor", "decided", "id", "party", "by", "why"), rows))


def _decide(  # noqa: PLR0913, PLR0917 - what a decision is made of
    verdict: str, vendor: str, party: str, why: str, country: str, user: str, *, as_json: bool
) -> None:
    from bot import build, company, vetting
    from bot.reviewing import Decision
    from knowledge.ruling import Verdict

    with told(as_json=as_json):
        settings = build.settings()
        if user and not company.is_reviewer(settings, user):
            fail(
                f"{user[:80]} is no reviewer: CAVEAT_REVIEWERS names them; nothing was decided",
                NOT_ALLOWED,
                as_json=as_json,
            )
        if not why.strip():
            fail("say why with --why: the reason is kept with the decision", BAD_INPUT, as_json=as_json)
        reviewing = vetting.reviewing(settings, build.library(settings))
        decision = Decision(f"cli:{uuid4()}", vendor, party, Verdict(verdict), why, user or "operator", country.upper())
        made = asyncio.run(reviewing.decide(decision))
    parties = ", ".join(dict.fromkeys(f"{one.name} ({one.party})" for one in made))
    say(
        {"decisions": [_plain(one) for one in made]},
        f"{vendor}: {parties} {verdict}. Every later check says so.",
        as_json=as_json,
    )


def _plain(one: "Ruling") -> dict[str, str]:
    return {
        "vendor": one.vendor, "vendor_id": one.party, "party": one.name, "verdict": one.verdict.value, "why": one.why,
        "by": one.who, "on": one.made_at.isoformat(timespec="seconds"),
    }  # fmt: skip
