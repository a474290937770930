"""A local model, and desks that ask it, for tests of questions with a language model."""

from collections.abc import AsyncIterator, Callable

import pytest

from bot import build
from bot.desk import Desk
from bot.settings import Settings
from tests.servers.model import Model


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    """A model server of one's own, honest unless told otherwise."""
    async with Model() as server:
        yield server


@pytest.fixture
async def modelled(
    model: Model, library: build.Library, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[..., Desk]]:
    """Makes desks over the starter library that ask the model, with the test module's BUDGET of seconds and further settings."""
    desks: list[Desk] = []

    def make(**more: object) -> Desk:
        settings = {"CAVEAT_BUDGET_SECONDS": request.module.BUDGET, **more}
        desks.append(build.desk(Settings(CAVEAT_MODEL="local", OPENAI_BASE_URL=model.base_url, **settings), library))
        return desks[-1]

    yield make
    for desk in desks:
        await desk.drafting.close()
