"""What people think of an answer: two thumbs below it, and a modal that asks why it did not help."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs import Jobs
from bot.model import Asker, Place
from bot.opinion import DOWN, LONGEST, REASONS, SEEN, THANKS, TITLE, UP, WHY, WORDS
from bot.slack import modals, ways, window
from bot.slack.controls import FEEDBACK
from bot.slack.errands import Payload, Work
from bot.slack.event import DOOR
from bot.slack.gate import Gate
from bot.slack.press import filled, kept, pressed
from bot.words import CLOSED
from knowledge.store.feedback import Feedback, Opinion

THINK = "think"
_COUNTED = "Your opinion counts all the same, without a reason."
_KEEPING = "It is being kept. If this text stays, press the button below the answer again."


def works(gate: Gate, feedback: Feedback) -> Mapping[str, Work]:
    """Return what is done for each `do` of a payload."""

    async def think(_key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        found = await gate.opened(payload, asker, place)
        filled_in = bool(payload.get("view_id"))
        if found is None:
            return ways.in_view(modals.told(TITLE, CLOSED)) if filled_in else ways.whispered(CLOSED)
        at = datetime.fromtimestamp(payload["at"], UTC)
        opinion = Opinion(
            found.answer_id, asker.id, payload["value"], at, tuple(payload.get("reasons", ())), payload.get("words", "")
        )
        await asyncio.to_thread(feedback.keep, opinion)
        if filled_in:
            return ways.in_view(modals.told(TITLE, f"{THANKS} {SEEN}"))
        # Who presses the thumb that points down has the modal before him.
        return {} if payload["value"] == DOWN else ways.whispered(THANKS)

    return {THINK: think}


def register(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the thumbs, and the modal that asks why."""

    @app.action(FEEDBACK)
    async def thumbed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        value, _, answer = str(action.get("value") or "").partition(":")
        if value not in {UP, DOWN}:
            await ack()
            return
        payload = pressed(body, action) | {"do": THINK, "value": value, "answer": answer}
        # The thumb counts at once, also for whoever closes the modal without a reason.
        await jobs.put(body["trigger_id"], DOOR, payload)
        if value == DOWN:
            await window.by_press(client, jobs, DOOR, body, _asks(payload), kept=_COUNTED)
        await ack()

    @app.view(FEEDBACK)
    async def explained(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        state = view["state"]["values"]
        chosen = state["reasons"]["reasons"].get("selected_options") or ()
        reasons = [one["value"] for one in chosen if one["value"] in REASONS]
        words = str(state["words"]["words"].get("value") or "").strip()[:LONGEST]
        if "other" in reasons and not words:
            await ack(response_action="errors", errors={"words": "Please say what else it was."})
            return
        payload = filled(body, view) | {"do": THINK, "value": DOWN, "reasons": reasons, "words": words}
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, payload)
        await ack(response_action="update", view=modals.told(TITLE, _KEEPING))


def _asks(payload: Payload) -> dict[str, Any]:
    options = [{"text": modals.flat(text), "value": value} for value, text in REASONS.items()]
    return {
        "type": "modal", "callback_id": FEEDBACK, "title": modals.flat(TITLE), "submit": modals.flat("Send"),
        "close": modals.flat("Cancel"), "private_metadata": kept(payload),
        "blocks": [
            {
                "type": "input", "block_id": "reasons", "label": modals.flat(WHY),
                "element": {"type": "checkboxes", "action_id": "reasons", "options": options},
            },
            modals.written("words", WORDS, longest=LONGEST, optional=True),
        ],
    }  # fmt: skip
