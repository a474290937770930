"""The use case of a reviewer: a match is ruled out, confirmed or opened again, with the reason, for everybody who checks that name."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.errors import RulingRefused
from knowledge.names.asked import understand
from knowledge.owning import owned
from knowledge.ruling import Ruling, Verdict, asked_for, row_of, standing
from knowledge.screened import Found, Loaded
from knowledge.screening import groups, screen
from knowledge.store.owners import Owners
from knowledge.store.rulings import Rulings

LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decides, as a door hands it over: `party` is a `vendor_id` of the card, empty where there is one alone.

    `key` identifies the event, so that it is decided once. `who` is the reviewer as people know him there.
    """

    key: str
    vendor: str
    party: str
    verdict: Verdict
    why: str
    who: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Keeps what reviewers decide; whether somebody is one is for the door to ask before."""

    loaded: Callable[[date], Loaded]
    rulings: Rulings
    owners: Owners
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def decide(self, decision: Decision) -> tuple[Ruling, ...]:
        """Keep a decision about a party, for each of its rows on all lists, and return what is kept.

        Raises RulingRefused, in words for people, where the name does not lead to that party or no reason is given.
        """
        return await asyncio.to_thread(self.decide_now, decision)

    def decide_now(self, decision: Decision) -> tuple[Ruling, ...]:
        """Decide as `decide` does; it blocks."""
        why = " ".join(decision.why.split())
        if not 3 <= len(why) <= LONGEST_WHY:
            raise RulingRefused(f"a decision needs its reason, in 3 to {LONGEST_WHY} characters; nothing was decided")
        now = self.now()
        loaded = self.loaded(now.date())
        screened = screen(loaded, decision.vendor, decision.country, now.date())
        if screened.refused:
            raise RulingRefused(f"{screened.refused.rstrip('.')}; nothing was decided")
        known = self.owners.of(understand(decision.vendor, decision.country))
        screened = owned(screened, known, loaded, now.date())
        asked = asked_for(decision.vendor, decision.country)
        found = _chosen([*groups(screened.found)], decision)
        if decision.verdict is Verdict.REOPENED:
            decided = standing(self.rulings.of(asked), now.date())
            found = [one for one in found if _id(one) in decided]
            if not found:
                raise RulingRefused("nobody has decided about that match; nothing was changed")
        made = tuple(
            Ruling(
                asked, decision.vendor[:300], _id(one), one.party.name, row_of(one), decision.verdict, why, decision.who, now
            )
            for one in found
        )  # fmt: skip
        self.rulings.keep(decision.key, made)
        return made


def _chosen(parties: list[list[Found]], decision: Decision) -> list[Found]:
    """Return the rows of the party that is decided about."""
    if not parties:
        raise RulingRefused("this name leads to no listed party; nothing was decided")
    if decision.party:
        own = [group for group in parties if any(_id(one) == decision.party for one in group)]
        if not own:
            raise RulingRefused(f"this name does not lead to {decision.party[:80]}; nothing was decided")
        return own[0]
    if len(parties) > 1:
        ids = ", ".join(_id(group[0]) for group in parties[:5])
        raise RulingRefused(f"this name may be several parties: name one of {ids}; nothing was decided")
    return parties[0]


def _id(found: Found) -> str:
    return f"{found.list_id}:{found.party.ref}"
