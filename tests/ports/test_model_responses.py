"""The local model speaks Responses as the client's own types have it, and refuses what that API refuses."""

import json

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.ports.calling import SCHEMA
from tests.servers.model import Fault, Model

EVENT = TypeAdapter(ResponseStreamEvent)
PROMPT = json.dumps({"question": "May we host data?", "passages": [{"id": "p", "text": "We may host data in Europe."}]})
FORMAT = {"type": "json_schema", **SCHEMA}
BEGIN = ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"]


@pytest.fixture
async def model():
    async with Model() as running:
        yield running


@pytest.fixture
async def client(model):
    async with AsyncOpenAI(base_url=model.base_url, api_key="sk-test", max_retries=0, timeout=5.0) as client:
        yield client


async def streamed(client, **changes):
    """The events of a stream as they were sent."""
    asked = {"model": "local-model", "input": PROMPT, "text": {"format": FORMAT}, "stream": True} | changes
    async with await client.responses.create(**asked) as stream:
        return [event.to_dict(mode="json") async for event in stream]


@pytest.mark.parametrize(
    ("kind", "part", "end"),
    [
        ("remark", "output_text", "completed"),
        ("length", "output_text", "incomplete"),
        ("content_filter", "output_text", "incomplete"),
        ("refusal", "refusal", "completed"),
    ],
)
async def test_a_stream_holds_the_events_of_the_api_in_their_order(model, client, kind, part, end):
    model.behave(Fault(kind))
    events = await streamed(client)
    for event in events:
        EVENT.validate_python(event)
    kinds = [event["type"] for event in events]
    assert kinds[:4] == BEGIN
    ending = [f"response.{part}.done", "response.content_part.done", "response.output_item.done", f"response.{end}"]
    assert kinds[-4:] == ending
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    texts = [event for event in events if event["type"] == f"response.{part}.delta"]
    last = max(event["output_index"] for event in texts)
    assert "".join(event["delta"] for event in texts if event["output_index"] == last) == model.calls[0].said


async def test_an_answer_without_a_stream_is_one_response(model, client):
    response = await client.responses.create(model="local-model", input=PROMPT, text={"format": FORMAT})
    Response.model_validate(response.to_dict(mode="json"))
    assert (response.status, response.output_text) == ("completed", model.calls[0].said)
    assert json.loads(response.output_text)["claims"]
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens > 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input": ""}, "Missing required parameter: 'input'."),
        ({"max_output_tokens": 8}, "Expected a value >= 16"),
        ({"text": {"format": {"type": "json_schema", "name": "claims"}}}, "'text.format.schema'"),
        ({"text": {"format": {"type": "json_object"}}, "input": "Hi"}, "the word 'json'"),
        ({"extra_body": {"response_format": {"type": "json_object"}}}, "has moved to 'text.format'"),
        ({"extra_body": {"stream_options": {"include_usage": True}}}, "Unknown parameter"),
    ],
    ids=["input", "least", "schema", "json", "moved", "usage"],
)
async def test_a_request_that_the_api_would_refuse_is_refused(model, client, changes, message):
    with pytest.raises(openai.BadRequestError) as caught:
        await streamed(client, **changes)
    assert message in caught.value.body["message"]
    assert [call.said for call in model.calls] == [""]
