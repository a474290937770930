"""Asks the owner of the policy that an answer stands on, once in its thread, and notes who says that this is resolved."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import HandingRefused
from bot.exhibits import Exhibits
from bot.handing import LONGEST, Handing, lead, named
from bot.jobs import Jobs
from bot.model import Asker, Place
from bot.slack import ways
from bot.slack.controls import OWNER
from bot.slack.elements import Element, button, cut, fallback, link, rich, section, typed
from bot.slack.errands import Payload, Work
from bot.slack.event import DOOR
from bot.slack.gate import Gate
from bot.slack.people import People
from bot.slack.press import pressed
from bot.words import CLOSED, day
from knowledge.store.chain import Kept
from knowledge.store.handoffs import Handoff

ASK, RESOLVE = "owner", "resolve"
RESOLVED = "owner_resolved"
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_THERE = "in this thread"


def works(gate: Gate, handing: Handing) -> Mapping[str, Work]:
    """Return what is done for each `do` of a payload."""

    async def ask(key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        kept = await gate.opened(payload, asker, place)
        if kept is None:
            return ways.whispered(CLOSED)
        alone = not payload["thread_ts"]
        try:
            handoff = await handing.ask(key, kept, asker, payload["user"], alone=alone, where=_THERE)
        except HandingRefused as refused:
            return ways.whispered(str(refused))
        known = await _known(gate.people, handoff.owners, payload["team"])
        return await asyncio.to_thread(_message, gate.exhibits, kept, handoff, known)

    async def resolve(_key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        kept = await gate.opened(payload, asker, place)
        if kept is None:
            return ways.whispered(CLOSED)
        try:
            handoff = await handing.resolve(kept, asker, payload["user"], reviewer=gate.reviews(payload, asker))
        except HandingRefused as refused:
            return ways.whispered(str(refused))
        known = await _known(gate.people, handoff.owners, payload["team"])
        return ways.changed(await asyncio.to_thread(_message, gate.exhibits, kept, handoff, known))

    return {ASK: ask, RESOLVE: resolve}


def register(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the buttons."""

    @app.action(OWNER)
    async def asked(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, pressed(body, action) | {"do": ASK})
        await ack()

    @app.action(RESOLVED)
    async def resolved(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, pressed(body, action) | {"do": RESOLVE})
        await ack()


async def _known(people: People, owners_: Sequence[str], team: str) -> dict[str, str]:
    """Return the Slack ids of the owners whom a policy names by an e-mail address that is somebody's of the workspace."""
    addresses = {owner: found[0] for owner in owners_ if (found := _ADDRESS.search(owner))}
    ids = {owner: await people.addressed(address, team) for owner, address in addresses.items()}
    return {owner: id_ for owner, id_ in ids.items() if id_}


def _message(exhibits: Exhibits, kept: Kept, handoff: Handoff, known: Mapping[str, str]) -> dict[str, Any]:
    who: Element = {"type": "user", "user_id": handoff.asker}
    words = lead(handoff)
    owns = words.removeprefix(named(handoff.owners))
    asked = [*_mentioned(handoff.owners, known), typed(owns, bold=True), typed(cut(kept.body["question"], LONGEST))]
    url = exhibits.receipt_url(kept)
    receipt = link("Receipt", url) if url else typed(f"Receipt {kept.answer_id}")
    parts = [section(asked), section([typed("Asked by "), who, typed(" · "), receipt])]
    if handoff.resolved_at is None:
        done = {"type": "actions", "elements": [button(RESOLVED, "Mark resolved", kept.answer_id)]}
        return {"text": fallback(f"{words}{kept.body['question']}"), "blocks": [rich(parts), done]}
    by: Element = {"type": "user", "user_id": handoff.resolver}
    parts.append(section([typed("Resolved by "), by, typed(f" on {day(handoff.resolved_at.date())}", bold=True)]))
    return {"text": fallback(f"Resolved: {words}{kept.body['question']}"), "blocks": [rich(parts)]}


def _mentioned(owners_: Sequence[str], known: Mapping[str, str]) -> Iterator[Element]:
    """Yield the owners: as a mention who is known in the workspace, by his name in the policy who is not."""
    for at, owner in enumerate(owners_):
        if at:
            yield typed(" and ", bold=True)
        yield {"type": "user", "user_id": known[owner]} if owner in known else typed(cut(owner, LONGEST), bold=True)
