"""What a press of a button or a filled modal says: who, where, about which answer, as the payload of a job."""

import json
import time
from typing import Any

BACK = ("channel", "kind", "thread_ts", "response_url", "answer")
"""What a modal keeps of the press that opened it."""
Payload = dict[str, Any]


def pressed(body: dict[str, Any], action: dict[str, Any]) -> Payload:
    """Return who pressed what below which message; the answer's id is the button's value."""
    place = body["container"]
    channel = str(place["channel_id"])
    own = "" if place.get("is_ephemeral") else place["message_ts"]
    return {
        **presser(body), "channel": channel, "kind": "im" if channel.startswith("D") else "channel", "text": "",
        "thread_ts": place.get("thread_ts") or own, "ts": own, "response_url": body.get("response_url", ""),
        "answer": str(action.get("value") or ""), "at": moment(action.get("action_ts")),
    }  # fmt: skip


def filled(body: dict[str, Any], view: dict[str, Any]) -> Payload:
    """Return who filled in a modal, with what it keeps of the press that opened it."""
    back = json.loads(view["private_metadata"])
    kept = {name: str(back[name]) for name in BACK}
    return {**presser(body), **kept, "text": "", "ts": "", "view_id": view["id"], "at": time.time()}


def kept(payload: Payload, **more: Any) -> str:
    """Return what a modal keeps of a press."""
    return json.dumps({**{name: payload[name] for name in BACK}, **more}, ensure_ascii=False)


def presser(body: dict[str, Any]) -> Payload:
    """Return who acts. The team is empty for somebody of another one than that which sent this: he is nobody here."""
    user = body["user"]
    team = str((body.get("team") or {}).get("id") or user.get("team_id") or "")
    same = user.get("team_id", team) == team
    return {"user": user["id"], "named": str(user.get("name") or user["id"]), "team": team if same else ""}


def moment(seconds: object) -> float:
    """Return when Slack says that something was done, in seconds since 1970; now where it does not say."""
    try:
        return float(str(seconds))
    except ValueError:
        return time.time()
