"""What an asker may read at a place: both must allow a label, and what is unknown is not visible."""

from collections.abc import Mapping

from bot.model import Asker, Place

PUBLIC = "public"
STAFF = "staff"


def labels(asker: Asker, place: Place) -> frozenset[str]:
    """Return the visibility labels that this asker may read and that may be shown at this place."""
    own = {PUBLIC, *(f"group:{group}" for group in asker.groups), *(f"user:{name}" for name in asker.names)}
    if asker.staff:
        own.add(STAFF)
    return frozenset(own) if place.labels is None else frozenset(own & place.labels)


def among_staff(asker: Asker, place: Place) -> bool:
    """Tell whether what is for staff may be said to this person at this place."""
    return STAFF in labels(asker, place)


def beyond(asker: Asker, place: Place) -> bool:
    """Tell whether this asker may read more than may be shown at this place."""
    return bool(labels(asker, Place("own")) - labels(asker, place))


def member(user: str, groups: Mapping[str, frozenset[str]]) -> Asker:
    """Return an asker by the company's own list of groups; someone in none of them is not known to be staff."""
    mine = frozenset(name for name, people in groups.items() if user in people)
    return Asker(user, staff=bool(mine), groups=mine - {STAFF}, names=frozenset({user} if mine else ()))
