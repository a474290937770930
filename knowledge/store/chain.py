"""The chain of receipts: each is sealed by a hash of its own record and of the seal before it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = "0" * 64
"""What the first receipt of a ledger is chained to."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as the ledger keeps it; `n` counts from 1 in the order in which receipts were kept.

    Once `removed_at` is set its content is gone; its seals stay, so that the chain holds over it.
    """

    n: int
    answer_id: str
    created_at: datetime
    edition: int | None
    asker: str
    body: dict[str, Any]
    previous: str
    sha256: str
    removed_at: datetime | None = None

    @property
    def untouched(self) -> bool:
        """Tell whether the record is still the one that was sealed, or was removed as a whole."""
        if self.removed_at is not None:
            return not self.body and not self.asker
        return seal(self) == self.sha256


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: the receipt's number and id, and what is wrong, in words for people."""

    n: int
    answer_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What a look at a whole chain found: how many receipts it has, its last seal, and each place where it breaks.

    Of `removed` receipts only the seals are left.
    """

    count: int
    head: str
    breaks: tuple[Break, ...]
    removed: int = 0


def seal(kept: Kept) -> str:
    """Return the SHA-256, in hex, of a receipt's canonical JSON: sorted keys, no spaces, ASCII, its `sha256` left out."""
    record = {
        "n": kept.n, "answer_id": kept.answer_id, "created_at": kept.created_at.astimezone(UTC).isoformat(),
        "edition": kept.edition, "asker": kept.asker, "body": kept.body, "previous": kept.previous,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def follow(receipts: Iterable[Kept], count: int, head: str) -> Chain:
    """Walk a chain from its first receipt; `count` and `head` are what the ledger says its end is."""
    breaks: list[Break] = []
    n, last, removed = 0, START, 0
    for kept in receipts:
        removed += kept.removed_at is not None
        if kept.n != n + 1:
            breaks.append(Break(kept.n, kept.answer_id, _missing(n + 1, kept.n - 1)))
        elif kept.previous != last:
            breaks.append(Break(kept.n, kept.answer_id, f"receipt {n} before it was replaced after it had been sealed"))
        if not kept.untouched:
            breaks.append(Break(kept.n, kept.answer_id, "its record is not the one that was sealed"))
        n, last = kept.n, kept.sha256
    if n < count:
        breaks.append(Break(count, "", _missing(n + 1, count)))
    elif (n, last) != (count, head):
        breaks.append(Break(n, "", "the last receipt is not the one that the ledger says was sealed last"))
    return Chain(n, last, tuple(breaks), removed)


def _missing(first: int, last: int) -> str:
    return f"receipt {first} is missing" if first == last else f"receipts {first} to {last} are missing"
