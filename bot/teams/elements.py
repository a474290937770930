"""The parts of Adaptive Cards: runs of text, which know no markup, links that are ours, and buttons."""

from collections.abc import Sequence
from typing import Any

from bot.teams.markdown import addressed
from bot.words import plain

CARD = "application/vnd.microsoft.card.adaptive"
VERSION = "1.5"
LONGEST_RUN = 3_900
LONGEST_TITLE = 75
MOST_BUTTONS = 5
Element = dict[str, Any]


def run(text: str, *, bold: bool = False, italic: bool = False, url: str = "") -> Element:
    """Return a run of text that is shown as it stands; with an address it opens that."""
    made: Element = {"type": "TextRun", "text": plain(text)[:LONGEST_RUN] or " "}
    if bold:
        made["weight"] = "Bolder"
    if italic:
        made["italic"] = True
    if addressed(url):
        made |= {"selectAction": {"type": "Action.OpenUrl", "url": url}, "color": "Accent"}
    return made


def paragraph(*runs: Element, spaced: bool = False) -> Element:
    """Return a paragraph."""
    made: Element = {"type": "RichTextBlock", "inlines": list(runs)}
    return {**made, "spacing": "Medium", "separator": True} if spaced else made


def listed(title: str, items: Sequence[Sequence[Element]]) -> list[Element]:
    """Return a titled list."""
    return [paragraph(run(title, bold=True), spaced=True), *(paragraph(run("• "), *item) for item in items)]


def button(title: str, verb: str, text: str) -> Element:
    """Return a button; its text comes back when it is pressed, from whoever presses it."""
    shown = plain(title)
    title = shown if len(shown) <= LONGEST_TITLE else f"{shown[: LONGEST_TITLE - 1]}…"
    return {"type": "Action.Execute", "title": title, "verb": verb, "data": {"verb": verb, "text": text}}


def buttons(choices: Sequence[str], verb: str) -> Element:
    """Return buttons that do what they say."""
    return {"type": "ActionSet", "actions": [button(one, verb, one) for one in choices[:MOST_BUTTONS]]}


def card(body: Sequence[Element], actions: Sequence[Element] = ()) -> Element:
    """Return a card."""
    made: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": VERSION,
        "body": list(body), "msteams": {"width": "Full"},
    }  # fmt: skip
    return {**made, "actions": list(actions)} if actions else made
