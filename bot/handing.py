"""Hands an answer to the owner of the policy that it stands on, once, until somebody who may says that this is resolved."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.errors import HandingRefused
from bot.model import Asker, Source
from bot.words import day, plain
from knowledge.model import Role, role_of
from knowledge.store.chain import Kept
from knowledge.store.handoffs import Handoff, Handoffs

MOST = 3
LONGEST = 500
NOBODY = (
    "No policy that this answer cites names its owner, so nobody was asked. An administrator can name one in the policy, or with"
    " caveat sources add --owner."
)
STAFF_ONLY = "Only people of the company may ask a policy's owner, so nobody was asked."
ALONE = (
    "Nobody but you sees this answer, so nobody was asked. The policy that it stands on is owned by: {owners}. Ask there, or ask"
    " your question again in a conversation that the owner reads."
)
NOT_YOURS = "Only whoever asked, the owner and reviewers may mark this as resolved; it stays open."
NOT_HANDED = "No owner was asked about this answer here, so there is nothing to resolve."


@dataclass(frozen=True, slots=True)
class Handing:
    """Asks owners and notes who resolves; whether somebody may read the answer is for the door to ask before."""

    handoffs: Handoffs

    async def ask(  # noqa: PLR0913 - an event, an answer, a person, and where
        self, key: str, kept: Kept, asker: Asker, who: str, *, alone: bool, where: str
    ) -> Handoff:
        """Hand an answer to its owners and return what is kept; `who` is the asker's id, `where` names the place in a sentence.

        Raises HandingRefused, in words for people, where nobody can be asked, or was already.
        """
        if not asker.staff:
            raise HandingRefused(STAFF_ONLY)
        own = owners(kept)
        if not own:
            raise HandingRefused(NOBODY)
        if alone:
            raise HandingRefused(ALONE.format(owners=named(own)))
        handoff = Handoff(kept.answer_id, key, own, who, datetime.now(UTC))
        first = await asyncio.to_thread(self.handoffs.open, handoff)
        if first.key != key:
            state = "it is resolved" if first.resolved_at else "it is open"
            asked_at = day(first.asked_at.date())
            raise HandingRefused(f"{named(first.owners)} was asked about this on {asked_at} already, {where}; {state}.")
        return first

    async def resolve(self, kept: Kept, asker: Asker, who: str, *, reviewer: bool) -> Handoff:
        """Note that it is resolved, for whoever is concerned or is a reviewer, and return what is kept; the first one counts.

        Raises HandingRefused, in words for people, where it was never handed over or is none of his.
        """
        handoff = await asyncio.to_thread(self.handoffs.find, kept.answer_id)
        if handoff is None:
            raise HandingRefused(NOT_HANDED)
        if not (concerned(handoff, kept, asker) or reviewer):
            raise HandingRefused(NOT_YOURS)
        now = datetime.now(UTC)
        if await asyncio.to_thread(self.handoffs.resolve, kept.answer_id, who, now):
            return replace(handoff, resolver=who, resolved_at=now)
        return await asyncio.to_thread(self.handoffs.find, kept.answer_id) or handoff


def owners(kept: Kept) -> tuple[str, ...]:
    """Return who owns the policies that an answer cites, or that are nearest to a refusal, in their order."""
    policies = (one for one in kept.body.get("sources", ()) if one.get("role") == Role.POLICY.value)
    return tuple(dict.fromkeys(one["owner"] for one in policies if one.get("owner")))[:MOST]


def owned(sources: Sequence[Source]) -> bool:
    """Tell whether one of these is a policy that names its owner."""
    return any(one.document.owner and role_of(one.document, one.passage) is Role.POLICY for one in sources)


def concerned(handoff: Handoff, kept: Kept, asker: Asker) -> bool:
    """Tell whether somebody asked the question or the owner, or is an owner.

    An owner is known by a name or a group that the platform or the company vouches for.
    """
    if not asker.staff:
        return False
    own = {one.casefold() for one in handoff.owners}
    known = {name.casefold() for name in (*asker.names, *asker.groups)}
    return kept.asker == asker.id or handoff.asker in asker.names or bool(own & known)


def lead(handoff: Handoff) -> str:
    """Return what is said before the question that an owner is asked about."""
    return f"{named(handoff.owners)}, who owns the policy that this answer stands on, is asked: "


def named(own: Sequence[str]) -> str:
    """Return owners in a sentence."""
    text = plain(" and ".join(own))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
