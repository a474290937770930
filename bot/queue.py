"""The one queue: how work is stored in it, by names that the database keeps, and traced from its event to its end."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from dbos import DBOS, EnqueueOptions

from knowledge.spans import Attributes, Kind, Span, span

QUEUE = "conversations"
"""One partition for each conversation: its questions are worked on one after the other, in the order they came."""
WORKFLOW = "answer"
AGAIN = "again"
"""The workflow that tries an undelivered answer again."""
VERSION = "1"
"""Raised only when work that was stored before an upgrade can no longer be done by the code after it."""
ADMITTED = 96
"""Questions that one process has before it, waiting ones included; they wait for each other by asker, not by arrival."""
POLL_SECONDS = 0.1
TRACE = "trace"
"""Where a payload has what leads to the trace of its event."""
_MESSAGING = {"messaging.system": "dbos", "messaging.destination.name": QUEUE}


def make_queue() -> None:
    """Tell the engine of the queue, once it is launched."""
    DBOS.register_queue(QUEUE, worker_concurrency=ADMITTED, partition_concurrency=1, polling_interval_sec=POLL_SECONDS)


def enqueue(workflow: str, work: str, conversation: str, *arguments: Any) -> None:
    """Store work under its own name; the same name again changes nothing."""
    options: EnqueueOptions = {
        "workflow_name": workflow, "queue_name": QUEUE, "workflow_id": work, "app_version": VERSION,
        "queue_partition_key": conversation,
    }  # fmt: skip
    DBOS.enqueue_workflow_with_options(options, *arguments)


def retry(key: str, tries: int) -> str:
    """Return the name of the work that tries a letter again, after so many tries."""
    return f"{AGAIN}:{key}:{tries}"


def sending() -> AbstractContextManager[Span]:
    """Trace that work is stored."""
    return span(f"send {QUEUE}", {**_MESSAGING, "messaging.operation.type": "send"}, kind=Kind.SENDING)


def taking(payload: Mapping[str, Any], *, again: bool) -> AbstractContextManager[Span]:
    """Trace work that was taken from the queue, in the trace of its event; a later run of it links to that."""
    about: Attributes = {**_MESSAGING, "messaging.operation.type": "process", "caveat.again": again}
    return span(f"process {QUEUE}", about, kind=Kind.TAKING, after=payload.get(TRACE), again=again)
