"""Asks the owner of the policy that an answer stands on, once where it stands, and notes who says that this is resolved."""

import asyncio
from collections.abc import Mapping

from bot.errors import HandingRefused
from bot.handing import Handing, lead
from bot.teams import notices, ways
from bot.teams.access import Access, Opened
from bot.teams.controls import OWNER, RESOLVE
from bot.teams.elements import button, paragraph, run
from bot.teams.message import Activity, carded, cut
from bot.teams.ways import Act, Message, Payload
from bot.words import CLOSED, day
from knowledge.store.handoffs import Handoff

LONGEST = 500
_THERE = "in this conversation"
_SOMEBODY = "somebody of this conversation"


def works(access: Access, handing: Handing) -> Mapping[str, Act]:
    """Return what is done for each `do` of a payload."""

    async def ask(key: str, payload: Payload) -> Message:
        opened = await access.opened(payload, payload["text"])
        if opened is None:
            return ways.whispered(payload, notices.said(CLOSED))
        alone = opened.place.labels is None
        try:
            handoff = await handing.ask(key, opened.kept, opened.asker, payload["object"], alone=alone, where=_THERE)
        except HandingRefused as refused:
            return ways.whispered(payload, notices.said(str(refused)))
        return await _message(access, opened, handoff, opened.spot)

    async def resolve(_key: str, payload: Payload) -> Message:
        opened = await access.opened(payload, payload["text"])
        if opened is None:
            return ways.whispered(payload, notices.said(CLOSED))
        reviewer = access.reviews(payload, opened.asker)
        try:
            handoff = await handing.resolve(opened.kept, opened.asker, payload["object"], reviewer=reviewer)
        except HandingRefused as refused:
            return ways.whispered(payload, notices.said(str(refused)))
        return await _message(access, opened, handoff, await access.there(payload, opened))

    return {OWNER: ask, RESOLVE: resolve}


async def _message(access: Access, opened: Opened, handoff: Handoff, spot: Payload) -> Message:
    async def named(who: str) -> str:
        return await access.people.named(spot, who) or _SOMEBODY

    by = await named(handoff.resolver) if handoff.resolved_at else ""
    url = await asyncio.to_thread(access.exhibits.receipt_url, opened.kept)
    shown = _shown(opened, handoff, await named(handoff.asker), by, url)
    return {**ways.told(spot, shown), "answer": opened.kept.answer_id}


def _shown(opened: Opened, handoff: Handoff, asker: str, resolver: str, url: str) -> Activity:
    kept = opened.kept
    words = f"{lead(handoff)}{cut(kept.body['question'], LONGEST)}"
    receipt = run("Receipt", url=url) if url else run(f"Receipt {kept.answer_id}")
    parts = [
        paragraph(run(lead(handoff), bold=True), run(cut(kept.body["question"], LONGEST))),
        paragraph(run(f"Asked by {asker} · "), receipt),
    ]
    if handoff.resolved_at is None:
        return carded(parts, [button("Mark resolved", RESOLVE, kept.answer_id)], notice=words)
    parts.append(paragraph(run(f"Resolved by {resolver} on {day(handoff.resolved_at.date())}", bold=True)))
    return carded(parts, [], notice=f"Resolved: {words}")
