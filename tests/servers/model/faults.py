"""What goes wrong between a model and its client, by either API, as a table of faults in four groups.

Statuses answer with an error, broken connections bring no response at all, spoilt answers say something else, and
damaged ones lose or change on their way what is said.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from itertools import chain

from tests.servers.model.completion import Completion
from tests.servers.model.damage import Pieces, broken, corrupted, done, failed, kept, replaced, unended
from tests.servers.model.delivery import Delivery, answer
from tests.servers.model.honest import Honest, Writer
from tests.servers.model.refusals import REFUSALS
from tests.servers.model.request import PREFIXES, Call

RETRY_AFTERS = (None, "1", "30", "3600", "date", "garbage", "-5", "nan")
_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to the network</h1></body></html>"
_WRONG = {"answer": "Yes.", "claims": [{"text": 1, "passage": None}, "a claim", None]}
_SORRY = "I'm sorry, I can't help with that."


def in_seconds(seconds: float) -> str:
    """Write a moment from now as an HTTP date, for Retry-After."""
    return formatdate(time.time() + seconds, usegmt=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with what ``says`` would have written; ``FAULTS`` lists the kinds.

    ``retry_after`` is sent as it is, but ``"date"`` becomes the date half a minute from now. ``after`` is where cuts
    and stalls begin, in bytes of the body, the middle unless told; ``seconds`` is the pause between two tokens of a
    drip; ``size`` is the least number of characters of a huge answer; ``code`` is that of an error within a stream;
    ``status`` takes the place of the one that an error is sent with.
    """

    kind: str
    says: Writer = field(default_factory=Honest)
    retry_after: str | None = None
    retry_after_ms: str | None = None
    after: int | None = None
    seconds: float = 0.05
    size: int = 10 * 2**20
    code: str | None = None
    status: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"{self.kind!r} is none of {', '.join(FAULTS)}")

    def silent(self, call: Call) -> bool:
        """Tell whether the model says nothing to this call; 400 refuses only a json_schema, as such servers do."""
        return self.kind in BROKEN or (self.kind in REFUSALS and (self.kind != "400" or call.format == "json_schema"))

    def refused(self, call: Call, request_id: str) -> Delivery:
        """Deliver a silent fault: a status with its error, or a connection that breaks."""
        if self.kind in BROKEN:
            return BROKEN[self.kind]
        wait = in_seconds(30) if self.retry_after == "date" else self.retry_after
        waits = {"retry-after": wait, "retry-after-ms": self.retry_after_ms}
        headers = {"Content-Type": "application/json", "x-request-id": request_id}
        headers |= {name: value for name, value in waits.items() if value is not None}
        refusal = REFUSALS[self.kind].by(call.api)
        return Delivery([refusal.body], self.status or refusal.status, headers)

    def spoilt(self, completion: Completion) -> Completion:
        """Change what is said, or why it ends."""
        return SPOILT[self.kind](self, completion) if self.kind in SPOILT else completion

    def delivered(self, call: Call, completion: Completion) -> Delivery:
        """Deliver what is said, more or less."""
        sound = answer(call, completion)
        if self.kind in BROKEN_OFF:
            return _with(sound, BROKEN_OFF[self.kind](sound.pieces, call.api, self.code))
        return DAMAGED[self.kind](self, sound) if self.kind in DAMAGED else sound


BROKEN = {
    "refused": Delivery(raw=True, end="reset"),
    "reset": Delivery(raw=True, end="reset"),
    "reset_headers": Delivery([b"HTTP/1.1 200 OK\r\nContent-Type: text/ev"], raw=True, end="reset"),
    "closed": Delivery(raw=True, end="fin"),
    "black_hole": Delivery(raw=True, end="hang"),
}


def _strange(own: str) -> str:
    return next(f"{prefix}stranger" for prefix in PREFIXES.values() if own.startswith(prefix))


def _huge(fault: Fault, sound: Completion) -> Completion:
    claim = {"text": "risk " * (fault.size // 5 + 1), "passage_id": "p", "quote": "risk " * 5}
    return replace(sound, content=json.dumps({"claims": [claim]}), piece=2**16)


SPOILT: dict[str, Callable[[Fault, Completion], Completion]] = {
    "length": lambda _fault, sound: replace(sound, finish="length"),
    "content_filter": lambda _fault, sound: replace(sound, finish="content_filter"),
    "null": lambda _fault, sound: replace(sound, finish=None),
    "malformed": lambda _fault, sound: replace(sound, content=sound.content.replace('": ', '" ')),
    "truncated": lambda _fault, sound: replace(sound, content=sound.content[: len(sound.content) * 2 // 3]),
    "wrong_schema": lambda _fault, sound: replace(sound, content=json.dumps(_WRONG)),
    "huge": _huge,
    "refusal": lambda _fault, sound: replace(sound, refusal=_SORRY, spare=True),
    "refusal_at_once": lambda _fault, sound: replace(sound, refusal=_SORRY, at_once=True),
    "at_once": lambda _fault, sound: replace(sound, at_once=True),
    "remark": lambda _fault, sound: replace(sound, remark="I look at the passages first."),
    "spare": lambda _fault, sound: replace(sound, spare=True),
    "wrong_id": lambda _fault, sound: replace(sound, id=_strange(sound.id), request_id="req_stranger"),
}


def _with(sound: Delivery, pieces: Pieces) -> Delivery:
    """Send other pieces, under a length that agrees with them."""
    length = {"Content-Length": str(sum(map(len, pieces)))} if "Content-Length" in sound.headers else {}
    return replace(sound, pieces=pieces, headers={**sound.headers, **length})


_UNREADABLE = replaced(*((f'"{name}":'.encode(), f'"{name}"'.encode()) for name in ("choices", "output", "delta")))
_CHANGED = replaced(*((f'"{prefix}'.encode(), f'"{prefix}stranger-'.encode()) for prefix in PREFIXES.values()))
DAMAGED: dict[str, Callable[[Fault, Delivery], Delivery]] = {
    "drip": lambda fault, sound: replace(sound, pause=fault.seconds),
    "stall": lambda fault, sound: replace(sound, pieces=kept(sound.pieces, fault.after), end="hang"),
    "cut": lambda fault, sound: replace(sound, pieces=kept(sound.pieces, fault.after), end="fin"),
    "cut_reset": lambda fault, sound: replace(sound, pieces=kept(sound.pieces, fault.after), end="reset"),
    "cut_clean": lambda fault, sound: _with(sound, unended(sound.pieces, fault.after)),
    "cut_done": lambda fault, sound: _with(sound, done(sound.pieces, fault.after)),
    "corrupt_byte": lambda _fault, sound: _with(sound, corrupted(sound.pieces)),
    "malformed_chunk": lambda _fault, sound: _with(sound, _UNREADABLE(sound.pieces)),
    "changed_id": lambda _fault, sound: _with(sound, _CHANGED(sound.pieces)),
    "html": lambda _fault, _sound: Delivery([_PAGE], headers={"Content-Type": "text/html; charset=utf-8"}),
}
BROKEN_OFF = {"error_midway": broken, "failed": failed}
FAULTS = tuple(chain(REFUSALS, BROKEN, SPOILT, DAMAGED, BROKEN_OFF))
