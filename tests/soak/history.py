"""Reads what a local Slack wrote down and tells what was lost, doubled, left unfinished or answered out of order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.slack.post import EVENT, WAITING, marker
from tests.servers.slack import Slack
from tests.servers.slack.model import Message


@dataclass(frozen=True)
class Asked:
    """An event as it was sent: when it was first sent and first acknowledged, by one clock; never is None."""

    key: str
    channel: str
    thread: str
    sent: float
    acked: float | None


@dataclass(frozen=True)
class Verdict:
    """What went wrong, by key; all empty is what was promised."""

    acked: int
    answered: int
    updated: int
    streamed: int
    lost: tuple[str, ...]
    double: tuple[str, ...]
    stuck: tuple[str, ...]
    disordered: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Tell whether every promise was kept."""
        return not (self.lost or self.double or self.stuck or self.disordered)


def verdict(slack: Slack, asked: Iterable[Asked]) -> Verdict:
    """Judge the events that were sent by the messages that stand, and by all that were ever posted."""
    asked = list(asked)
    by_marker = {marker(one.key): one.key for one in asked}
    named = {
        id(message): _key(message) or _streamed(message, by_marker)
        for channel in slack.workspace.channels for message in slack.messages(channel)
    }  # fmt: skip
    ours = [
        message for channel in slack.workspace.channels for message in slack.messages(channel) if named[id(message)]
    ]
    final = {_key(message): message for message in ours if not _waits(message)}
    standing = Counter(named[id(message)] for message in ours)
    posted = Counter(_key(call.args) for call in slack.calls("chat.postMessage") if call.ok)
    started = [call for call in slack.calls("chat.startStream") if call.ok]
    posted.update(_begun(call.args["chunks"], by_marker) for call in started)
    return Verdict(
        acked=sum(one.acked is not None for one in asked),
        answered=len(final),
        updated=sum(call.ok for call in slack.calls("chat.update")),
        streamed=len(started),
        lost=tuple(one.key for one in asked if one.acked is not None and one.key not in final),
        double=tuple(key for key, times in (standing | posted).items() if key and times > 1),
        stuck=tuple(named[id(message)] for message in ours if _waits(message)),
        disordered=tuple(_disordered(asked, final)),
    )


def _disordered(asked: list[Asked], final: dict[str, Message]) -> Iterable[str]:
    """Yield the questions that were answered after one which came to the same thread when they had been acknowledged."""
    answered = [one for one in asked if one.acked is not None and one.key in final]
    for later in answered:
        for before in answered:
            together = (before.channel, before.thread) == (later.channel, later.thread)
            if together and before.acked < later.sent and float(final[before.key].ts) > float(final[later.key].ts):
                yield before.key


def _mark(message: Message | dict) -> dict:
    mark = (message.get("metadata") if isinstance(message, dict) else message.metadata) or {}
    return mark.get("event_payload", {}) if mark.get("event_type") == EVENT else {}


def _key(message: Message | dict) -> str:
    return _mark(message).get("key", "")


def _streamed(message: Message, by_marker: dict[str, str]) -> str:
    """Return the key of a stream, which has no metadata before it ends."""
    return _begun(message.stream.chunks, by_marker) if message.stream else ""


def _begun(chunks: list[dict], by_marker: dict[str, str]) -> str:
    ids = (chunk["id"].rpartition("-")[0] for chunk in chunks if chunk["type"] == "task_update")
    return next((by_marker[one] for one in ids if one in by_marker), "")


def _waits(message: Message) -> bool:
    return message.metadata is None or _mark(message).get("state") == WAITING
