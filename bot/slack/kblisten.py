"""What administrators send from Slack: commands, buttons, forms and files, each stored as work and acknowledged."""

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.attached import bare
from bot.conversation import question_text
from bot.jobs import Jobs
from bot.kb.fields import wrong_source, wrong_upload
from bot.kb.wants import ADD, COMMAND, FILE, REMOVE, ROLLBACK, SHARED, START, TELL
from bot.kb.words import NOT_ONE, help_on, typed_command
from bot.keeping import Wanted
from bot.slack import kbforms as forms
from bot.slack import kbviews as views
from bot.slack import window
from bot.slack.kb import Kb
from bot.slack.modals import told
from bot.slack.payloads import from_event, shared
from bot.slack.press import alone, placed, presser

DOOR = "slack"
COMMANDED = "/vendor-kb"
LOOK_SECONDS = 1.0
"""Within which Slack must have said who somebody is."""
_SLOW = "Slack did not tell me in time who you are, so nothing was done. Please try again in a minute."
CHECK_SECONDS = 1.5
"""Within which a form's settings are checked; Slack waits three seconds, and the work checks them again."""
_PRESSED = {views.REFRESH: START, views.REMOVING: REMOVE, views.BACK: ROLLBACK}


def register_kb(app: AsyncApp, jobs: Jobs, kb: Kb) -> None:
    """Attach the listeners of administrators."""
    _commands(app, jobs, kb)
    _buttons(app, jobs, kb)
    _forms(app, jobs, kb)


async def handed(jobs: Jobs, kb: Kb, context: AsyncBoltContext, body: dict[str, Any], event: dict[str, Any]) -> None:
    """Offer an administrator to file what he sends with a question; what comes without one is offered together with all else."""
    files, team = shared(event), str(body.get("team_id") or "")
    asks = not bare(question_text(str(event.get("text") or "")))
    if not (files and asks and kb.admins.named(event["user"], team)):
        return
    payload = from_event(event, "im", context) | {"text": "", "do": SHARED}
    await jobs.put(f"{body['event_id']}:files", DOOR, payload)


def _commands(app: AsyncApp, jobs: Jobs, kb: Kb) -> None:
    @app.command(COMMANDED)
    async def commanded(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        typed = typed_command(str(body.get("text") or ""), COMMANDED)
        if typed.word == "help":
            await ack(text=help_on(COMMANDED), response_type="ephemeral")
            return
        user, team = body["user_id"], body["team_id"]
        if denied := await _denied(kb, {"user": user, "team": team}):
            await ack(text=denied, response_type="ephemeral")
            return
        if typed.usage:
            await ack(text=typed.usage, response_type="ephemeral")
            return
        if typed.word == "add":
            await window.by_command(client, ack, body, forms.source_form(kb.types))
            return
        named = str(body.get("user_name") or user)
        payload = _own(user, team, typed.rest) | {"do": COMMAND, "word": typed.word, "named": named}
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack(text="The reply comes as a message from me to you.", response_type="ephemeral")


def _buttons(app: AsyncApp, jobs: Jobs, kb: Kb) -> None:
    @app.action(re.compile(rf"^(?:{views.REFRESH}|{views.REMOVING}|{views.BACK})$"))
    async def confirmed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        place = body["container"]
        more = {"value": str(action["value"]), "at": place["channel_id"], "ts": place["message_ts"]}
        await jobs.put(body["trigger_id"], DOOR, alone(body, "") | {"do": _PRESSED[action["action_id"]], **more})
        await ack()

    @app.action(re.compile(rf"^{views.TELLING}_\d+$"))
    async def told_on(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, alone(body, "") | {"do": TELL, "value": str(action["value"])})
        await ack()

    @app.action(re.compile(rf"^{views.FILING}_\d+$"))
    async def filed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        place = body["container"]
        file_id, name = json.loads(action["value"])
        back = {"channel": place["channel_id"], "thread_ts": place.get("thread_ts") or place["message_ts"]}
        denied = await _denied(kb, presser(body))
        view = told("File a document", denied) if denied else forms.upload_form(file_id, name, back)
        await window.by_press(client, jobs, DOOR, body, view)
        await ack()


def _forms(app: AsyncApp, jobs: Jobs, kb: Kb) -> None:
    @app.view(forms.ADDING)
    async def added(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        if denied := await _denied(kb, presser(body)):
            await ack(response_action="update", view=told("Add a source", denied))
            return
        said = {**forms.filled(view)}
        said["jurisdiction"] = said["jurisdiction"].upper()
        wrong: dict[str, str] = {}
        with suppress(TimeoutError):
            wrong = await asyncio.wait_for(asyncio.to_thread(wrong_source, kb.keeping, Wanted(**said)), CHECK_SECONDS)
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, alone(body, "") | {"do": ADD, "wanted": said})
        await ack()

    @app.view(forms.FILING)
    async def uploaded(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        if denied := await _denied(kb, presser(body)):
            await ack(response_action="update", view=told("File a document", denied))
            return
        facts, back = forms.filled(view), json.loads(view["private_metadata"])
        if wrong := wrong_upload(facts):
            await ack(response_action="errors", errors=wrong)
            return
        where = {**placed(str(back["channel"]), str(back["thread_ts"])), "to": ""}
        payload = {**alone(body, ""), **where, "do": FILE, "file": str(back["file"]), "facts": facts}
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, payload)
        await ack()


def _own(user: str, team: str, text: str) -> dict[str, Any]:
    """Return the payload of what is between an administrator and the app; `team` is the workspace where it happened."""
    return {"team": team, "channel": user, "user": user, "text": text, "kind": "im", "thread_ts": "", "to": "person"}


async def _denied(kb: Kb, who: Mapping[str, Any]) -> str:
    """Say why somebody may not keep the knowledge base, empty where he may; the work looks once more."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            allowed = not who.get("stranger") and await kb.admins.allows(who["user"], who["team"])
    except TimeoutError:
        return _SLOW
    return "" if allowed else NOT_ONE
