"""Damage to the bytes of an answer: its pieces are the events of a stream, or one whole body."""

import json
from collections.abc import Callable

from tests.servers.model.completion import event
from tests.servers.model.refusals import REFUSALS

Pieces = list[bytes]
_CONTENT = b'"content":"'
_FINISHED = b'"finish_reason":"'


def kept(pieces: Pieces, after: int | None) -> Pieces:
    """Keep the first bytes, half of them unless told."""
    left = sum(map(len, pieces)) // 2 if after is None else after
    found: Pieces = []
    for piece in pieces:
        found.append(piece[:left])
        left = max(0, left - len(piece))
    return [piece for piece in found if piece]


def unended(pieces: Pieces, after: int | None) -> Pieces:
    """Keep the first bytes down to a whole event, and never those that end a stream."""
    if len(pieces) == 1:
        return kept(pieces, after)
    ends = next((at for at, piece in enumerate(pieces) if _FINISHED in piece), len(pieces) - 1)
    return [piece for piece in kept(pieces[:ends], after) if piece.endswith(b"\n\n")]


def corrupted(pieces: Pieces) -> Pieces:
    """Put a byte that UTF-8 does not have into the content."""
    at = len(pieces) // 2
    place = pieces[at].find(_CONTENT) + len(_CONTENT)
    return [*pieces[:at], pieces[at][:place] + b"\xff" + pieces[at][place + 1 :], *pieces[at + 1 :]]


def failed(pieces: Pieces) -> Pieces:
    """Put an error object where the middle of the answer would be, as OpenAI does in a stream."""
    error = REFUSALS["500"].error
    return [json.dumps(error).encode()] if len(pieces) == 1 else [*pieces[: len(pieces) // 2], event(error)]


def replaced(old: bytes, new: bytes) -> Callable[[Pieces], Pieces]:
    """Make a change that applies from the middle of a stream on."""

    def change(pieces: Pieces) -> Pieces:
        at = len(pieces) // 2
        return [*pieces[:at], *(piece.replace(old, new) for piece in pieces[at:])]

    return change
