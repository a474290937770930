"""What administrators do at the terminal beside sources: `caveat audit`, `caveat pairs`, and a refresh that is written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from bot.shell import AsJson, console, fail, print_json, say, told

if TYPE_CHECKING:
    from bot.build import Library
    from bot.keeping import Hand, Keeping
    from bot.settings import Settings
    from knowledge.report import Progress, Watcher

pairs = typer.Typer(
    help="Brands of your own that a check ties to a legal name.", no_args_is_help=True, rich_markup_mode=None
)


@pairs.command("add")
def add_pair(
    pair: Annotated[
        str, typer.Argument(metavar="'BRAND = LEGAL NAME (SOURCE)'", help="The source says where that is written.")
    ],
    as_json: AsJson = False,
) -> None:
    """Tie a brand to a legal name; the next check uses it."""
    with opened(as_json=as_json) as keeping:
        made = keeping.pair(by_hand(), pair)
    say({"added": _plain(made)}, f"{made.brand} is tied to {made.legal}. The next check uses it.", as_json=as_json)


@pairs.command("list")
def list_pairs(as_json: AsJson = False) -> None:
    """List the brands that administrators added, the oldest first."""
    with opened(as_json=as_json) as keeping:
        rows = [_plain(one) for one in keeping.pairs.all()]
    if as_json:
        print_json({"pairs": rows})
        return
    from bot.terminal import table

    columns = ("brand", "legal", "source", "who", "added_at")
    console().print(table(columns, ([str(row[column]) for column in columns] for row in rows)))


@pairs.command("remove")
def remove_pair(brand: str, as_json: AsJson = False) -> None:
    """Forget what a brand is tied to."""
    with opened(as_json=as_json) as keeping:
        gone = keeping.unpair(by_hand(), brand)
    say({"removed": brand, "pairs": gone}, f"{brand} is not tied to anything any more.", as_json=as_json)


def audit(as_json: AsJson = False) -> None:
    """List what administrators did, the oldest first."""
    with opened(as_json=as_json) as keeping:
        rows = [_plain(one) for one in keeping.deeds.all()]
    if as_json:
        print_json({"actions": rows})
        return
    from bot.terminal import table

    columns = ("made_at", "door", "who", "team", "what", "subject", "outcome")
    console().print(table(columns, ([str(row[column]) for column in columns] for row in rows)))


def prune(as_json: AsJson = False) -> None:
    """Take out what nothing needs any more; every worker does so by itself within an hour or two."""
    from bot import build, pruning

    with told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        pruned = pruning.prune(settings, library)
        if pruned.receipts:
            words = (
                f"the content of {pruned.receipts} receipts older than {settings.retention_days} days; their seals stay"
            )
            kept(settings, library).note(by_hand(), "receipts removed", str(pruned.receipts), words)
    body = pruned.as_json()
    gone = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in body["removed"].items())
    words = f"Taken out: {gone}." if gone else "There was nothing to take out."
    left = " A refresh is running, so editions and texts were left for the next time." if pruned.hindered else ""
    say(body, f"{words}{left}", as_json=as_json)


def by_hand() -> "Hand":
    """Return the hand of the person at the terminal, for one action."""
    from bot.keeping import Hand

    return Hand(f"cli:{uuid4()}", "terminal", "operator", named="operator")


def kept(settings: "Settings", library: "Library") -> "Keeping":
    """Return the use cases of administrators."""
    from bot.housekeeping import keeping

    return keeping(settings, library)


@contextmanager
def errand(settings: "Settings", library: "Library", key: str, hand: "Hand | None", names: Any) -> "Iterator[Errand]":
    """Keep a refresh to one that was asked for in a chat, where `key` names its wish, and write down how it ended.

    Without a hand, for a schedule, nothing is written down. While it runs, `asked` is leased: whoever finds the lease free
    knows that the process has ended.
    """
    from contextlib import nullcontext

    from knowledge.errors import KnowledgeError, RefreshRunning
    from knowledge.store.lease import refresh_lease

    one = Errand(kept(settings, library), key, hand, ", ".join(names) or "all sources")
    with refresh_lease(settings.state, library.engine, "asked") if key else nullcontext():
        try:
            yield one
        except RefreshRunning as refused:
            one.end({"error": str(refused), "running": True}, f"not done: {refused}")
            raise
        except KnowledgeError as refused:
            one.end({"error": str(refused)}, f"refused: {refused}")
            raise


class Errand:
    """A refresh as it is told: how far it is, and how it ended."""

    def __init__(self, keeping: "Keeping", key: str, hand: "Hand | None", subject: str) -> None:
        from bot.keeping import Hand

        self._keeping, self._key, self._subject = keeping, key, subject
        wish = keeping.renewals.find(key) if key else None
        door = wish.back.get("door", "slack") if wish else ""
        self._hand = Hand(f"{wish.key}:done", door, wish.who, wish.team) if wish else hand
        self._told = 0.0

    def watch(self, beside: "Watcher") -> "Watcher":
        """Return a watcher that also keeps how far the refresh is, at most once a second."""
        from time import monotonic

        def both(progress: "Progress") -> None:
            beside(progress)
            if self._key and monotonic() - self._told >= 1:
                self._told = monotonic()
                self._keeping.renewals.note(self._key, progress)

        return both

    def end(self, outcome: dict[str, Any], words: str) -> None:
        """Keep how it ended, for the message and for the log."""
        if self._key:
            self._keeping.renewals.end(self._key, outcome)
        if self._hand:
            self._keeping.note(self._hand, "refresh", self._subject, words)


def ended(body: dict[str, Any]) -> str:
    """Say how a refresh ended, for the log."""
    lists = sum(1 for one in body["lists"] if one["came"] == "taken")
    changed = ", ".join(f"{body[name]} {name}" for name in ("added", "changed", "removed"))
    return f"edition {body['edition']}: {changed}, {len(body['failed'])} failed, {lists} lists taken"


@contextmanager
def opened(*, as_json: bool) -> "Iterator[Keeping]":
    """Open the use cases of administrators for one command; what cannot be done ends it in words."""
    from bot import build
    from bot.errors import KeepingRefused
    from bot.shell import BAD_INPUT

    with told(as_json=as_json):
        settings = build.settings()
        try:
            yield kept(settings, build.library(settings))
        except KeepingRefused as refused:
            fail(str(refused), BAD_INPUT, as_json=as_json)


def _plain(one: Any) -> dict[str, Any]:
    return {
        name: value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
        for name, value in asdict(one).items()
        if name != "key"
    }
