"""Where work is traced: spans cost nothing until a process names a tracer; what they note never holds what people wrote."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

Attributes = Mapping[str, str | int | float | bool]
Carrier = Mapping[str, str]
"""What leads from one process, or one run, to the next: the headers of W3C's trace context."""
_NONE: dict[str, str] = {}


class Kind(StrEnum):
    """What a span is to the other side of it."""

    INSIDE = "internal"
    ASKED = "server"
    ASKING = "client"
    SENDING = "producer"
    TAKING = "consumer"


class Span(Protocol):
    """A piece of work that is being traced."""

    def note(self, attributes: Attributes) -> None:
        """Add what has become known of it."""
        ...


class Tracer(Protocol):
    """Keeps spans; the present one is known to whatever runs within it, tasks and threads of `asyncio` included."""

    def span(
        self, name: str, kind: Kind, attributes: Attributes, after: Carrier | None, *, again: bool
    ) -> AbstractContextManager[Span]:
        """Trace a piece of work, below the present span, or below what `after` leads to; an error is noted by its kind."""
        ...

    def carrier(self) -> dict[str, str]:
        """Return what leads to the present span."""
        ...

    def ids(self) -> dict[str, str]:
        """Return `trace_id` and `span_id` of the present span, nothing outside of one."""
        ...


class _Silent:
    """The span of a process that traces nothing."""

    def note(self, attributes: Attributes) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        pass


_SILENT = _Silent()
_named: list[Tracer] = []


def trace_with(tracer: Tracer | None) -> None:
    """Name the tracer of this process, as logs are set up once for all of it; None traces nothing any more."""
    _named[:] = [tracer] if tracer else []


def span(
    name: str,
    attributes: Attributes = _NONE,
    *,
    kind: Kind = Kind.INSIDE,
    after: Carrier | None = None,
    again: bool = False,
) -> AbstractContextManager[Span]:
    """Trace a piece of work; with `again` an earlier run of it was cut off, and the span links to what led to both."""
    if not _named:
        return _SILENT
    return _named[0].span(name, kind, attributes, after, again=again)


def carrier() -> dict[str, str]:
    """Return what leads to the present span, for work that goes on elsewhere; nothing where nothing is traced."""
    return _named[0].carrier() if _named else {}


def ids() -> dict[str, str]:
    """Return `trace_id` and `span_id` of the present span, for the logs."""
    return _named[0].ids() if _named else {}
