"""Damage to the bytes of an answer: its pieces are the events of a stream, or one whole body."""

from collections.abc import Callable

from tests.servers.model import responses
from tests.servers.model.completion import DONE, compact, event
from tests.servers.model.refusals import REFUSALS
from tests.servers.model.request import Api

Pieces = list[bytes]
_CONTENTS = (b'"delta":"', b'"content":"', b'"text":"')
_ENDS = (b'"finish_reason":"', b'"type":"response.completed"', b'"type":"response.incomplete"')


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
    marked = (at for at, piece in enumerate(pieces) if any(mark in piece for mark in _ENDS))
    ends = next(marked, len(pieces) - 1)
    return [piece for piece in kept(pieces[:ends], after) if piece.endswith(b"\n\n")]


def done(pieces: Pieces, after: int | None) -> Pieces:
    """Keep as much, and close the stream with the mark of Chat Completions all the same."""
    return [*unended(pieces, after), DONE] if len(pieces) > 1 else kept(pieces, after)


def corrupted(pieces: Pieces) -> Pieces:
    """Put a byte that UTF-8 does not have into the content."""
    at = len(pieces) // 2
    mark = next(one for one in _CONTENTS if one in pieces[at])
    place = pieces[at].find(mark) + len(mark)
    return [*pieces[:at], pieces[at][:place] + b"\xff" + pieces[at][place + 1 :], *pieces[at + 1 :]]


def broken(pieces: Pieces, api: Api, code: str | None) -> Pieces:
    """Put an error where the middle of the answer would be, as OpenAI does in a stream."""
    error = _error(code)
    if len(pieces) == 1:
        return [compact({"error": error})]
    number = len(pieces) // 2
    told = {"type": "error", "sequence_number": number} | {name: error[name] for name in ("code", "message", "param")}
    return [*pieces[:number], event({"error": error}) if api == "chat" else event(told, "error")]


def failed(pieces: Pieces, api: Api, code: str | None) -> Pieces:
    """Let the answer fail in the middle and end the stream in order: with [DONE], or with the event for it."""
    error = _error(code)
    if len(pieces) == 1:
        return [compact({"error": error})]
    number = len(pieces) // 2
    end = [event({"error": error}), DONE] if api == "chat" else [responses.failed("resp_local", error, number)]
    return [*pieces[:number], *end]


def replaced(*changes: tuple[bytes, bytes]) -> Callable[[Pieces], Pieces]:
    """Make changes that apply from the middle of a stream on."""

    def change(pieces: Pieces) -> Pieces:
        at = len(pieces) // 2
        return [*pieces[:at], *(_changed(piece) for piece in pieces[at:])]

    def _changed(piece: bytes) -> bytes:
        for old, new in changes:
            piece = piece.replace(old, new)
        return piece

    return change


def _error(code: str | None) -> dict[str, str | None]:
    return REFUSALS["500"].error["error"] | {"code": code}
