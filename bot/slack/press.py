"""What a press of a button or a filled modal says: who, where, about which answer, as the payload of a job."""

import json
import time
from typing import Any

BACK = ("channel", "kind", "thread_ts", "response_url", "answer")
"""What a modal keeps of the press that opened it."""
Payload = dict[str, Any]


def placed(channel: str, thread_ts: str = "") -> Payload:
    """Return where a reply goes; the kind of a conversation is read off its id, whatever a modal kept of it."""
    return {"channel": channel, "kind": "im" if channel.startswith("D") else "channel", "thread_ts": thread_ts}


def alone(body: dict[str, Any], text: str) -> Payload:
    """Return what is between whoever acts and the app: the person's id names their conversation."""
    who = presser(body)
    return {**who, "channel": who["user"], "text": text, "kind": "im", "thread_ts": "", "to": "person"}


def pressed(body: dict[str, Any], action: dict[str, Any]) -> Payload:
    """Return who pressed what below which message; the answer's id is the button's value."""
    place = body["container"]
    channel = str(place["channel_id"])
    own = "" if place.get("is_ephemeral") else place["message_ts"]
    return {
        **presser(body), **placed(channel, place.get("thread_ts") or own), "text": "", "ts": own,
        "response_url": body.get("response_url", ""),
        "answer": str(action.get("value") or ""), "at": moment(action.get("action_ts")),
    }  # fmt: skip


def filled(body: dict[str, Any], view: dict[str, Any]) -> Payload:
    """Return who filled in a modal, with what it keeps of the press that opened it."""
    back = json.loads(view["private_metadata"])
    kept = {name: str(back[name]) for name in BACK} | placed(str(back["channel"]), str(back["thread_ts"]))
    return {**presser(body), **kept, "text": "", "ts": "", "view_id": view["id"], "at": time.time()}


def kept(payload: Payload, **more: Any) -> str:
    """Return what a modal keeps of a press."""
    return json.dumps({**{name: payload[name] for name in BACK}, **more}, ensure_ascii=False)


def presser(body: dict[str, Any]) -> Payload:
    """Return who acts; a `stranger` is of that other workspace than the one which sent this, and nobody of the company here."""
    user = body["user"]
    team = str((body.get("team") or {}).get("id") or user.get("team_id") or "")
    own = str(user.get("team_id") or team)
    who = {"user": user["id"], "named": str(user.get("name") or user["id"]), "team": team, "pressed": True}
    return who | ({"stranger": own} if own != team else {})


def stranger(event: dict[str, Any], team: str) -> Payload:
    """Return what marks whoever wrote a message as somebody of another workspace, where the event says so."""
    own = str(event.get("user_team") or team)
    return {"stranger": own} if own != team else {}


def moment(seconds: object) -> float:
    """Return when Slack says that something was done, in seconds since 1970; now where it does not say."""
    try:
        return float(str(seconds))
    except ValueError:
        return time.time()
