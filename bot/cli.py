"""The command line: every command in the order in which the help lists them; each stands in a file of its own subject."""

import typer

from bot.cli_ask import ask, search
from bot.cli_check import check
from bot.cli_decide import decide, feedback
from bot.cli_eval import evaluate
from bot.cli_keep import audit, pairs, prune
from bot.cli_lists import lists
from bot.cli_match import match
from bot.cli_receipt import receipt
from bot.cli_refresh import refresh, rollback
from bot.cli_serve import migrate, serve, web, worker
from bot.cli_slack import slack
from bot.cli_sources import sources
from bot.cli_status import doctor, status
from bot.cli_teams import teams
from bot.cli_watch import watch
from bot.cli_work import work

app = typer.Typer(
    help="Procurement-risk answers in which every sentence stands on a verbatim quote.",
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
)  # fmt: skip

for command in (
    check, lists, decide, feedback, audit, prune, ask, search, refresh, status, rollback, receipt, doctor, migrate, serve, web,
    worker,
):  # fmt: skip
    app.command()(command)

for name, group in {
    "sources": sources, "eval": evaluate, "match": match, "watch": watch, "slack": slack, "teams": teams, "pairs": pairs,
    "work": work,
}.items():  # fmt: skip
    app.add_typer(group, name=name)
