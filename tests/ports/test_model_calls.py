"""One call to a model: what comes of every fault by either API, what it asks for, and what it counts."""

import asyncio
import math
import time

import pytest

from bot.llm.retry import Transient
from bot.prompt import schema
from tests.ports.calling import APIS, CONVERSATION, MOST, SCHEMA, WHOLE, ask, body, calling, outcome
from tests.servers.model import FAULTS, RETRY_AFTERS, Fault, Honest, Model, Picky, Says

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
    "refusal_at_once": "failed refusal",
    "at_once": WHOLE,
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
    model.behave(Says(text), Fault("remark"), Fault("spare"), Fault("at_once"))
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
    other = schema(["P1"])
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
