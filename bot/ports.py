"""What the desk needs from the world: a drafter, a language model, and a purse that it is paid from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.model import DraftClaim, Failed
from knowledge.bearing import Bearing
from knowledge.query import Query


class Drafter(Protocol):
    """Writes claims from passages without a model; `rung` says what it needs."""

    rung: str
    name: str

    async def draft(self, query: Query, evidence: Sequence[Bearing], seconds: float) -> tuple[DraftClaim, ...]:
        """Return drafted claims, best first, within the seconds."""
        ...

    async def close(self) -> None:
        """Close what it holds open."""
        ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call to a model takes: tokens that it reads, tokens that it writes."""

    read: int = 0
    written: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.read + other.read, self.written + other.written)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote, in its order, and the tokens that all calls for it took."""

    claims: tuple[DraftClaim, ...]
    used: Tokens


@dataclass(frozen=True, slots=True)
class Restated:
    """A question in a model's words: so that it stands alone, and in words that sources may use; `used` tokens it took."""

    text: str
    words: tuple[str, ...]
    used: Tokens


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question asked before in the same thread, and the names of the documents that its answer cited."""

    text: str
    cited: tuple[str, ...] = ()


class Model(Protocol):
    """Writes claims from passages with a language model; `name` is kept in the receipt."""

    rung: str
    name: str

    def most(self, query: Query, evidence: Sequence[Bearing]) -> Tokens:
        """Return the most that one draft may take, retries aside."""
        ...

    async def draft(
        self, query: Query, evidence: Sequence[Bearing], seconds: float, failed: Sequence[Failed] = ()
    ) -> Draft:
        """Return drafted claims within the seconds; raise ModelFailed when that cannot be done.

        `failed` are the claims of its last draft that were not proved: then only better ones in their place are asked for.
        """
        ...

    def most_restating(self, text: str, before: Sequence[Earlier]) -> Tokens:
        """Return the most that one restating may take, retries aside."""
        ...

    async def restate(self, text: str, before: Sequence[Earlier], seconds: float) -> Restated:
        """Return a question restated for a search within the seconds, nothing checked; raise ModelFailed.

        `before` are the earlier questions of its thread, oldest first.
        """
        ...

    async def close(self) -> None:
        """Close what it holds open."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """Tokens that are set aside for one call, for whom and on which day (UTC)."""

    user: str
    place: str
    day: date
    tokens: Tokens


class Purse(Protocol):
    """What may be spent on models, by user, place and day."""

    async def hold(self, user: str, place: str, tokens: Tokens) -> Held:
        """Set tokens aside before a call; raise BudgetSpent where a limit would be passed."""
        ...

    async def settle(self, held: Held, used: Tokens) -> None:
        """Count what the call took in place of what was held."""
        ...
