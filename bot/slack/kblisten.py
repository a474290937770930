"""What administrators send from Slack: commands, buttons, forms and files, each stored as work and acknowledged."""

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.attached import bare
from bot.conversation import question_text
from bot.jobs import Jobs
from bot.keeping import Wanted, words_of
from bot.slack import kbforms as forms
from bot.slack import kbviews as views
from bot.slack.admins import NOT_ONE
from bot.slack.kb import ADD, COMMAND, FILE, REMOVE, ROLLBACK, SHARED, START, TELL, Kb
from bot.slack.kbwords import HELP, typed_command
from bot.slack.modals import told
from bot.slack.payloads import from_event, shared
from knowledge.describe import VISIBILITY
from knowledge.errors import SourceRefused

DOOR = "slack"
CHECK_SECONDS = 1.5
"""Within which a form's settings are checked; Slack waits three seconds, and the work checks them again."""
_FIELD = (
    ("a source's name", "name"), ("there is no source of type", "type"), ("the kind", "kind"), ("the jurisdiction", "jurisdiction"),
    ("the visibility", "visibility"), ("the schedule", "every"),
)  # fmt: skip
"""How SourceRefused begins, and the field that it speaks of; what is not here speaks of the place."""
_PATHS = frozenset({"folder", "git", "pack", "upload"})
_PRESSED = {views.REFRESH: START, views.REMOVE: REMOVE, views.ROLLBACK: ROLLBACK}


def register_kb(app: AsyncApp, jobs: Jobs, kb: Kb) -> None:
    """Attach the listeners of administrators."""
    _commands(app, jobs, kb)
    _buttons(app, jobs, kb)
    _forms(app, jobs, kb)


async def handed(jobs: Jobs, kb: Kb, body: dict[str, Any], event: dict[str, Any]) -> None:
    """Offer an administrator to file what he sends with a question; what comes without one is offered together with all else."""
    files, team = shared(event), str(body.get("team_id") or "")
    asks = not bare(question_text(str(event.get("text") or "")))
    if not (files and asks and kb.admins.named(event["user"], team)):
        return
    payload = from_event(event, "im") | {"team": team, "text": "", "do": SHARED}
    await jobs.put(f"{body['event_id']}:files", DOOR, payload)


def _commands(app: AsyncApp, jobs: Jobs, kb: Kb) -> None:
    @app.command("/vendor-kb")
    async def commanded(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        typed = typed_command(str(body.get("text") or ""))
        if typed.word == "help":
            await ack(text=HELP, response_type="ephemeral")
            return
        user, team = body["user_id"], body["team_id"]
        if not await kb.admins.allows(user, team):
            await ack(text=NOT_ONE, response_type="ephemeral")
            return
        if typed.usage:
            await ack(text=typed.usage, response_type="ephemeral")
            return
        if typed.word == "add":
            await client.views_open(trigger_id=body["trigger_id"], view=forms.source_form(kb.types))
            await ack()
            return
        named = str(body.get("user_name") or user)
        payload = _own(user, team, typed.rest) | {"do": COMMAND, "word": typed.word, "named": named}
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack(text="The reply comes as a message from me to you.", response_type="ephemeral")


def _buttons(app: AsyncApp, jobs: Jobs, kb: Kb) -> None:
    @app.action(re.compile(rf"^(?:{views.REFRESH}|{views.REMOVE}|{views.ROLLBACK})$"))
    async def confirmed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        place = body["container"]
        more = {"value": str(action["value"]), "at": place["channel_id"], "ts": place["message_ts"]}
        await jobs.put(body["trigger_id"], DOOR, _pressed(body) | {"do": _PRESSED[action["action_id"]], **more})
        await ack()

    @app.action(re.compile(rf"^{views.TELL}_\d+$"))
    async def told_on(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, _pressed(body) | {"do": TELL, "value": str(action["value"])})
        await ack()

    @app.action(re.compile(rf"^{views.FILE}_\d+$"))
    async def filed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        place = body["container"]
        file_id, name = json.loads(action["value"])
        back = {"channel": place["channel_id"], "thread_ts": place.get("thread_ts") or place["message_ts"]}
        allowed = await kb.admins.allows(body["user"]["id"], body["team"]["id"])
        view = forms.upload_form(file_id, name, back) if allowed else told("File a document", NOT_ONE)
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()


def _forms(app: AsyncApp, jobs: Jobs, kb: Kb) -> None:
    @app.view(forms.ADDING)
    async def added(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        if not await kb.admins.allows(body["user"]["id"], body["team"]["id"]):
            await ack(response_action="update", view=told("Add a source", NOT_ONE))
            return
        said = {**forms.filled(view)}
        said["jurisdiction"] = said["jurisdiction"].upper()
        wrong: dict[str, str] = {}
        with suppress(TimeoutError):
            wrong = await asyncio.wait_for(asyncio.to_thread(_wrong, kb, Wanted(**said)), CHECK_SECONDS)
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, _pressed(body) | {"do": ADD, "wanted": said})
        await ack()

    @app.view(forms.FILING)
    async def uploaded(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        if not await kb.admins.allows(body["user"]["id"], body["team"]["id"]):
            await ack(response_action="update", view=told("File a document", NOT_ONE))
            return
        facts, back = forms.filled(view), json.loads(view["private_metadata"])
        if not VISIBILITY.match(facts["visibility"]):
            await ack(response_action="errors", errors={"visibility": "Write public, staff or group:NAME."})
            return
        where = {"channel": back["channel"], "thread_ts": back["thread_ts"], "kind": "im", "to": ""}
        payload = {**_pressed(body), **where, "do": FILE, "file": back["file"], "facts": facts}
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, payload)
        await ack()


def _wrong(kb: Kb, wanted: Wanted) -> dict[str, str]:
    """Return what is wrong with the settings of a source, by the field of the form."""
    if wanted.type in _PATHS or (wanted.type == "list" and "://" not in wanted.at and wanted.at != "default"):
        return {
            "at": "What lies in a folder of the server is added there: caveat sources add. From here: a web address, or share a file"
            " with me."
        }
    try:
        kb.keeping.checked(wanted)
    except SourceRefused as refused:
        said = str(refused)
        field = next((field for start, field in _FIELD if said.startswith(start)), "at")
        return {field: words_of(refused)[:150]}
    if any(one.name == wanted.name for one in kb.keeping.catalog.all()):
        return {"name": f"There is a source named {wanted.name} already."}
    return {}


def _own(user: str, team: str, text: str) -> dict[str, Any]:
    """Return the payload of what is between an administrator and the app; `team` is the workspace where it happened."""
    return {"team": team, "channel": user, "user": user, "text": text, "kind": "im", "thread_ts": "", "to": "person"}


def _pressed(body: dict[str, Any]) -> dict[str, Any]:
    user = body["user"]
    named = str(user.get("name") or user.get("username") or user["id"])
    return _own(user["id"], body["team"]["id"], "") | {"named": named}
