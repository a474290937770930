"""The rows of a card that come from lists: each listing with its level and its sentences, worded by how sure it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.model import LEVELS, Category, Level
from bot.scale import Scale
from bot.words import day as written
from knowledge.names.grade import Grade
from knowledge.party import Force
from knowledge.screened import Found, ListState, Standing

EXPLOITED = "cisa-kev"
"""The measure that is about products: it restricts nobody and makes nobody a listed party."""
PRODUCTS = 3
"""Exploited products shown, the latest first."""
LONGEST_QUOTE = 300
_LEADS = {
    Grade.CONFIRMED: "",
    Grade.PROBABLE: "Possible match, probable by its name, for a person to confirm: ",
    Grade.POSSIBLE: "Possible match, for a person to decide: ",
    Grade.AFFILIATE: "Possible affiliate, ownership not evidenced: ",
}
_OWNED = "Affiliate of a listed party: "


@dataclass(frozen=True, slots=True)
class Row:
    """One listing of a card: its id, its list, what was found, how it stands, what it weighs, and when the list is of.

    `says` is what the table says beside the effect. Of several listings of a party under one measure the latest is `shown`:
    it counts the others in `more`, and `since` is the first day of them all.
    """

    id: str
    list: ListState
    found: Found
    standing: Standing
    level: Level
    says: str = ""
    more: int = 0
    since: date | None = None
    shown: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        """The list's row that can be cited: of two measures under one listing both stand on the same one."""
        return self.id, self.standing.listing.citation, str(self.standing.listing.start or "")

    @property
    def category(self) -> Category:
        """What the listing is a risk of."""
        return Category(self.standing.measure.category)

    @property
    def holds(self) -> bool:
        """Tell whether the listing is more than history."""
        return not self.standing.over and self.standing.measure.force is not Force.ENDED

    @property
    def restricts(self) -> bool:
        """Tell whether the listing is about the party and not only about its products."""
        return self.standing.measure.id != EXPLOITED

    @property
    def status(self) -> str:
        """How it stands on the day, in one word or two."""
        return Force.ENDED.value if self.standing.over else self.standing.measure.force.value

    @property
    def valid_from(self) -> date | None:
        """The first day on which the party is listed and the measure holds as it does on the day of the check."""
        days = [one for one in (self.standing.listing.start, self.standing.measure.valid_from) if one]
        return max(days, default=None)

    @property
    def valid_to(self) -> date | None:
        """The last such day, None where none is set."""
        days = [one for one in (self.standing.listing.end, self.standing.measure.valid_to) if one]
        return min(days, default=None)

    @property
    def quote(self) -> str:
        """What the list itself writes: the words of the row, else the listed name."""
        return (self.standing.listing.excerpt or self.found.name)[:LONGEST_QUOTE]

    @property
    def lead(self) -> str:
        """Say who stands where and since when, and how sure it is that the vendor is meant."""
        listing, held, party = self.standing.listing, self.standing.measure, self.found.party.name
        if held.id == EXPLOITED:
            product = ": ".join(listing.excerpt.splitlines()[:2])
            more = f"; {self.more} more of this maker are in the catalogue" if self.more else ""
            return f"Under active exploitation: {product} ({listing.citation}, since {written(listing.start)}){more}."
        if held.id != listing.measure:
            return f"{held.title}, which goes with this listing of {party}."
        since = f" since {written(self.since)}" if self.since and self.holds else ""
        if self.status == Force.UPCOMING.value and listing.start and listing.start == self.valid_from:
            since = f" from {written(listing.start)}"
        sure = _OWNED if self.found.owned else _LEADS[self.found.grade]
        verb = "is listed" if self.holds else "was listed"
        more = f", {self.more + 1} entries" if self.more else ""
        return f"{sure}{party} {verb} under {held.title}{since}{more}."

    @property
    def entails(self) -> str:
        """Say what the listing entails and from when to when, in whole sentences."""
        if not self.holds:
            end = self.valid_to
            return f"It ended{f' on {written(end)}' if end else ''} and is shown as history, not as a hit."
        return " ".join(filter(None, (self._when(), self.standing.measure.effect, self.says)))

    @property
    def text(self) -> str:
        """The finding in whole sentences, as a receipt keeps it."""
        return " ".join(filter(None, (self.lead, self.ground, self.entails)))

    @property
    def ground(self) -> str:
        """Say in a sentence what ties the name to the party, and why it is not surer."""
        return f"Ground: {'; '.join(self.found.reasons).rstrip('.')}." if self.found.reasons else ""

    def _when(self) -> str:
        held = self.standing.measure
        if held.force is Force.UPCOMING:
            return f"Upcoming: it applies from {written(self.valid_from)}."
        if held.force is Force.SUSPENDED:
            return f"Suspended{f' through {written(held.valid_to)}' if held.valid_to else ''}."
        if held.force is Force.VERIFY:
            return "To be verified: no document settles whether it holds."
        return ""


def rows(found: Sequence[Found], lists: Iterable[ListState], scale: Scale) -> tuple[Row, ...]:
    """Return the listings of what was found, the gravest first, what is history last."""
    states = {state.id: state for state in lists}
    made = [row for one in found for row in _rows(one, states, scale)]
    return tuple(sorted(made, key=lambda row: (not row.holds, -LEVELS.index(row.level))))


def _rows(found: Found, states: Mapping[str, ListState], scale: Scale) -> Iterator[Row]:
    """Yield the rows of one find; of exploited products the latest ones alone, and none for an affiliate."""
    made = [_row(found, states[found.list_id], one, scale) for one in found.standings]
    for key in dict.fromkeys((row.standing.measure.id, row.holds) for row in made):
        own = [row for row in made if (row.standing.measure.id, row.holds) == key]
        own.sort(key=lambda row: row.standing.listing.start or date.min, reverse=True)
        if own[0].restricts:
            first = min((row.since for row in own if row.since), default=None)
            yield replace(own[0], more=len(own) - 1, since=first)
            yield from (replace(row, shown=False) for row in own[1:])
        elif found.grade is not Grade.AFFILIATE:
            yield from own[: PRODUCTS - 1]
            yield from (replace(row, more=len(own) - PRODUCTS) for row in own[PRODUCTS - 1 : PRODUCTS])


def _row(found: Found, state: ListState, standing: Standing, scale: Scale) -> Row:
    held = standing.measure
    weight = Level.UNKNOWN if standing.over else scale.level(held, found.grade, owned=found.owned)
    key = f"{found.list_id}:{found.party.ref}"
    return Row(key, state, found, standing, weight, scale.says(held), since=standing.listing.start)
