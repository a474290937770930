"""The rows of a card that come from lists: each listing with its level and its sentences, worded by how sure it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

    `more` counts the listings of the same kind that are left out; `says` is what the table says beside the effect.
    """

    id: str
    list: ListState
    found: Found
    standing: Standing
    level: Level
    says: str = ""
    more: int = 0

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
        since = f" since {written(listing.start)}" if listing.start and self.holds else ""
        if self.status == Force.UPCOMING.value and listing.start and listing.start == self.valid_from:
            since = f" from {written(listing.start)}"
        sure = _OWNED if self.found.owned else _LEADS[self.found.grade]
        verb = "is listed" if self.holds else "was listed"
        return f"{sure}{party} {verb} under {held.title}{since}."

    @property
    def entails(self) -> str:
        """Say what the listing entails and from when to when, in whole sentences."""
        if not self.holds:
            end = self.valid_to
            return f"It ended{f' on {written(end)}' if end else ''} and is shown as history, not as a hit."
        return " ".join(filter(None, (self._when(), self.standing.measure.effect, self.says)))

    @property
    def reasons(self) -> tuple[str, ...]:
        """What ties the name to the party, and why it is not surer."""
        return self.found.reasons

    @property
    def text(self) -> str:
        """The finding in whole sentences, as a receipt keeps it."""
        ground = f"Ground: {'; '.join(self.reasons)}." if self.reasons else ""
        return " ".join(filter(None, (self.lead, ground, self.entails)))

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
    state = states[found.list_id]
    exploited = [one for one in found.standings if one.measure.id == EXPLOITED]
    if exploited and found.grade is not Grade.AFFILIATE:
        latest = sorted(exploited, key=lambda one: one.listing.start or date.min, reverse=True)[:PRODUCTS]
        more = len(exploited) - len(latest)
        for one in latest:
            yield _row(found, state, one, scale, more if one is latest[-1] else 0)
    for one in found.standings:
        if one.measure.id != EXPLOITED:
            yield _row(found, state, one, scale, 0)


def _row(found: Found, state: ListState, standing: Standing, scale: Scale, more: int) -> Row:
    held = standing.measure
    weight = Level.UNKNOWN if standing.over else scale.level(held, found.grade, owned=found.owned)
    return Row(f"{found.list_id}:{found.party.ref}", state, found, standing, weight, scale.says(held), more)
