"""Decisions about vendors in Slack: a modal for reviewers, a button for the second approver, a reminder before the end."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.access import among_staff
from bot.deciding import LONGEST_WORDS, REMIND, SHORTEST_WHY, Deciding, Wish, vendor_of
from bot.decision import ALONE, CHOICES, NO_REVIEWER, ending, told, waits
from bot.decision import asked as vendor_asked
from bot.errors import DecisionRefused
from bot.jobs import Jobs
from bot.model import Asker, Place
from bot.slack import modals, ways, window
from bot.slack.blocks import CHECK, buttons
from bot.slack.controls import AGREE, AGREE_BELOW, DECIDE_VENDOR, agree
from bot.slack.elements import Element, fallback, rich, section, typed
from bot.slack.errands import Payload, Work
from bot.slack.event import DOOR
from bot.slack.gate import Gate
from bot.slack.press import filled, kept, pressed
from bot.words import CLOSED
from knowledge.decision import Choice, Decision
from knowledge.store.chain import Kept

DECIDE, SECOND = "decide_vendor", "second"
TITLE = "Decide about a vendor"
_NUMBER = re.compile(r"[0-9]{1,9}")


def works(gate: Gate, deciding: Deciding) -> Mapping[str, Work]:
    """Return what is done for each `do` of a payload."""

    async def decide(key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        found = await gate.opened(payload, asker, place)
        if found is None or not gate.reviews(payload, asker):
            return ways.whispered(CLOSED if found is None else NO_REVIEWER)
        try:
            made = await deciding.decide(_wish(key, payload, found), asker, place)
        except DecisionRefused as refused:
            return ways.whispered(_sentence(refused))
        message = decided(made)
        if payload["thread_ts"] and among_staff(asker, place):
            return message
        return ways.whispered(f"{message['text']}{ALONE}")

    async def second(_key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        if not (await gate.people.lives(payload["user"], payload["team"]) and gate.reviews(payload, asker)):
            return ways.whispered(NO_REVIEWER)
        try:
            made = await deciding.second(int(payload["answer"]), payload["user"], payload["named"])
        except DecisionRefused as refused:
            return ways.whispered(_sentence(refused))
        message = decided(made)
        if not among_staff(asker, place):
            return ways.whispered(f"{message['text']}{ALONE}")
        return ways.changed(message) if payload["own"] else message

    async def remind(_key: str, payload: Payload, asker: Asker, _place: Place) -> Payload:
        one = await asyncio.to_thread(deciding.decisions.find, payload["n"])
        return reminder(one) if one and asker.staff else {}

    return {DECIDE: decide, SECOND: second, REMIND: remind}


def register(app: AsyncApp, jobs: Jobs, may_rule: Callable[[str, str], bool], until: Callable[[date], date]) -> None:
    """Attach the buttons and the modal; `until` gives the last day of a decision that says none."""

    @app.action(DECIDE_VENDOR)
    async def began(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        payload = pressed(body, action)
        view = _asks(payload, until(datetime.now(UTC).date()))
        if payload.get("stranger") or not may_rule(payload["user"], payload["team"]):
            view = modals.told(TITLE, NO_REVIEWER)
        await window.by_press(client, jobs, DOOR, body, view)
        await ack()

    @app.view(DECIDE_VENDOR)
    async def submitted(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        said, wrong = _said(view)
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        payload = filled(body, view) | said | {"do": DECIDE}
        # The modal closes; what came of it is told below the answer.
        payload.pop("view_id")
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, payload)
        await ack()

    @app.action(AGREE)
    @app.action(AGREE_BELOW)
    async def agreed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        if not _NUMBER.fullmatch(str(action.get("value") or "")):
            await ack()
            return
        payload = pressed(body, action) | {"do": SECOND, "own": action["action_id"] == AGREE}
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()


def decided(one: Decision) -> dict[str, Any]:
    """Return the message that says what is decided, with a button where it waits for a second approver."""
    words = told(one)
    people: list[Element] = [{"type": "user", "user_id": who} for who in (one.who, one.second) if who]
    said = [typed(words), typed(" · "), people[0], *((typed(" and "), people[1]) if len(people) > 1 else ())]
    blocks = [rich([section(said)])]
    if waits(one):
        blocks.append({"type": "actions", "elements": [agree(one.n, AGREE)]})
    return {"text": fallback(words), "blocks": blocks}


def reminder(one: Decision) -> dict[str, Any]:
    """Return the message that tells a decider that the decision ends soon."""
    words = ending(one)
    return {"text": fallback(words), "blocks": [rich([section([typed(words)])]), buttons([vendor_asked(one)], CHECK)]}


def _wish(key: str, payload: Payload, found: Kept) -> Wish:
    vendor, country = vendor_of(found)
    back = {
        "team": payload["team"], "user": payload["user"], "channel": payload["user"], "kind": "im", "thread_ts": "",
        "to": "person", "text": vendor,
    }  # fmt: skip
    return Wish(
        key, vendor, Choice(payload["choice"]), payload["why"], payload["user"], payload["named"], country,
        payload["conditions"], date.fromisoformat(payload["until"]), found.body.get("level") or "unknown", found.answer_id,
        {"door": DOOR, "payload": back},
    )  # fmt: skip


def _asks(payload: Payload, until: date) -> dict[str, Any]:
    options = [(key.value, text) for key, text in CHOICES.items()]
    return {
        "type": "modal", "callback_id": DECIDE_VENDOR, "title": modals.flat(TITLE), "submit": modals.flat("Decide"),
        "close": modals.flat("Cancel"), "private_metadata": kept(payload),
        "blocks": [
            modals.asked("choice", "Decision", "radio_buttons", options),
            modals.written("conditions", "Conditions", longest=LONGEST_WORDS, optional=True),
            {
                "type": "input", "block_id": "until", "label": modals.flat("Valid until"),
                "element": {"type": "datepicker", "action_id": "until", "initial_date": until.isoformat()},
            },
            modals.written("why", "Why", longest=LONGEST_WORDS, shortest=SHORTEST_WHY, hint="Kept with your name, and shown on every later check of this name."),
        ],
    }  # fmt: skip


def _said(view: dict[str, Any]) -> tuple[Payload, dict[str, str]]:
    """Return what a filled modal says, as part of a payload, and by block what is wrong with it."""
    state = view["state"]["values"]
    choice = Choice(state["choice"]["choice"]["selected_option"]["value"])
    conditions = str(state["conditions"]["conditions"].get("value") or "").strip()
    until = str(state["until"]["until"].get("selected_date") or "")
    why = str(state["why"]["why"].get("value") or "").strip()
    wrong = {}
    if choice is Choice.CONDITIONS and len(conditions) < SHORTEST_WHY:
        wrong["conditions"] = "Please write the conditions that the approval depends on."
    if len(why) < SHORTEST_WHY:
        wrong["why"] = "The reason is kept with the decision: please write one."
    if not until or date.fromisoformat(until) < datetime.now(UTC).date():
        wrong["until"] = "Please choose a day from today on."
    return {"choice": choice.value, "conditions": conditions, "until": until, "why": why}, wrong


def _sentence(refused: DecisionRefused) -> str:
    words = str(refused)
    return f"{words[:1].upper()}{words[1:]}."
