"""Asks the owner of the policy that an answer stands on, once in its thread, and notes who says that this is resolved."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.exhibits import Exhibits
from bot.jobs import Jobs
from bot.model import Asker, Place
from bot.slack import ways
from bot.slack.controls import OWNER
from bot.slack.door import DOOR
from bot.slack.elements import Element, button, cut, fallback, link, rich, section, typed
from bot.slack.errands import Payload, Work
from bot.slack.gate import CLOSED, Gate
from bot.slack.people import People
from bot.slack.press import pressed
from bot.words import day
from knowledge.model import Role
from knowledge.store.chain import Kept
from knowledge.store.handoffs import Handoff, Handoffs

ASK, RESOLVE = "owner", "resolve"
RESOLVED = "owner_resolved"
MOST = 3
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
LONGEST = 500
_NOBODY = (
    "No policy that this answer cites names its owner, so nobody was asked. An administrator can name one in the policy, or with"
    " caveat sources add --owner."
)
_STAFF_ONLY = "Only people of the company may ask a policy's owner, so nobody was asked."
_ALONE = (
    "Nobody but you sees this answer, so nobody was asked. The policy that it stands on is owned by: {owners}. Ask there, or ask"
    " your question again in a conversation that the owner reads."
)
_NOT_YOURS = "Only whoever asked, the owner and reviewers may mark this as resolved; it stays open."


def owners(kept: Kept) -> tuple[str, ...]:
    """Return who owns the policies that an answer cites, or that are nearest to a refusal, in their order."""
    policies = (one for one in kept.body.get("sources", ()) if one.get("role") == Role.POLICY.value)
    return tuple(dict.fromkeys(one["owner"] for one in policies if one.get("owner")))[:MOST]


def works(gate: Gate, handoffs: Handoffs) -> Mapping[str, Work]:
    """Return what is done for each `do` of a payload."""

    async def ask(key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        kept = await gate.opened(payload, asker, place)
        if kept is None or not asker.staff:
            return ways.whispered(CLOSED if kept is None else _STAFF_ONLY)
        own = owners(kept)
        if not own:
            return ways.whispered(_NOBODY)
        if not payload["thread_ts"]:
            return ways.whispered(_ALONE.format(owners=_named(own)))
        handoff = Handoff(kept.answer_id, key, own, payload["user"], datetime.now(UTC))
        first = await asyncio.to_thread(handoffs.open, handoff)
        if first.key != key:
            state = "it is resolved" if first.resolved_at else "it is open"
            words = f"{_named(first.owners)} was asked about this on {day(first.asked_at.date())} already, in this thread; {state}."
            return ways.whispered(words)
        known = await _known(gate.people, own, payload["team"])
        return await asyncio.to_thread(_message, gate.exhibits, kept, handoff, known)

    async def resolve(_key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        kept = await gate.opened(payload, asker, place)
        handoff = await asyncio.to_thread(handoffs.find, payload["answer"])
        if kept is None or handoff is None:
            return ways.whispered(CLOSED)
        if not (_concerned(handoff, kept, asker) or gate.reviews(payload, asker)):
            return ways.whispered(_NOT_YOURS)
        now = datetime.now(UTC)
        if await asyncio.to_thread(handoffs.resolve, payload["answer"], payload["user"], now):
            handoff = replace(handoff, resolver=payload["user"], resolved_at=now)
        else:
            handoff = await asyncio.to_thread(handoffs.find, payload["answer"]) or handoff
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


def _concerned(handoff: Handoff, kept: Kept, asker: Asker) -> bool:
    """Tell whether somebody asked the question or the owner, or is an owner.

    An owner is known by a name or a group that the platform or the company vouches for.
    """
    if not asker.staff:
        return False
    own = {one.casefold() for one in handoff.owners}
    known = {name.casefold() for name in (*asker.names, *asker.groups)}
    return kept.asker == asker.id or handoff.asker in asker.names or bool(own & known)


async def _known(people: People, owners_: Sequence[str], team: str) -> dict[str, str]:
    """Return the Slack ids of the owners whom a policy names by an e-mail address that is somebody's of the workspace."""
    addresses = {owner: found[0] for owner in owners_ if (found := _ADDRESS.search(owner))}
    ids = {owner: await people.addressed(address, team) for owner, address in addresses.items()}
    return {owner: id_ for owner, id_ in ids.items() if id_}


def _message(exhibits: Exhibits, kept: Kept, handoff: Handoff, known: Mapping[str, str]) -> dict[str, Any]:
    named = _named(handoff.owners)
    who: Element = {"type": "user", "user_id": handoff.asker}
    owns = ", who owns the policy that this answer stands on, is asked: "
    lead = f"{named}{owns}"
    asked = [*_mentioned(handoff.owners, known), typed(owns, bold=True), typed(cut(kept.body["question"], LONGEST))]
    url = exhibits.receipt_url(kept)
    receipt = link("Receipt", url) if url else typed(f"Receipt {kept.answer_id}")
    parts = [section(asked), section([typed("Asked by "), who, typed(" · "), receipt])]
    if handoff.resolved_at is None:
        done = {"type": "actions", "elements": [button(RESOLVED, "Mark resolved", kept.answer_id)]}
        return {"text": fallback(f"{lead}{kept.body['question']}"), "blocks": [rich(parts), done]}
    by: Element = {"type": "user", "user_id": handoff.resolver}
    parts.append(section([typed("Resolved by "), by, typed(f" on {day(handoff.resolved_at.date())}", bold=True)]))
    return {"text": fallback(f"Resolved: {lead}{kept.body['question']}"), "blocks": [rich(parts)]}


def _mentioned(owners_: Sequence[str], known: Mapping[str, str]) -> Iterator[Element]:
    """Yield the owners: as a mention who is known in the workspace, by his name in the policy who is not."""
    for at, owner in enumerate(owners_):
        if at:
            yield typed(" and ", bold=True)
        yield {"type": "user", "user_id": known[owner]} if owner in known else typed(cut(owner, LONGEST), bold=True)


def _named(owners_: Any) -> str:
    return cut(" and ".join(owners_), LONGEST)
