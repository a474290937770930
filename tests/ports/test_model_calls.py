"""One call to a model: what comes of every fault by either API, what is learned from refusals, what is counted."""

import asyncio
import json
import math
import time
from contextlib import asynccontextmanager

import pytest

from bot.errors import ModelFailed
from bot.llm.calls import TURNS, Calls
from bot.llm.retry import Transient
from bot.prompt import SCHEMA
from tests.servers.model import FAULTS, PICKY, RETRY_AFTERS, Fault, Honest, Model, Picky, Says

APIS = ("chat", "responses")
MOST = 700
TEXT = "EU customer data must not be hosted outside the European Union unless it is approved in writing."
ASKED = {"question": "May we host EU customer data abroad?", "passages": [{"id": "p1", "text": TEXT}]}
CONVERSATION = [{"role": "system", "content": "Answer in json."}, {"role": "user", "content": json.dumps(ASKED)}]
WHOLE = "whole"
OUTCOMES = {
    "400": WHOLE,
    "401": "failed refused",
    "404": "failed refused",
    "context": "failed refused",
    "429": "transient status",
    "quota": "failed quota",
    "500": "transient status",
    "503": "transient status",
    "refused": "transient connection",
    "reset": "transient connection",
    "reset_headers": "transient connection",
    "closed": "transient connection",
    "black_hole": "transient timeout",
    "length": "failed length",
    "content_filter": "failed content_filter",
    "null": "transient cut",
    "malformed": WHOLE,
    "truncated": WHOLE,
    "wrong_schema": WHOLE,
    "huge": "failed too_long",
    "refusal": "failed refusal",
    "remark": WHOLE,
    "spare": WHOLE,
    "wrong_id": WHOLE,
    "drip": WHOLE,
    "stall": "transient timeout",
    "cut": "transient connection",
    "cut_reset": "transient connection",
    "cut_clean": "transient cut",
    "cut_done": "transient cut",
    "corrupt_byte": "transient garbled",
    "malformed_chunk": "transient garbled",
    "changed_id": WHOLE,
    "html": "transient cut",
    "error_midway": "transient status",
    "failed": "transient status",
}
"""What a call ends in: a whole reply, whatever it says, or an error and why."""


@pytest.fixture
async def model():
    async with Model() as running:
        yield running


@asynccontextmanager
async def calling(model, api="chat", **changes):
    calls = Calls(**{"model": "local-model", "key": "sk-test", "base_url": model.base_url, "api": api} | changes)
    yield calls
    await calls.close()


def ask(calls, left=5.0):
    return calls.once(CONVERSATION, SCHEMA, left, MOST)


async def outcome(calls, left=5.0):
    """What a call ends in, in one line."""
    try:
        await ask(calls, left)
    except Transient as error:
        return f"transient {error.why}"
    except ModelFailed as error:
        return f"failed {error.why}"
    return WHOLE


def body(model):
    return model.calls[-1].body


# Faults


@pytest.mark.parametrize("api", APIS)
async def test_every_fault_ends_in_the_same_by_either_api(model, api):
    found = {}
    async with calling(model, api) as calls:
        for kind in FAULTS:
            model.behave(Fault(kind, seconds=0.001))
            asked = len(model.calls)
            found[kind] = await outcome(calls, 0.3 if kind in {"black_hole", "stall"} else 5.0)
            assert len(model.calls) - asked == {"400": 2, "refused": 0}.get(kind, 1), kind
    assert found == OUTCOMES


@pytest.mark.parametrize("api", APIS)
async def test_a_reply_is_what_the_model_said_without_what_it_remarked_before(model, api):
    text = "Zürich § 4.1 „und“ 中国\n" * 100
    model.behave(Says(text), Fault("remark"), Fault("spare"), Fault("changed_id"))
    async with calling(model, api) as calls:
        for _ in range(4):
            assert (await ask(calls)).text == model.calls[-1].said
    assert model.calls[0].said == text


@pytest.mark.parametrize("api", APIS)
async def test_a_rate_limit_says_how_long_to_wait(model, api):
    waits = dict.fromkeys(RETRY_AFTERS, 0.0) | {"1": 1.0, "30": 30.0, "3600": 3600.0}
    async with calling(model, api) as calls:
        for asked in RETRY_AFTERS:
            model.behave(Fault("429", retry_after=asked))
            with pytest.raises(Transient) as caught:
                await ask(calls)
            right = 25 < caught.value.wait <= 30 if asked == "date" else caught.value.wait == waits[asked]
            assert right, asked
        model.behave(Fault("503", retry_after="30", retry_after_ms="250"))
        with pytest.raises(Transient) as caught:
            await ask(calls)
        assert caught.value.wait == 0.25


@pytest.mark.parametrize("api", APIS)
async def test_only_statuses_that_may_pass_are_transient(model, api):
    passing = {408, 409, 429, 500, 502, 503, 504, 529}
    async with calling(model, api) as calls:
        for status in (400, 401, 402, 403, 404, 413, 422, *passing):
            model.behave(Fault("500", status=status))
            expected = (
                "transient status" if status in passing else "failed quota" if status == 402 else "failed refused"
            )
            assert (status, await outcome(calls)) == (status, expected)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("kind", ["error_midway", "failed"])
async def test_an_error_within_a_stream_is_judged_by_its_code(model, api, kind):
    async with calling(model, api) as calls:
        for code, expected in {
            None: "transient status",
            "server_error": "transient status",
            "rate_limit_exceeded": "transient status",
            "429": "transient status",
            "insufficient_quota": "failed quota",
            "content_filter": "failed content_filter",
            "invalid_prompt": "failed refused",
            "context_length_exceeded": "failed refused",
            "data_residency_mismatch": "failed refused",
            "400": "failed refused",
        }.items():
            model.behave(Fault(kind, code=code))
            assert (code, await outcome(calls)) == (code, expected)


@pytest.mark.parametrize("api", APIS)
async def test_a_server_that_does_not_hang_up_after_the_end_mark_costs_a_moment(model, api):
    model.behave(Fault("stall", after=10**9), Honest())
    async with calling(model, api) as calls:
        started = time.monotonic()
        assert (await ask(calls)).text == model.calls[0].said
        assert time.monotonic() - started < 1.0
        assert await outcome(calls) == WHOLE


@pytest.mark.parametrize("api", APIS)
async def test_a_drip_is_ended_by_the_deadline_of_the_caller_and_a_cancellation_is_none_of_ours(model, api):
    model.behave(Fault("drip", says=Says("A" * 400), seconds=0.1))
    async with calling(model, api) as calls:
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await ask(calls)
        assert time.monotonic() - started < 1.0
        task = asyncio.create_task(ask(calls))
        await model.called(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


# What is asked and counted


async def test_chat_is_asked_for_typed_claims_for_usage_and_for_no_more_than_it_may_cost(model):
    async with calling(model, "chat") as calls:
        await ask(calls)
    assert body(model) == {
        "model": "local-model",
        "messages": CONVERSATION,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0,
        "max_tokens": MOST,
        "response_format": {"type": "json_schema", "json_schema": SCHEMA},
    }


async def test_responses_are_asked_for_the_same_and_to_store_nothing(model):
    async with calling(model, "responses") as calls:
        await ask(calls)
    assert body(model) == {
        "model": "local-model",
        "input": CONVERSATION,
        "stream": True,
        "store": False,
        "temperature": 0,
        "max_output_tokens": MOST,
        "text": {"format": {"type": "json_schema", **SCHEMA}},
    }


async def test_openai_itself_is_asked_by_the_limit_that_all_its_models_know(model, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", model.base_url)
    model.behave(Picky(("limit_mistral",)))
    async with calling(model, "chat", base_url="") as calls:
        await ask(calls)
    first, second = (call.body for call in model.calls)
    assert first["max_completion_tokens"] == second["max_tokens"] == MOST
    assert "max_completion_tokens" not in second


async def test_another_schema_is_asked_for_as_it_comes(model):
    other = json.loads(json.dumps(SCHEMA))
    other["schema"]["properties"]["claims"]["items"]["properties"]["passage_id"]["enum"] = ["p1"]
    async with calling(model, "responses") as calls:
        await calls.once(CONVERSATION, other, 5.0, MOST)
        await ask(calls)
    assert [call.body["text"]["format"]["schema"] for call in model.calls] == [other["schema"], SCHEMA["schema"]]


@pytest.mark.parametrize("api", APIS)
async def test_tokens_are_those_that_the_server_counted(model, api):
    model.behave(Says("x" * 400))
    async with calling(model, api) as calls:
        counted = await ask(calls)
    assert (counted.tokens_in, counted.tokens_out, counted.counted) == (
        len(model.calls[0].task.context) // 4,
        101,
        True,
    )


@pytest.mark.parametrize(("api", "behaviour"), [
    ("chat", Picky(("usage_azure",), Says("x" * 401))),
    ("chat", Fault("spare", Says("x" * 401))),
    ("responses", Fault("spare", Says("x" * 401))),
])  # fmt: skip
async def test_tokens_are_estimated_where_the_server_does_not_count(model, api, behaviour):
    model.behave(behaviour)
    async with calling(model, api) as calls:
        guessed = await ask(calls)
    asked = math.ceil(sum(len(one["content"]) for one in CONVERSATION) / 4)
    assert (guessed.tokens_in, guessed.tokens_out, guessed.counted) == (asked, 101, False)


# What is learned


LEFT_OUT = {
    "temperature": ("temperature", APIS),
    "schema": ("", APIS),
    "usage": ("stream_options", ("chat",)),
    "limit_openai": ("max_tokens", ("chat",)),
    "limit_codex": ("max_output_tokens", ("responses",)),
}
"""What is gone from a request after a refusal, and by which API it is asked for at all."""


@pytest.mark.parametrize(
    ("kind", "gone", "api"),
    [
        (kind, gone, api)
        for start, (gone, apis) in LEFT_OUT.items()
        for kind in PICKY
        if kind.startswith(start)
        for api in apis
    ],
)
async def test_what_a_server_refuses_is_left_out_at_once_and_from_then_on(model, kind, gone, api):
    model.behave(Picky((kind,)))
    async with calling(model, api) as calls:
        for _ in range(2):
            assert (await ask(calls)).text == model.calls[-1].said
    bodies = [call.body for call in model.calls]
    assert [PICKY[kind].refuses(call) for call in model.calls] == [True, False, False]
    assert bodies[1] == bodies[2]
    assert bodies[0].keys() - bodies[1].keys() == ({gone} if gone else set())


@pytest.mark.parametrize("api", APIS)
async def test_a_schema_that_is_refused_says_nothing_of_the_next_one(model, api):
    model.behave(Picky(("features_vllm", "temperature_azure")))
    async with calling(model, api) as calls:
        await ask(calls)
        await ask(calls)
    formats = [(call.format, "temperature" in call.body) for call in model.calls]
    learned, kept = ("json_schema", False), ("json_object", False)
    assert formats == [("json_schema", True), ("json_object", True), kept, learned, kept]


@pytest.mark.parametrize("api", APIS)
async def test_formats_are_tried_from_the_strictest_to_none(model, api):
    model.behave(Picky(("schema_deepseek", "object_lmstudio")))
    async with calling(model, api) as calls:
        await ask(calls)
    assert [call.format for call in model.calls] == ["json_schema", "json_object", "text"]


async def test_a_limit_has_another_name_and_then_none(model):
    model.behave(Picky(("limit_openai", "limit_litellm")))
    async with calling(model) as calls:
        await ask(calls)
    limits = [[name for name in call.body if name.startswith("max")] for call in model.calls]
    assert limits == [["max_tokens"], ["max_completion_tokens"], []]


@pytest.mark.parametrize("kind", [kind for kind in PICKY if kind.startswith("chat")])
async def test_a_model_that_only_answers_by_responses_is_asked_so_from_then_on(model, kind):
    model.behave(Picky((kind, "temperature_azure")))
    async with calling(model, "auto") as calls:
        await ask(calls)
        await ask(calls)
    assert [call.api for call in model.calls] == ["chat", "responses", "responses", "responses"]
    async with calling(model, "chat") as calls:
        assert await outcome(calls) == "failed refused"


@pytest.mark.parametrize("kind", [kind for kind in PICKY if kind.startswith("responses")])
async def test_the_way_back_is_found_too(model, kind):
    model.behave(Picky(("chat_openai",)), Picky(("chat_openai",)), Picky((kind,)))
    async with calling(model, "auto") as calls:
        for _ in range(3):
            await ask(calls)
    assert [call.api for call in model.calls] == ["chat", "responses", "responses", "chat", "chat"]
    async with calling(model, "responses") as calls:
        assert await outcome(calls) == "failed refused"


async def test_a_server_with_neither_api_is_asked_by_both_and_nothing_is_learned(model):
    model.behave(Picky(("chat_openai", "responses_ollama")))
    async with calling(model, "auto") as calls:
        assert await outcome(calls) == "failed refused"
        assert [call.api for call in model.calls] == ["chat", "responses"]
        model.behave(Honest())
        await ask(calls)
    assert model.calls[-1].api == "chat"


async def test_a_missing_model_is_not_looked_for_by_the_other_api(model):
    model.behave(Fault("404"))
    async with calling(model, "auto") as calls:
        assert await outcome(calls) == "failed refused"
    assert [call.api for call in model.calls] == ["chat"]


async def test_a_call_is_asked_again_so_often_and_no_more(model):
    worst = ("temperature_azure", "usage_azure", "schema_deepseek", "object_lmstudio", "limit_openai", "limit_mistral")
    model.behave(Picky(worst))
    async with calling(model) as calls:
        assert await outcome(calls) == WHOLE
    assert len(model.calls) == 1 + TURNS
    model.behave(Picky((*worst, "chat_openai")))
    async with calling(model, "auto") as calls:
        assert await outcome(calls) == "failed refused"
    assert len(model.calls) == 2 * (1 + TURNS)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (Picky(("question_vllm",)), "failed refused"),
        (Picky(("prompt_azure",)), "failed content_filter"),
        (Fault("context"), "failed refused"),
        (Fault("500"), "transient status"),
        (Fault("html"), "transient cut"),
    ],
    ids=["repeats the question", "filters the prompt", "too long", "broken", "not a model"],
)
async def test_what_is_no_refusal_of_a_part_teaches_nothing(model, api, behaviour, expected):
    model.behave(behaviour, Honest())
    async with calling(model, api) as calls:
        assert await outcome(calls) == expected
        assert await outcome(calls) == WHOLE
    first, second = (call.body for call in model.calls)
    assert first == second
