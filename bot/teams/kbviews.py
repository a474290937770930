"""What administrators are told, as Teams shows it: a card of plain runs of text with buttons or a form."""

from collections.abc import Sequence

from bot.kb.reply import SHORTENED, Button, Part, Reply
from bot.teams.elements import Element, button, paragraph, run
from bot.teams.kbforms import form
from bot.teams.message import Activity, carded, fitted


def shown(reply: Reply, types: Sequence[str] = ()) -> Activity:
    """Return the message of a reply; `types` are the types that a source can have."""
    inputs, sends = form(reply, types)
    more = bool(reply.lines or reply.parts or inputs)
    head = [paragraph(run(reply.title, bold=more)), *inputs]
    rows = [[paragraph(run(f"• {line}"))] for line in reply.lines]
    rows += [row for part in reply.parts for row in _part(part)]
    tail = [paragraph(run(reply.link[0], url=reply.link[1]))] if reply.link else []
    actions = [*sends, *map(_button, reply.buttons)]

    def made(kept: int) -> Activity:
        body = [element for row in rows[:kept] for element in row]
        short = [paragraph(run(SHORTENED))] if kept < len(rows) else []
        return carded([*head, *body, *short, *tail], actions, notice=" ".join([reply.title, *reply.lines]))

    return fitted(len(rows), made)


def words(text: str) -> Reply:
    """Return a reply of words in several lines, such as help."""
    title, *lines = text.split("\n")
    return Reply(title, tuple(line.removeprefix("• ") for line in lines))


def _part(part: Part) -> list[list[Element]]:
    rows = [[paragraph(run(part.title, bold=True), spaced=True)]] if part.title else []
    for point in part.points:
        below = [{"type": "ActionSet", "actions": [_button(point.button)]}] if point.button else []
        rows.append([paragraph(run(f"• {point.words}")), *below])
    return rows


def _button(one: Button) -> Element:
    made = button(one.label, one.do, one.value)
    return {**made, "style": "destructive"} if one.danger else made
