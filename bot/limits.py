"""What a screening did not find and could not ask: which lists, as of when, and why one of them may not tell everything."""

from collections.abc import Container, Iterator
from datetime import date

from bot.words import day
from knowledge.screened import ListState, Screened


def limits(screened: Screened, met: Container[str]) -> Iterator[str]:
    """Yield the sentences; `met` are the ids of the lists with a match that is in force or upcoming."""
    loaded = [state for state in screened.lists if state.loaded]
    none = [f"{state.title} ({dated(state)})" for state in loaded if state.id not in met]
    if none:
        yield f"No match in these lists as of these dates: {', '.join(none)}."
    missing = [state.title for state in screened.lists if not state.loaded]
    if missing:
        yield f"Not loaded, and so not asked: {', '.join(missing)}."
    for state in screened.lists:
        yield from _doubts(state, screened.day)
    later = [state.title for state in loaded if state.snapshot and state.snapshot > screened.day]
    if later:
        yield f"Asked as of {day(screened.day)} from lists of a later day, each row by its own dates; rows that have left since are not in them: {', '.join(later)}."


def _doubts(state: ListState, today: date) -> Iterator[str]:
    """Yield why a list does not tell everything of a day."""
    if not state.loaded:
        if state.failure:
            yield f"{state.title} could not be loaded, and nothing of it is in service: {state.failure}"
        return
    since = f"{dated(state)}{_age(state, today)}"
    if state.stale:
        yield f"{state.title} is stale: what is in service is of {since}."
    if state.gap:
        yield f"{state.title} is incomplete. {state.gap}"
    if state.failure:
        yield f"{state.title} could not be renewed, and the one of {since} stays in service: {state.failure}"


def dated(state: ListState) -> str:
    """Return the day of what is in service of a list: the publisher's own, else the last on which it was current."""
    return day(state.day)


def _age(state: ListState, today: date) -> str:
    old = (today - state.day).days if state.day else 0
    return f" ({old} day{'s' if old > 1 else ''} old)" if old > 0 else ""
