"""Spans by OpenTelemetry, sent as OTLP over HTTP; its own environment variables say where, and what the service is called."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    SpanKind,
    Status,
    StatusCode,
    format_span_id,
    format_trace_id,
    get_current_span,
    use_span,
)
from opentelemetry.trace import Span as Traced
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from knowledge.spans import Attributes, Carrier, Kind

SERVICE = "caveat"
LAST = 3_000
"""Milliseconds that a process waits at its end for its last spans to be taken."""
_UNNAMED = "unknown_service"
_COMMAND = "process.command"
_KINDS = {
    Kind.INSIDE: SpanKind.INTERNAL, Kind.ASKED: SpanKind.SERVER, Kind.ASKING: SpanKind.CLIENT,
    Kind.SENDING: SpanKind.PRODUCER, Kind.TAKING: SpanKind.CONSUMER,
}  # fmt: skip
_FORMAT = TraceContextTextMapPropagator()


class _Noted:
    """A span as our code sees it."""

    def __init__(self, traced: Traced) -> None:
        self._traced = traced
        self.failed = False

    def note(self, attributes: Attributes) -> None:
        """Add attributes."""
        self.failed = self.failed or "error.type" in attributes
        self._traced.set_attributes(dict(attributes))


class OpenTelemetry:
    """Traces with a provider of its own: no library that looks for a global one sends what it likes."""

    def __init__(self) -> None:
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer(SERVICE, version("caveat"))

    @contextmanager
    def span(
        self, name: str, kind: Kind, attributes: Attributes, after: Carrier | None, *, again: bool
    ) -> Iterator[_Noted]:
        """Trace a piece of work; of an error its kind is kept and not its words, which may hold what people wrote."""
        context = _FORMAT.extract(after) if after else None
        led = get_current_span(context).get_span_context()
        links = [Link(led)] if again and led.is_valid else []
        traced = self._tracer.start_span(name, context, _KINDS[kind], dict(attributes), links)
        noted = _Noted(traced)
        with use_span(traced, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield noted
            except BaseException as error:
                if not noted.failed:
                    traced.set_attribute("error.type", type(error).__qualname__)
                traced.set_status(Status(StatusCode.ERROR))
                raise

    def carrier(self) -> dict[str, str]:
        """Return the headers that lead to the present span."""
        held: dict[str, str] = {}
        _FORMAT.inject(held)
        return held

    def ids(self) -> dict[str, str]:
        """Return the ids of the present span in hex."""
        present = get_current_span()
        if present is INVALID_SPAN:
            return {}
        context = present.get_span_context()
        return {"trace_id": format_trace_id(context.trace_id), "span_id": format_span_id(context.span_id)}

    def close(self) -> None:
        """Send what is left, within a few seconds."""
        self._provider.force_flush(LAST)
        self._provider.shutdown()


def _resource() -> Resource:
    """Return what this process is: as the environment says, without its command line, which may be a question."""
    found = Resource.create({"service.version": version("caveat")})
    attributes = {name: value for name, value in found.attributes.items() if not name.startswith(_COMMAND)}
    if str(attributes.get(SERVICE_NAME, _UNNAMED)).startswith(_UNNAMED):
        attributes[SERVICE_NAME] = SERVICE
    return Resource(attributes, found.schema_url)
