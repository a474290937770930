"""What the tests of calls to a model share: a conversation, a call, and what it ends in, in one line."""

import json
from contextlib import asynccontextmanager

from bot.errors import ModelFailed
from bot.llm.calls import Calls
from bot.llm.retry import Transient
from bot.prompt import schema

APIS = ("chat", "responses")
MOST = 700
SCHEMA = schema(["P1", "P2"])
TEXT = "EU customer data must not be hosted outside the European Union unless it is approved in writing."
ASKED = {"question": "May we host EU customer data abroad?", "passages": [{"id": "p1", "text": TEXT}]}
CONVERSATION = [{"role": "system", "content": "Answer in json."}, {"role": "user", "content": json.dumps(ASKED)}]
WHOLE = "whole"


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
