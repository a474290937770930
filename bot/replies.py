"""What people are told of the vendors that they watch, in words that every platform shares."""

from bot.words import day
from knowledge.names.asked import understand
from knowledge.store.watches import Watch

MOST_NEWS = 12
"""Differences that one message of news tells."""
WATCHED = "You watch"
RECEIPT = "Receipt: the whole card, as it was checked"
MORE_KEPT = "More are kept than fit here."


def begun(typed: str, *, new: bool) -> str:
    """Return that a vendor is watched, now or since before."""
    words = WATCHED if new else "You watched it already:"
    return f"{words} {name_of(typed)}. After each refresh I tell you here, once, what is different about it."


def stands(summary: str) -> str:
    """Return how a vendor stands as its watch begins."""
    return f"It stands so now: {summary}"


def ended(typed: str, *, was: bool, command: str) -> str:
    """Return that a vendor is not watched any more, or that it never was; `command` is how watching is asked for here."""
    if was:
        return f"You do not watch {name_of(typed)} any more."
    return f"You do not watch {name_of(typed)}: nothing was changed. {command} list shows what you watch."


def nothing(command: str) -> str:
    """Return that somebody watches no vendor."""
    return f"You watch no vendor. {command} NAME begins to."


def news(vendor: str) -> str:
    """Return the title of what is different about a watched vendor."""
    return f"{vendor}, which you watch, has changed"


def left_out(count: int) -> str:
    """Return how many differences a message of news does not tell, empty for none."""
    return f"{count - MOST_NEWS} more differences stand on the whole card." if count > MOST_NEWS else ""


def since(one: Watch) -> str:
    """Return the level of a watched vendor, since when it is watched, and the day of its last news."""
    changed = f" · changed {day(one.news_at.date())}" if one.news_at else ""
    return f" · {one.seen['level']} · since {day(one.since.date())}{changed}"


def sentence(clause: str) -> str:
    """Return a refusal, which is a clause, as a sentence."""
    return f"{clause[:1].upper()}{clause[1:]}."


def name_of(typed: str) -> str:
    """Return the vendor's name out of what was typed for it."""
    return understand(typed).name or typed[:80]
