"""Traces of this process, where they are asked for and can be sent."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec

import structlog

from bot.settings import Settings
from knowledge.spans import trace_with

log = structlog.get_logger()


def can_trace() -> bool:
    """Tell whether the extra `otel` is installed."""
    with suppress(ModuleNotFoundError):
        return find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    return False


@contextmanager
def tracing(settings: Settings) -> Iterator[None]:
    """Trace what this process does, where an address for spans is set and the extra `otel` is installed."""
    if not settings.traces:
        yield
        return
    if not can_trace():
        log.warning("traces.not_installed", needs="pip install '.[otel]'")
        yield
        return
    from bot.otel import OpenTelemetry

    tracer = OpenTelemetry()
    trace_with(tracer)
    try:
        yield
    finally:
        trace_with(None)
        tracer.close()
