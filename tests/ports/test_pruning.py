"""What pruning takes out of a ledger and a queue, on SQLite and on PostgreSQL, and what is needed that it leaves."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from dbos import DBOSClient, run_dbos_database_migrations
from sqlalchemy import create_engine, func, select, text, update

from bot.pruning import FINISHED, forget
from bot.settings import Settings
from knowledge.evidence import Turn
from knowledge.store import schema
from knowledge.store.conversation import Gaps, Turns
from knowledge.store.durable import Asked, DeadLetter, DeadLetters, Window
from knowledge.store.feedback import UP, Feedback, Opinion
from knowledge.store.history import History
from knowledge.store.ledger import Ledger
from knowledge.store.material import Material
from knowledge.store.posts import Post, Posts
from knowledge.store.pruning import BACK, Pruning
from knowledge.store.publishing import Publishing
from knowledge.store.reads import Read, Reads
from knowledge.store.receipts import Receipts
from knowledge.store.runs import Runs
from knowledge.store.sent import Sent
from knowledge.store.versions import Versions
from tests.ports.test_ledger import DOCUMENT, keep, publish, version

NOW = datetime.now(UTC)
STAFF = frozenset({"public", "staff"})
LIMIT = {"asker ada": Window(1, 60)}


def days(number):
    return NOW + timedelta(days=number)


def rows(engine, table):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_is_needed_for_a_day_stays_for_it_and_what_is_over_goes(engine):
    turns, gaps, asked, sent, runs = Turns(engine), Gaps(engine), Asked(engine), Sent(engine), Runs(engine)
    turns.keep("thread", "ada", "a1", Turn("May we?"))
    for answer in ("open", "filled"):
        gaps.note(answer, "ada", "May we?", 1, {})
    gaps.fill("filled", "a2")
    asked.refused("Ev1", LIMIT)
    for key in ("T1", "T2"):
        sent.begin(key, "conversation", {"text": "No."})
    DeadLetters(engine).keep(DeadLetter("T2", "teams", NOW, NOW, "Teams was away"))
    runs.end(runs.begin([]), "unchanged")
    runs.end(runs.begin([]), "published")
    pruning = Pruning(engine)
    assert pruning.aged(days(1) - timedelta(minutes=1)) == {}
    assert [one.text for one in turns.before("thread", "ada", "a2")] == ["May we?"]
    assert asked.refused("Ev1", LIMIT) == "", "the same event again was counted already"
    assert asked.refused("Ev2", LIMIT) == "asker ada"
    assert pruning.aged(days(8)) == {"turns": 1, "asked": 1}
    assert pruning.aged(days(31)) == {"gaps": 1}
    assert [gap.answer_id for gap in gaps.open()] == ["open"]
    assert sent.find("T2") is not None, "what is to be sent again must be known to have been begun"
    assert pruning.aged(days(91)) == {"runs": 1, "sent": 1}
    assert runs.last()["state"] == "published"
    assert pruning.aged(days(182)) == {"gaps": 1}
    assert pruning.aged(days(182)) == {}


def test_rows_go_a_few_at_a_time(engine):
    turns = Turns(engine)
    for n in range(5):
        turns.keep("thread", "ada", f"a{n}", Turn("May we?"))
    assert [Pruning(engine, 2).aged(days(8)).get("turns", 0) for _ in range(4)] == [2, 2, 1, 0]


def test_a_receipt_whose_time_is_over_loses_its_content_and_the_chain_still_holds(engine):
    receipts, posts, feedback = Receipts(engine), Posts(engine), Feedback(engine)
    for n in (1, 2, 3):
        body = {"question": f"May we {n}?", "sources": [{"passage_id": "p1", "citation": "POL"}]}
        receipts.keep(f"a{n}", "ada", 1, body)
        posts.keep(Post(f"a{n}", "slack", {"text": f"May we {n}?"}))
        feedback.keep(Opinion(f"a{n}", "ada", UP, NOW))
    with engine.begin() as connection:
        connection.execute(update(schema.posts).where(schema.posts.c.answer_id != "a3").values(posted_at=days(-40)))
    assert receipts.remove(days(-1), 10) == 0
    before = receipts.chain()
    assert [receipts.remove(days(1), 2), receipts.remove(days(1), 2)] == [2, 1]
    for n in (1, 2, 3):
        assert receipts.find(f"a{n}") is None
        assert receipts.removed(f"a{n}") is not None
    receipts.keep("a1", "ada", 1, {"question": "May we 1?"})
    receipts.keep("a4", "ada", 1, {"question": "May we 4?"})
    after = receipts.chain()
    assert (after.breaks, after.removed, after.count) == ((), 3, before.count + 1)
    assert receipts.citing(["p1"]) == {}
    assert (receipts.count(), receipts.removed("a4")) == (1, None)
    with engine.connect() as connection:
        kept = str(connection.execute(select(schema.receipts)).all())
    assert "May we 1?" not in kept
    assert "May we 4?" in kept
    with engine.begin() as connection:
        connection.execute(update(schema.receipts).where(schema.receipts.c.n == 2).values(body={"question": "Other?"}))
    assert [one.n for one in receipts.chain().breaks] == [2], "nothing is put in the place of what was removed"
    assert Pruning(engine).aged(NOW, timedelta(days=30)) == {"posts": 2}
    assert (rows(engine, schema.posts), rows(engine, schema.feedback)) == (1, 3)


def test_no_edition_goes_that_receipts_rollback_a_day_or_the_readers_of_what_left_need(engine):
    ledger, receipts, pruning = Ledger(engine), Receipts(engine), Pruning(engine)
    other = replace(DOCUMENT, id="pol.9")
    narrow = replace(other, visibility="group:legal")
    texts = [f"Rule {n:04} says: a vendor must. Then it waits." for n in range(8 + BACK + 2)]
    kept = [keep(engine, version(text=one)) for one in texts]
    wide, narrowed = keep(engine, version(other, ref="q.md")), keep(engine, version(narrow, ref="q.md"))
    unpublished = keep(engine, version(text="Read, but not published yet.  And so on."))
    Reads(engine).keep("mine", [Read("p.md", "", version_ids=(unpublished,))])
    beside = {1: wide, 2: wide, 3: wide, 4: wide, 5: narrowed}
    at = {1: (-100, 8), 2: (-100, 12), 3: (-100, 16), 4: (-100, 20), 5: (-90, 8), 6: (-90, 12), 7: (-90, 20)}
    for number in range(1, 8 + BACK + 2):
        publish(engine, kept[number], *filter(None, [beside.get(number)]))
        day, hour = at.get(number, (-50, number - 7))
        moment = days(day).replace(hour=hour)
        with engine.begin() as connection:
            connection.execute(
                update(schema.editions).where(schema.editions.c.number == number).values(published_at=moment)
            )
    receipts.keep("a1", "ada", 2, {"question": "May we?"})
    with engine.connect() as connection:
        hashes = connection.execute(select(schema.passages.c.text_hash).distinct()).scalars().all()
    Material(engine).keep_vectors("e", hashes, np.zeros((len(hashes), 2), np.float32))

    def opened():
        return {back: ledger.edition_on((NOW - timedelta(days=back)).date()).number for back in range(1, 100)}

    as_of, trace = opened(), History(engine).trace("pol.1-a", "pol.1", "POL §1", 2)
    assert pruning.spare(NOW) == [1, 3, 8]
    assert [pruning.editions(NOW) for _ in range(4)] == [1, 1, 1, 0]
    assert opened() == as_of
    assert History(engine).trace("pol.1-a", "pol.1", "POL §1", 2).text == trace.text == texts[2][:24]
    assert ledger.open_now({"pol.9"}, STAFF) == set(), "it was narrowed before it left"

    assert pruning.unheld(NOW) == [], "a refresh may be about to name them"
    assert set(pruning.unheld(days(8))) == {kept[0], kept[1], kept[3], kept[8]}
    assert (pruning.texts(days(8)), pruning.texts(days(8)), pruning.vectors(), pruning.vectors()) == (4, 0, 4, 0)
    assert Versions(engine).visibilities_of([unpublished, wide, narrowed]).keys() == {unpublished, wide, narrowed}
    for _ in range(BACK):
        assert Publishing(engine).point_to(ledger.previous())
        live = ledger.live().number
        assert ledger.passages(live, ["pol.1-a"], STAFF)["pol.1-a"][0].text == texts[live][:24]


@pytest.fixture
def queue(database, tmp_path):
    """A queue of the engine, and the settings of the server that it belongs to."""
    home = tmp_path / "home"
    home.mkdir()
    set_up = {"CAVEAT_HOME": home} | ({} if database.startswith("sqlite") else {"CAVEAT_DATABASE_URL": database})
    settings = Settings(**set_up)
    assert forget(settings, NOW) == 0, "no server has run yet"
    run_dbos_database_migrations(system_database_url=settings.jobs_url)
    client = DBOSClient(system_database_url=settings.jobs_url)
    yield client, settings
    client.destroy()


def test_work_that_ended_days_ago_goes_with_its_texts_and_what_may_come_again_stays(queue):
    client, settings = queue
    for key in ("old", "new", "open"):
        client.enqueue({"queue_name": "q", "workflow_name": "answer", "workflow_id": key}, {"text": f"May we {key}?"})
    client.cancel_workflows(["old", "new"])
    engine = create_engine(settings.jobs_url.replace("postgresql://", "postgresql+psycopg://"))
    place = "" if engine.dialect.name == "sqlite" else "dbos."
    ended = int((time.time() - FINISHED.total_seconds() - 60) * 1000)
    with engine.begin() as connection:
        told = f"UPDATE {place}workflow_status SET completed_at = :ended WHERE workflow_uuid = 'old'"
        connection.execute(text(told), {"ended": ended})
    assert [forget(settings, datetime.now(UTC) - FINISHED) for _ in range(2)] == [1, 0]
    with engine.connect() as connection:
        inputs = connection.execute(text(f"SELECT workflow_uuid FROM {place}workflow_input")).scalars().all()
    engine.dispose()
    assert "old" not in inputs
    assert {one.workflow_id: one.input["args"][0] for one in client.list_workflows()} == {
        key: {"text": f"May we {key}?"} for key in ("new", "open")
    }
