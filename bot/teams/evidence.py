"""Evidence and memo of an answer, on a button: a card and a link for whoever pressed, and for nobody else."""

import asyncio
from collections.abc import Mapping

from bot.teams import notices, ways
from bot.teams.access import Access
from bot.teams.controls import EVIDENCE, MEMO
from bot.teams.elements import paragraph, run
from bot.teams.exhibits_view import evidence
from bot.teams.message import Activity, carded
from bot.teams.ways import Act, Message, Payload
from bot.words import CLOSED
from knowledge.store.chain import Kept

_MEMO = (
    "The memo of this answer, with every quote and how it was made, opens in your browser; print it or save it there. The link"
    " is good for {days} days."
)
_NO_LINK = (
    "There is no public address from which I could give you the memo, so there is no link. The answer and its receipt are kept;"
    " an administrator can set CAVEAT_PUBLIC_URL, or print the memo with caveat receipt {answer} --html FILE."
)


def works(access: Access) -> Mapping[str, Act]:
    """Return what is done for each `do` of a payload."""

    async def show(_key: str, payload: Payload) -> Message:
        answer, _, page = payload["text"].partition(":")
        opened = await access.opened(payload, answer)
        if opened is None:
            return ways.whispered(payload, notices.said(CLOSED))
        shown = await asyncio.to_thread(_shown, access, opened.kept, int(page) if page.isdecimal() else 0)
        return ways.whispered(payload, shown)

    async def export(_key: str, payload: Payload) -> Message:
        opened = await access.opened(payload, payload["text"])
        if opened is None:
            return ways.whispered(payload, notices.said(CLOSED))
        return ways.whispered(payload, await asyncio.to_thread(_memo, access, opened.kept))

    return {EVIDENCE: show, MEMO: export}


def _shown(access: Access, kept: Kept, page: int) -> Activity:
    exhibits = access.exhibits.shown(kept)
    return evidence(kept, exhibits, page, access.exhibits.receipt_url(kept))


def _memo(access: Access, kept: Kept) -> Activity:
    url = access.exhibits.receipt_url(kept)
    if not url:
        return notices.said(_NO_LINK.format(answer=kept.answer_id))
    words = _MEMO.format(days=access.exhibits.links.days)
    opens = {"type": "Action.OpenUrl", "title": "Open the memo", "url": url}
    return carded(
        [paragraph(run(kept.body["question"][:300], bold=True)), paragraph(run(words))], [opens], notice=words
    )
