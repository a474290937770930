"""Pruning a state folder that is in use: what nobody reads goes, what was removed is said so, and questions go on."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import update
from typer.testing import CliRunner

from bot import build
from bot.cli import app
from bot.settings import Settings
from knowledge.store import schema
from tests.flows.asking import ask

HOSTING = "Can we host EU customer data on Alibaba Cloud?"


def run(home, *arguments, **environment):
    ran = CliRunner().invoke(app, [*arguments, "--json"], env={"CAVEAT_HOME": str(home), **environment})
    return json.loads(ran.stdout), ran.exit_code


def test_pruning_leaves_what_is_served_and_says_of_a_receipt_that_its_time_was_over(home):
    library = build.library(Settings(CAVEAT_HOME=home))
    desk = build.desk(Settings(CAVEAT_HOME=home), library)
    first = asyncio.run(ask(desk, HOSTING))
    (shelf, *_) = library.ledger.shelves(1)
    library.segments.write("kb-stray", ["p1"], np.ones((1, 256), np.float32))
    stray = library.refresher.shop.shelves._folder / "kb-stray"
    stray.mkdir()
    with library.engine.begin() as connection:
        connection.execute(update(schema.receipts).values(created_at=datetime.now(UTC) - timedelta(days=40)))
    second = asyncio.run(ask(desk, HOSTING))

    with library.refresher.lease():
        body, code = run(home, "prune")
    assert (body, code) == ({"removed": {}, "refresh_running": True}, 0)
    assert stray.is_dir(), "a refresh may be about to publish it"
    body, _ = run(home, "prune", CAVEAT_RETENTION_DAYS="30")
    assert body == {"removed": {"receipts": 1, "shelves": 1}, "refresh_running": False}
    assert not stray.exists()
    assert shelf.name in library.segments.names()
    assert "kb-stray" not in library.segments.names()

    told, code = run(home, "receipt", first.id)
    assert (code, "its seal is kept" in told["error"]) == (2, True)
    kept, code = run(home, "receipt", second.id)
    assert (code, kept["question"]) == (0, HOSTING)
    chain, code = run(home, "receipt", "--verify")
    assert (code, chain["untouched"], chain["receipts"], chain["removed"]) == (0, True, 2, 1)
    (deed,) = run(home, "audit")[0]["actions"]
    assert (deed["what"], deed["subject"]) == ("receipts removed", "1")
    third = asyncio.run(ask(desk, HOSTING))
    assert [claim.quote for claim in third.claims] == [claim.quote for claim in second.claims]
    library.engine.dispose()
