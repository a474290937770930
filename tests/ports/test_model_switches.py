"""What calls to a model learn from what its server refuses, in the words of real providers."""

import pytest

from bot.llm.calls import TURNS
from tests.ports.calling import APIS, WHOLE, ask, calling, outcome
from tests.servers.model import PICKY, Fault, Honest, Model, Picky


@pytest.fixture
async def model():
    async with Model() as running:
        yield running


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
    model.behave(Picky(("features_vllm", "object_lmstudio", "temperature_azure")))
    async with calling(model, api) as calls:
        await ask(calls)
        await ask(calls)
    asked = [(call.format, "temperature" in call.body) for call in model.calls]
    tried = ["json_schema", "json_object", "text"]
    assert asked == [(form, True) for form in tried] + [("text", False)] + [(form, False) for form in tried]


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
        (Picky(("question_mistral",)), "failed refused"),
        (Picky(("prompt_azure",)), "failed content_filter"),
        (Picky(("prompt_vllm",)), "failed refused"),
        (Picky(("prompt_gateway",)), "transient status"),
        (Fault("context"), "failed refused"),
        (Fault("500"), "transient status"),
        (Fault("html"), "transient cut"),
    ],
    ids=[
        "repeats the question",
        "repeats it in full",
        "filters the prompt",
        "leaves no room",
        "dies",
        "too long",
        "broken",
        "not a model",
    ],
)
async def test_what_is_no_refusal_of_a_part_teaches_nothing(model, api, behaviour, expected):
    model.behave(behaviour, Honest())
    async with calling(model, api) as calls:
        assert await outcome(calls) == expected
        assert await outcome(calls) == WHOLE
    first, second = (call.body for call in model.calls)
    assert first == second
