"""Evidence and memo of an answer, on a button: a modal for whoever pressed, a file for the thread."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs import Jobs
from bot.model import Asker, Place
from bot.slack import exhibits_view, modals, ways, window
from bot.slack.controls import EVIDENCE, MEMO
from bot.slack.errands import Payload, Work
from bot.slack.event import DOOR
from bot.slack.gate import Gate
from bot.slack.press import moment, placed, pressed, presser
from bot.words import CLOSED
from knowledge.store.chain import Kept

SHOW, EXPORT = "evidence", "memo"
TITLE = "Evidence"
_NO_FILE = (
    "Slack did not take the memo, so no file was posted. The answer and its receipt are kept; an administrator can give the"
    " app the scope files:write, or print the memo with caveat receipt {answer} --html FILE."
)
_LOADING = "The quotes are being looked up. If nothing comes within a minute, close this and press the button again."


def works(gate: Gate) -> Mapping[str, Work]:
    """Return what is done for each `do` of a payload."""

    async def show(_key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        kept = await gate.opened(payload, asker, place)
        if kept is None:
            return ways.in_view(modals.told(TITLE, CLOSED))
        return ways.in_view(await asyncio.to_thread(_view, gate, kept, payload))

    async def export(_key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        kept = await gate.opened(payload, asker, place)
        if kept is None:
            return ways.whispered(CLOSED)
        page = await asyncio.to_thread(gate.exhibits.memo, kept)
        name = f"caveat-memo-{kept.answer_id}.html"
        return ways.as_file(
            name, f"Memo: {kept.body['question'][:200]}", page, lost=_NO_FILE.format(answer=kept.answer_id),
            stands=f"The memo is in this thread: {name}.",
        )  # fmt: skip

    return {SHOW: show, EXPORT: export}


def register(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the buttons."""

    @app.action(EVIDENCE)
    async def shown(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        # The one call that a listener makes; who may read what is looked up by the job, which then fills the modal.
        if id_ := await window.by_press(client, jobs, DOOR, body, modals.told(TITLE, _LOADING)):
            payload = pressed(body, action) | {"do": SHOW, "view_id": id_, "page": 0}
            await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()

    @app.action(exhibits_view.BACK)
    @app.action(exhibits_view.ON)
    async def turned(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        back = json.loads(body["view"]["private_metadata"])
        payload = {
            **presser(body), **placed(str(back["channel"])), "answer": str(back["answer"]), "text": "", "do": SHOW,
            "view_id": body["view"]["id"], "page": int(action["value"]), "at": moment(action.get("action_ts")),
        }  # fmt: skip
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()

    @app.action(MEMO)
    async def exported(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, pressed(body, action) | {"do": EXPORT})
        await ack()


def _view(gate: Gate, kept: Kept, payload: Payload) -> dict[str, Any]:
    back = {name: payload[name] for name in ("answer", "channel", "kind")}
    exhibits = gate.exhibits.shown(kept)
    return exhibits_view.evidence(kept, exhibits, payload["page"], back, gate.exhibits.receipt_url(kept))
