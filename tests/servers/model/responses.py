"""An answer in the shapes of Responses: one response, or the events of its stream, which ends without [DONE]."""

from collections.abc import Iterator
from itertools import count

from tests.servers.model.completion import Completion, compact, event
from tests.servers.model.request import Json

_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}


def whole(completion: Completion) -> bytes:
    """Write the answer as one object."""
    return compact(_response(completion, _status(completion), _output(completion)))


def events(completion: Completion) -> list[bytes]:
    """Write the answer as a stream, numbered from 0; what did not stop by itself ends with `response.incomplete`."""
    numbers = count()
    return [event({"type": kind, "sequence_number": next(numbers)} | held, kind) for kind, held in _events(completion)]


def failed(completion_id: str, error: Json, number: int) -> bytes:
    """Write the event of a response that failed."""
    response = {"id": completion_id, "object": "response", "status": "failed", "error": error, "output": []}
    return event({"type": "response.failed", "sequence_number": number, "response": response}, "response.failed")


def _events(completion: Completion) -> Iterator[tuple[str, Json]]:
    begun = _response(completion, "in_progress", [])
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    for at, item in enumerate([] if completion.at_once else _output(completion)):
        yield from _message(item, at, completion.piece)
    last = "incomplete" if completion.finish in _REASONS else "completed"
    yield (
        f"response.{last}",
        {"response": _response(completion, _status(completion), [] if completion.spare else _output(completion))},
    )


def _message(item: Json, at: int, piece: int) -> Iterator[tuple[str, Json]]:
    (part,) = item["content"]
    name = "refusal" if part["type"] == "refusal" else "text"
    kind = "response.refusal" if name == "refusal" else "response.output_text"
    logprobs: Json = {"logprobs": []} if name == "text" else {}
    place = {"output_index": at}
    yield "response.output_item.added", place | {"item": item | {"status": "in_progress", "content": []}}
    inside = place | {"item_id": item["id"], "content_index": 0}
    yield "response.content_part.added", inside | {"part": part | {name: ""}}
    for start in range(0, len(part[name]), piece):
        yield f"{kind}.delta", inside | {"delta": part[name][start : start + piece]} | logprobs
    yield f"{kind}.done", inside | {name: part[name]} | logprobs
    yield "response.content_part.done", inside | {"part": part}
    yield "response.output_item.done", place | {"item": item}


def _response(completion: Completion, status: str | None, output: list[Json]) -> Json:
    reason = _REASONS.get(completion.finish or "")
    ended = status != "in_progress"
    usage = completion.usage
    return {
        "id": completion.id,
        "object": "response",
        "created_at": completion.created,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reason} if reason and ended else None,
        "model": completion.model,
        "output": output,
        "store": False,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": usage["prompt_tokens"],
            "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
            "output_tokens": usage["completion_tokens"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage["total_tokens"],
        }
        if ended and not completion.spare
        else None,
    }


def _status(completion: Completion) -> str | None:
    return "incomplete" if completion.finish in _REASONS else "completed" if completion.finish else None


def _output(completion: Completion) -> list[Json]:
    answer = _item("msg_answer", _part(completion), _status(completion) or "in_progress")
    if not completion.remark:
        return [answer]
    remark = _item("msg_remark", _text(completion.remark), "completed")
    return [remark | {"phase": "commentary"}, answer | {"phase": "final_answer"}]


def _item(name: str, part: Json, status: str) -> Json:
    return {"id": name, "type": "message", "status": status, "role": "assistant", "content": [part]}


def _part(completion: Completion) -> Json:
    if completion.refusal:
        return {"type": "refusal", "refusal": completion.refusal}
    return _text(completion.content)


def _text(said: str) -> Json:
    return {"type": "output_text", "text": said, "annotations": [], "logprobs": []}
