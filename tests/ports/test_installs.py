"""What is kept of installations: unreadable without the keys, bound to its workspace, good until it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from knowledge.errors import InstallUnreadable
from knowledge.store import schema
from knowledge.store.installs import Installs, States

OLD, NEW = "an-old-key-that-nobody-can-guess-1", "a-new-key-that-nobody-can-guess-22"
BODY = {"token": "xoxb-acme-secret", "bot_user": "U0BOT"}


def stored(engine) -> dict[str, bytes]:
    with engine.connect() as connection:
        return {row.name: row.body for row in connection.execute(select(schema.installs))}


def test_an_installation_is_kept_encrypted_under_its_workspace_and_moves_to_a_new_key(engine):
    before = Installs(engine, [OLD])
    before.keep("T0ACME", {"token": "xoxb-first"})
    before.keep("T0ACME", BODY)
    assert (before.find("T0ACME"), before.find("T0OTHER")) == (BODY, None)
    assert b"xoxb" not in stored(engine)["T0ACME"]
    between = Installs(engine, [NEW, OLD])
    assert between.find("T0ACME") == BODY
    assert between.rotate() == 0
    after = Installs(engine, [NEW])
    assert after.find("T0ACME") == BODY
    with pytest.raises(InstallUnreadable):
        Installs(engine, [OLD]).find("T0ACME")
    assert Installs(engine, [OLD]).rotate() == 1
    assert after.find("T0ACME") == BODY


def test_a_row_that_is_copied_to_another_workspace_opens_nothing_there(engine):
    installs = Installs(engine, [NEW])
    installs.keep("T0ACME", BODY)
    installs.keep("T0OTHER", {"token": "xoxb-other"})
    with engine.begin() as connection:
        moved = update(schema.installs).where(schema.installs.c.name == "T0OTHER")
        connection.execute(moved.values(body=stored(engine)["T0ACME"]))
    with pytest.raises(InstallUnreadable):
        installs.find("T0OTHER")


def test_an_end_that_comes_late_does_not_take_away_the_installation_made_after_it(engine):
    installs = Installs(engine, [NEW])
    installs.keep("T0ACME", BODY)
    now = datetime.now(UTC)
    assert not installs.remove("T0ACME", now - timedelta(minutes=5))
    assert installs.names() == ["T0ACME"]
    assert installs.remove("T0ACME", now + timedelta(seconds=1))
    assert (installs.names(), installs.remove("T0ACME", now)) == ([], False)


def test_a_state_is_good_once_and_for_a_while_and_only_its_hash_is_kept(engine):
    states = States(engine)
    state = states.issue()
    with engine.connect() as connection:
        assert state not in str(connection.execute(select(schema.install_states)).all())
    assert [states.consume(state), states.consume(state), states.consume("guessed")] == [True, False, False]
    assert not States(engine, seconds=0).consume(States(engine, seconds=0).issue())
