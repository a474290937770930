"""Structured logs on standard error: events with fields, never a question's text, a document's text or a secret."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRETS = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|sk-[\w-]{12,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)


def set_up_logs() -> None:
    """Send our events and the libraries' warnings to standard error as JSON lines, with secrets blacked out."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _blacked_out,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Bolt writes whole request bodies, with what people wrote, when a signature is wrong.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)


def only_warnings() -> None:
    """Leave only our warnings, on standard error: for commands whose output is their answer."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, _blacked_out, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def redact(text: str) -> str:
    """Return a text with everything that looks like a token or a password blacked out."""
    return _SECRETS.sub("***", text)


class _Lines(logging.Formatter):
    """Libraries' records as one line each, with secrets blacked out."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record)).replace("\n", "\\n")


def _blacked_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: redact(value) if isinstance(value, str) else value for name, value in event.items()}
