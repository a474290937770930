"""What the desk needs from the world: a drafter."""

from collections.abc import Sequence
from typing import Protocol

from bot.model import DraftClaim
from knowledge.bearing import Bearing
from knowledge.query import Query


class Drafter(Protocol):
    """Writes claims from passages; `rung` says what it needs, `name` is kept in the receipt."""

    rung: str
    name: str

    async def draft(self, query: Query, evidence: Sequence[Bearing], seconds: float) -> tuple[DraftClaim, ...]:
        """Return drafted claims, best first, within the seconds; raise ModelFailed when that cannot be done."""
        ...

    async def close(self) -> None:
        """Close what it holds open."""
        ...
