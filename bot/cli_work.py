"""`caveat work`: the answers that could not be delivered, and what an administrator does about each."""

from typing import TYPE_CHECKING, Any

import typer

from bot.cli_keep import by_hand, opened
from bot.shell import AsJson, console, print_json, say

if TYPE_CHECKING:
    from knowledge.store.durable import DeadLetter

work = typer.Typer(help="Answers that could not be delivered.", no_args_is_help=True, rich_markup_mode=None)


@work.command("list")
def list_work(as_json: AsJson = False) -> None:
    """List what could not be delivered, the oldest first, with when a worker tries it again."""
    with opened(as_json=as_json) as keeping:
        rows = [_plain(one) for one in keeping.letters.all()]
    if as_json:
        print_json({"undelivered": rows})
        return
    from bot.terminal import table

    columns = ("key", "door", "since", "failed_at", "tries", "next_at", "why")
    console().print(table(columns, ([str(row[column] or "") for column in columns] for row in rows)))


@work.command("show")
def show_work(key: str, as_json: AsJson = False) -> None:
    """Show one: what it is, why it was not delivered, and what happens next; never the texts."""
    with opened(as_json=as_json) as keeping:
        row = _plain(keeping.letter(key))
    if as_json:
        print_json(row)
        return
    from bot.terminal import table

    console().print(table(("", ""), ((name, str(value)) for name, value in row.items() if value is not None)))


@work.command("again")
def send_again(key: str, as_json: AsJson = False) -> None:
    """Send one again; the answer that was made goes out once, and what has none is asked anew."""
    with opened(as_json=as_json) as keeping:
        keeping.send_again(by_hand(), key)
    words = f"{key} is sent again by the next worker that looks, within seconds. It leaves caveat work list once it is delivered."
    say({"again": key}, words, as_json=as_json)


@work.command("drop")
def drop(key: str, as_json: AsJson = False) -> None:
    """Take one off the list for good; whoever asked is told nothing."""
    with opened(as_json=as_json) as keeping:
        keeping.give_up(by_hand(), key)
    say({"dropped": key}, f"{key} is off the list, and what was kept to send it is gone.", as_json=as_json)


def _plain(letter: "DeadLetter") -> dict[str, Any]:
    """Return a letter as plain JSON, without what anybody wrote."""
    from bot.doorway import UNANSWERED

    payload, message = letter.payload or {}, letter.message or {}
    next_at = letter.next_at.isoformat(timespec="seconds") if letter.next_at else None
    return {
        "key": letter.key, "door": letter.door, "since": letter.since.isoformat(timespec="seconds"),
        "failed_at": letter.failed_at.isoformat(timespec="seconds"), "why": letter.why, "tries": letter.tries,
        "next_at": next_at, "asker": payload.get("user"), "place": payload.get("channel") or payload.get("conversation"),
        "composed": bool(message) and UNANSWERED not in message, "can_be_sent": letter.payload is not None,
    }  # fmt: skip
