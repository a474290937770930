"""A request to the messaging endpoint: judged, stored as a job and acknowledged; nothing else is done here."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot import decision
from bot.errors import NotTaken
from bot.jobs import Jobs
from bot.teams.activity import Taken, shared, taken, told
from bot.teams.commands import ASK, RULE, USAGE
from bot.teams.controls import SECOND, SECOND_BELOW
from bot.teams.forms import DECIDE
from bot.teams.kb import Kb
from bot.teams.kbpress import handed
from bot.teams.papers import ALONE
from bot.teams.rulings import NO_REVIEWER

DOOR = "teams"
_REVIEWED = {
    RULE: NO_REVIEWER,
    DECIDE: decision.NO_REVIEWER,
    SECOND: decision.NO_REVIEWER,
    SECOND_BELOW: decision.NO_REVIEWER,
}
"""What only reviewers may do, and what others are told."""
LARGEST = 262_144
"""Bytes of an activity: a message has 100 KB at most."""
Genuine = Callable[[str, Mapping[str, Any]], Awaitable[bool]]


class Entry:
    """Takes activities; `genuine` tells of an Authorization header and an activity whether Teams sent it for us.

    `may_rule` tells by an object id and its tenant whether the settings name a reviewer; `kb` what is refused to who keeps the knowledge base.
    """

    def __init__(self, genuine: Genuine, jobs: Jobs, may_rule: Callable[[str, str], bool], kb: Kb) -> None:
        self._kb = kb
        self._genuine = genuine
        self._may_rule = may_rule
        self._jobs = jobs

    async def handle(self, request: Request, body: bytes) -> Response:
        """Answer 413 to what is too large, 400 to what is no activity, 401 to what is not from Teams, else 200."""
        if len(body) > LARGEST:
            return Response(status_code=413)
        activity = _activity(body)
        if activity is None:
            return Response(status_code=400)
        if not await self._genuine(request.headers.get("authorization", ""), activity):
            return Response(status_code=401)
        found = taken(activity)
        if refused := await self._refusal(found.payload):
            return JSONResponse(told(refused))
        try:
            for one in self._with_files(found, activity):
                if one.payload is not None:
                    await self._jobs.put(one.key, DOOR, one.payload)
        except NotTaken:
            # Teams sends it again; stored all the same by then, it is its own duplicate.
            return Response(status_code=503)
        return Response() if found.body is None else JSONResponse(found.body)

    async def _refusal(self, payload: Mapping[str, Any] | None) -> str:
        """Return why something is not even stored, in words for who pressed; empty where it is."""
        if payload is None:
            return ""
        if refused := _REVIEWED.get(payload["do"], ""):
            return "" if self._may_rule(payload["object"], payload["tenant"]) else refused
        return await self._kb.refusal(payload)

    def _with_files(self, found: Taken, activity: Mapping[str, Any]) -> list[Taken]:
        """Return what a message says, with the files that its question is about; an administrator's are offered to be filed as well."""
        files, payload = shared(activity), found.payload
        if not files or payload is None:
            return [found]
        offered = files if self._kb.admins.named(payload) else []
        if payload["do"] != ASK:
            return [found, *offered]
        if payload["text"]:
            return [replace(found, payload={**payload, "files": handed(activity)}), *offered]
        return offered or [replace(found, payload={**payload, "do": USAGE, "text": ALONE})]


def _activity(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("type"), str) else None
