"""Who may read a document at its source, as the labels of a visibility: never wider than the source says."""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from knowledge.errors import PassedOver, SourceRefused

Readers = frozenset[str]
"""Labels of which any is enough; the empty set is nobody."""
EVERYBODY: Readers = frozenset({"public"})
STAFF: Readers = frozenset({"staff"})
NOBODY: Readers = frozenset()
MOST = 200
"""Labels that one visibility may hold."""
_WRITABLE = re.compile(r"[\w.@+-]{1,74}\Z")
_STAFF_OPTION = "staff="


class Audience:
    """Turns people and groups of a source into labels.

    `cap` is the visibility that the administrator gave the source: an upper bound. `staff` names the groups, or domains,
    of the source that everybody of the company is in. What cannot be written as a label is left out: that only narrows.
    """

    def __init__(self, cap: str, staff: Iterable[str] = ()) -> None:
        self._cap = frozenset(filter(None, cap.split(",")))
        self._staff = frozenset(name.casefold() for name in staff)

    def group(self, *names: str) -> Readers:
        """Return the label of a group by the first of its names that can be written, or staff when one of them is that."""
        if any(name.casefold() in self._staff for name in names if name):
            return STAFF
        return next((frozenset({f"group:{name}"}) for name in names if _WRITABLE.match(name)), NOBODY)

    def user(self, address: str) -> Readers:
        """Return the label of a person by e-mail address; people are known by nothing else here."""
        return frozenset({f"user:{address.lower()}"}) if "@" in address and _WRITABLE.match(address) else NOBODY

    def visibility(self, readers: Readers | None) -> str:
        """Write who may read as a visibility; None is unknown.

        Raises PassedOver when that is unknown, nobody, or too many to write: the document then leaves the knowledge base
        at once. A refusal would keep its last good state in service, with the readers it had before.
        """
        if readers is None:
            raise PassedOver("its readers cannot be told, so nobody is shown it: let the account read its permissions")
        shown = meet(readers, self._cap)
        if not shown:
            raise PassedOver("it is shared with nobody whom Caveat could know, so nobody is shown it")
        for everyone in (EVERYBODY, STAFF):
            if everyone <= shown:
                return "".join(everyone)
        if len(shown) > MOST:
            raise PassedOver(f"more than {MOST} people and groups may read it: share it with a group instead")
        return ",".join(sorted(shown))


def meet(one: Readers, other: Readers) -> Readers:
    """Return who is surely among both: staff are everybody's part, and each named group or person is among staff."""
    for everyone in (EVERYBODY, STAFF):
        if everyone <= one:
            return other
        if everyone <= other:
            return one
    return one & other


def imprint(readers: Readers | None) -> str:
    """Return a short hash that changes whenever the readers do."""
    text = "unknown" if readers is None else ",".join(sorted(readers))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def expired(moment: object, now: datetime | None = None) -> bool:
    """Tell whether a grant ended; a moment of the year 1 means that it never does, and one that cannot be read ended."""
    if not moment or str(moment).startswith("0001-"):
        return False
    try:
        ends = datetime.fromisoformat(str(moment))
    except ValueError:
        return True
    return ends.astimezone(UTC) <= (now or datetime.now(UTC))


def place(at: str) -> tuple[str, tuple[str, ...]]:
    """Split what an administrator typed into the address and the names after `staff=`, joined by commas."""
    parts = at.split(f" {_STAFF_OPTION}")
    if len(parts) > 2:
        raise SourceRefused("write staff= once, with its names joined by commas")
    names = parts[1].split(",") if len(parts) == 2 else []
    return parts[0].strip(), tuple(name.strip() for name in names if name.strip())
