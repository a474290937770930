"""What Teams delivers: each activity becomes work under its own key and the answer to the request, by pure rules."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.kb.wants import COMMAND, SHARED, START, TELL
from bot.teams.commands import (
    ASK,
    CHECK,
    PRIVATE,
    RULE,
    SHOW,
    STOP,
    WATCH,
    WELCOME,
    Said,
    mentions_bot,
    understood,
    words_of,
)
from bot.teams.controls import LENGTHS, THINK, WAITS
from bot.teams.forms import DECIDE, decided
from bot.teams.kbpress import commanded, handed, is_kept
from bot.teams.kbpress import pressed as kept
from bot.teams.rulings import NO_WHY, ruled
from bot.teams.thumbs import FETCH, SUBMIT, thought

Activity = Mapping[str, Any]
LONGEST_NAME = 300
LONGEST_TEXT = 20_000
"""Characters of a message that are kept; the desk refuses questions far below that, and says so."""
_BUTTONS = {ASK: 4_000, CHECK: LONGEST_NAME, WATCH: LONGEST_NAME, STOP: LONGEST_NAME, SHOW: 200, RULE: LONGEST_NAME, **LENGTHS}  # fmt: skip
"""What a button may ask for, and how long its words may be: they come from whoever presses, not from us."""
_WAIT = {
    ASK: "I am looking into it; the answer comes as a message here.",
    CHECK: "I am checking; the card takes this one's place.",
    SHOW: "I am fetching it.",
    RULE: "I am keeping your decision; the new card takes this one's place.",
    **WAITS,
}
_FORMS = {RULE: lambda data: (ruled(data), NO_WHY), DECIDE: decided}
"""What reads a form that somebody filled in: what it says, or nothing and in words what is wrong with it."""
_BEGINS = "It begins; this message tells how far it is."
_DOES = "I am doing it; what came of it is told here."
_STALE = "This button does nothing here any more. Nothing was changed; please ask again."
_ALONE = "The reply comes as a message from me to you."


@dataclass(frozen=True, slots=True)
class Taken:
    """What an activity comes to: work to store under a key (none where there is nothing to do), and the answer's body."""

    key: str = ""
    payload: dict[str, Any] | None = None
    body: dict[str, Any] | None = None


def taken(activity: Activity) -> Taken:
    """Read an activity that has been found genuine; what is not for us comes to nothing."""
    try:
        match activity.get("type"):
            case "message":
                return _message(activity)
            case "invoke":
                return _invoke(activity)
            case "installationUpdate":
                return _installed(activity)
    except (KeyError, TypeError, AttributeError):
        # Genuine and not in the form that is published: nothing can be answered to somebody who cannot be named.
        return Taken()
    return Taken()


def shared(activity: Activity) -> list[Taken]:
    """Return the files that a message to the app alone brings, each as work of its own."""
    try:
        if activity.get("type") != "message" or _kind(activity) != "personal":
            return []
        work = _work(activity, Said(SHARED, ""))
        return [
            Taken(f"{work.key}:file{at}", {**(work.payload or {}), "file": file})
            for at, file in enumerate(handed(activity))
            if work.payload
        ]
    except (KeyError, TypeError, AttributeError):
        return []


def _message(activity: Activity) -> Taken:
    if isinstance(activity.get("value"), Mapping) and not activity.get("text"):
        if is_kept(activity["value"].get("verb")):
            return replace(_kept(activity, activity["value"]["verb"], activity["value"]), body=None)
        said = _pressed(activity["value"].get("verb"), activity["value"])
        return _work(activity, said if said and said.do not in _FORMS else None, pressed=True)
    if _kind(activity) != "personal" and not mentions_bot(activity) and not _private(activity):
        return Taken()
    return _work(activity, understood(words_of(activity)[:LONGEST_TEXT]))


def _invoke(activity: Activity) -> Taken:
    if activity.get("name") in {FETCH, SUBMIT}:
        return _thought(activity)
    if activity.get("name") != "adaptiveCard/action":
        return Taken(body={})
    action = activity["value"]["action"]
    if is_kept(action.get("verb")):
        return _kept(activity, action["verb"], action.get("data"))
    said = _pressed(action.get("verb"), action.get("data") or {})
    if said is None:
        return Taken(body=told(_STALE))
    work = _work(activity, said, pressed=True)
    if said.do in _FORMS:
        filled, wrong = _FORMS[said.do](action["data"])
        if not filled:
            return Taken(body=told(wrong))
        work = replace(work, payload={**(work.payload or {}), **filled})
    return Taken(work.key, work.payload, told(_ALONE if said.do in PRIVATE else _WAIT[said.do]))


def _kept(activity: Activity, verb: str, data: Any) -> Taken:
    """Take an administrator's button; what was done takes its card's place."""
    more = kept(verb, data)
    work = _work(activity, Said(verb, ""), pressed=True)
    if more is None or work.payload is None:
        return Taken(body=told(_STALE))
    if verb != TELL and activity.get("replyToId"):
        more["replace"] = str(activity["replyToId"])
    return Taken(work.key, {**work.payload, **more}, told(_BEGINS if verb == START else _DOES))


def _thought(activity: Activity) -> Taken:
    """Take what somebody thinks of an answer; what is none of the forms that Teams has is answered and is no work."""
    found = thought(activity)
    if found is None:
        return Taken(body={})
    work = _work(activity, Said(THINK, ""), pressed=True)
    return Taken(work.key, {**work.payload, **found[0]}, found[1]) if work.payload else Taken(body={})


def _installed(activity: Activity) -> Taken:
    """Welcome whoever added the app for himself; to a channel nobody asked us to speak yet."""
    if not str(activity.get("action")).startswith("add") or _kind(activity) != "personal":
        return Taken()
    return _work(activity, Said(WELCOME, ""))


def _pressed(verb: Any, data: Any) -> Said | None:
    """Return what a button asks for; its contents are checked like typed ones, for anybody can make them up."""
    text = data.get("text") if isinstance(data, Mapping) else None
    if (
        not isinstance(verb, str)
        or verb not in _BUTTONS
        or not isinstance(text, str)
        or not 0 < len(text.strip()) <= _BUTTONS[verb]
    ):
        return None
    return Said(verb, text.strip())


def _work(activity: Activity, said: Said | None, *, pressed: bool = False) -> Taken:
    if said is None or not activity["id"]:
        return Taken()
    person = activity["from"]
    payload = {
        "service": str(activity["serviceUrl"]), "conversation": str(activity["conversation"]["id"]), "kind": _kind(activity),
        "tenant": str(activity["conversation"].get("tenantId") or activity["channelData"]["tenant"]["id"]),
        "user": str(person["id"]), "object": str(person.get("aadObjectId") or ""), "name": str(person.get("name") or "")[:100],
        "bot": str(activity["recipient"]["id"]), "shared": _shared(activity), "text": said.text, "do": said.do,
        "pressed": pressed, "private": _private(activity), "message": str(activity.get("replyToId") or ""),
        "at": _moment(activity.get("timestamp")),
    }  # fmt: skip
    if said.do == COMMAND:
        payload |= commanded(said.text)
    if pressed and said.do in {CHECK, SHOW, RULE} and activity.get("replyToId"):
        payload["replace"] = str(activity["replyToId"])
    return Taken(_key(activity), payload)


def _key(activity: Activity) -> str:
    """Return what names an activity: its id, which is unique in its conversation only, with the conversation."""
    where = hashlib.sha256(str(activity["conversation"]["id"]).encode()).hexdigest()[:16]
    return f"teams:{where}:{activity['id']}"[:180]


def _kind(activity: Activity) -> str:
    """Return personal, groupChat or channel; what is none of them is taken for a channel, which shows least."""
    kind = str(activity["conversation"].get("conversationType") or "")
    return kind if kind in {"personal", "groupChat"} else "channel"


def _private(activity: Activity) -> bool:
    """Tell whether a message in a conversation of several was for the bot alone."""
    return _kind(activity) != "personal" and activity["recipient"].get("isTargeted") is True


def _moment(stamp: Any) -> float:
    """Return when Teams says that something was done, in seconds since 1970; now where it does not say."""
    try:
        return datetime.fromisoformat(str(stamp)).timestamp()
    except ValueError:
        return time.time()


def _shared(activity: Activity) -> bool:
    """Tell whether the channel is shared with other teams, whose members its roster need not show."""
    channel = (activity.get("channelData") or {}).get("channel") or {}
    return str(channel.get("type") or channel.get("membershipType") or "").lower() == "shared"


def told(words: str) -> dict[str, Any]:
    """Return the body that shows words to whoever pressed a button, and to nobody else."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": words}
