"""Short messages in Teams: what came of a wish, what is watched, news of a vendor, and what to say where something broke."""

from collections.abc import Sequence

from bot import replies
from bot.teams.commands import CHECK, SHOW, STOP
from bot.teams.elements import Element, button, paragraph, run
from bot.teams.markdown import literal
from bot.teams.message import Activity, carded, cut, fitted, written
from bot.watching import News
from bot.words import UNANSWERED
from knowledge.store.watches import Watch

LONGEST_NAME = 300
COMMAND = "vendor-watch"
PROMPTS = (
    "Can we host EU customer data on Alibaba Cloud?",
    "How soon must a processor tell us about a data breach?",
    "vendor-check Hikvision",
)
_WELCOME = (
    "Hello. Ask me a procurement-risk question and I answer from regulations, company policies and dated news, each sentence"
    " with its quote and source. vendor-check NAME checks a vendor against lists and sources, and vendor-watch NAME tells you"
    " when something about it changes. In a channel or a group, mention me."
)
NOT_ALONE = (
    "I may not write to you alone, and what you watch is for you alone: nothing was kept. Add me as a personal app in Teams,"
    " then send this again."
)

UNTOLD = (
    "I have a reply for one person here alone, and I may not write to them alone, so it was not told. Add me as a personal app in"
    " Teams, then ask or press again."
)


def said(words: str) -> Activity:
    """Return a message of plain words."""
    return written(literal(words), notice=words)


def welcome() -> Activity:
    """Return what somebody is told who added the app, with questions to begin with."""
    actions = [{"type": "imBack", "title": one, "value": one} for one in PROMPTS]
    return said(_WELCOME) | {"suggestedActions": {"to": [], "actions": actions}}


def apology(key: str, why: str = "broken") -> Activity:
    """Return the message for what could not be answered, because something broke or a limit was passed."""
    return said(UNANSWERED[why].format(key=key))


def doubt(key: str) -> Activity:
    """Return the message for an answer of which it is not known whether it arrived."""
    words = (
        "I answered this, and Teams did not confirm that the answer arrived. If it does not stand above, press the button: the"
        " answer is kept, and takes this message's place."
    )
    return carded([paragraph(run(words))], [button("Show the answer", SHOW, key)], notice=words)


def shortened(activity: Activity) -> Activity:
    """Return the plain words of a message that Teams did not take whole."""
    words = str(activity.get("summary") or "")
    return said(f"{words} Teams did not take the whole answer; its receipt holds it. Please ask again in fewer words.")


def watched(lead: str, stands: str, vendor: str) -> Activity:
    """Return the message that a vendor is watched, with how it stands and the way out."""
    return carded([paragraph(run(lead, bold=True)), paragraph(run(stands))], [_stop(vendor)], notice=lead)


def watches(kept: Sequence[Watch]) -> Activity:
    """Return what somebody watches, each with its level and the day of its last news."""
    if not kept:
        return said(replies.nothing(COMMAND))
    lines = [_line(one) for one in kept]
    notice = f"You watch {', '.join(one.vendor for one in kept)}"
    title, more = paragraph(run(replies.WATCHED, bold=True)), paragraph(run(replies.MORE_KEPT))
    return fitted(
        len(lines),
        lambda count: carded([title, *lines[:count], *([more] if count < len(lines) else [])], [], notice=notice),
    )


def news(one: News) -> Activity:
    """Return what is different about a watched vendor."""
    title = replies.news(one.vendor)
    lines = [paragraph(run(f"• {line}")) for line in one.lines[: replies.MOST_NEWS]]
    more = replies.left_out(len(one.lines))
    tail = [paragraph(run(more))] if more else []
    if one.receipt_url:
        tail.append(paragraph(run(replies.RECEIPT, url=one.receipt_url)))
    actions = [button("Check it now", CHECK, cut(one.vendor, LONGEST_NAME)), _stop(one.vendor)]
    head = paragraph(run(title, bold=True))
    notice = f"{title}: {' '.join(one.lines)}"
    return fitted(len(lines), lambda count: carded([head, *lines[:count], *tail], actions, notice=notice))


def _line(one: Watch) -> Element:
    country = f" | {one.country}" if one.country else ""
    name = run(cut(f"{one.vendor}{country}", LONGEST_NAME), bold=True)
    return paragraph(name, run(replies.since(one)))


def _stop(vendor: str) -> Element:
    return button("Stop watching", STOP, cut(vendor, LONGEST_NAME))
