"""Messages that are written bit by bit, by the rules of the service: one person's chat, one stream, one request a second."""

from itertools import count

from tests.servers.teams.content import checked
from tests.servers.teams.model import Conversation, Json, Refused, Stream

PACE = 0.9
"""Seconds between two requests of a stream; the published figure is one, and clocks differ."""
LONGEST = 120.0
LONGEST_STATUS = 1_000


class Streams:
    """The streams of the service; `clock` counts seconds."""

    def __init__(self, clock) -> None:
        self._clock = clock
        self._ids = count(1)
        self.all: list[Stream] = []

    def take(self, where: Conversation, activity: Json) -> Stream | None:
        """Take a request that belongs to a stream; None for a plain message."""
        about = next((one for one in activity.get("entities") or [] if one.get("type") == "streaminfo"), None)
        if about is None:
            return None
        if where.kind != "personal":
            raise Refused(403, "ContentStreamNotAllowed", "Content stream is not allowed")
        checked(activity, streaming=True)
        kind, now = about.get("streamType"), self._clock()
        if kind == "informative" and len(activity.get("text") or "") > LONGEST_STATUS:
            raise Refused(400, "BadRequest", "the status is too long")
        if activity["type"] != ("message" if kind == "final" else "typing") or not activity.get("text"):
            raise Refused(400, "BadRequest", "the type of activity does not fit its stream, or there is no text")
        if kind == "final" and "streamSequence" in about:
            raise Refused(400, "BadRequest", "a final message has no sequence")
        if not about.get("streamId"):
            return self._begun(where, activity, about, now)
        return self._next(where, activity, about, now)

    def _begun(self, where: Conversation, activity: Json, about: Json, now: float) -> Stream:
        if about.get("streamType") == "final" or about.get("streamSequence") != 1:
            raise Refused(400, "BadRequest", "a stream begins with sequence 1")
        if any(one.conversation == where.id and not self._ended(one, now) for one in self.all):
            raise Refused(403, "ContentStreamNotAllowed", "one stream at a time")
        stream = Stream(f"stream-{next(self._ids)}", where.id, now, now)
        if about["streamType"] == "streaming":
            stream.text = activity["text"]
        self.all.append(stream)
        return stream

    def _next(self, where: Conversation, activity: Json, about: Json, now: float) -> Stream:
        stream = next((one for one in self.all if one.id == about["streamId"] and one.conversation == where.id), None)
        if stream is None:
            raise Refused(400, "BadRequest", "an unknown stream")
        if ended := self._ended(stream, now):
            raise Refused(403, "ContentStreamNotAllowed", ended)
        if now - stream.last < PACE:
            raise Refused(429, "TooManyRequests", "1 request a second")
        final, text = about["streamType"] == "final", activity["text"]
        if not final and about.get("streamSequence") != stream.sequence + 1:
            raise Refused(202, "ContentStreamSequenceOrderPreConditionFailed")
        if about["streamType"] == "informative" and stream.text:
            raise Refused(400, "BadRequest", "a status after text")
        if about["streamType"] != "informative":
            if not text.startswith(stream.text):
                raise Refused(403, "ContentStreamNotAllowed", "Content stream does not begin with the previous text")
            stream.text = text
        stream.sequence += 1
        stream.last = now
        if final:
            stream.over = "Content stream was already completed"
        return stream

    def _ended(self, stream: Stream, now: float) -> str:
        if not stream.over and now - stream.began > LONGEST:
            stream.over = "Content stream finished due to exceeded streaming time"
        return stream.over
