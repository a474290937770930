"""Structured logs on standard error: events with fields, never a question's text, a document's text or a secret."""

import json
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.typing import ExcInfo

from knowledge.spans import ids

_SECRETS = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|sk-[\w-]{12,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)

_STATEMENT = re.compile(r"\s*\[(?:SQL|parameters): .*", re.DOTALL)
"""What SQLAlchemy adds to its errors: the statement, with the values that it was sent."""


def set_up_logs() -> None:
    """Send our events and the libraries' warnings to standard error as JSON lines, with secrets blacked out."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _in_trace,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_traced),
            _blacked_out,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    durable = logging.getLogger("dbos")
    durable.handlers[:] = [handler]  # it brings one of its own, which writes no JSON
    durable.propagate = False
    # Bolt writes whole request bodies, with what people wrote, when a signature is wrong.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)


def only_warnings() -> None:
    """Leave only our warnings, on standard error: for commands whose output is their answer."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, _blacked_out, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def redact(text: str) -> str:
    """Return a text with everything that looks like a token or a password blacked out."""
    return _SECRETS.sub("***", text)


class _Lines(logging.Formatter):
    """Libraries' records as JSON lines like ours, with secrets blacked out."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": redact(_STATEMENT.sub("", record.getMessage())),
            "logger": record.name,
            "level": record.levelname.lower(),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = _traced(record.exc_info)
        return json.dumps({**line, **ids(), "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat()})


def _traced(exc_info: ExcInfo) -> str:
    """Return where an exception came from and its kind; its words may hold what people wrote, so they are left out."""
    parts: list[str] = []
    error: BaseException | None = exc_info[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:  # an error that is raised from itself is its own cause
        seen.add(id(error))
        parts.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nfrom\n".join(parts)


def _in_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the trace that an event belongs to, where one is under way."""
    event.update(ids())
    return event


def _blacked_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: redact(value) if isinstance(value, str) else value for name, value in event.items()}
