"""Signs of life, limits and dead letters, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from knowledge.store import schema
from knowledge.store.durable import Asked, Beats, DeadLetter, DeadLetters, Stops, Window
from knowledge.store.lease import own_name

NOW = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)


def test_a_worker_s_last_sign_stands_under_its_name(engine):
    beats = Beats(engine)
    assert beats.signs() == {}
    assert beats.last() is None
    beats.beat("one", "x:1")
    beats.beat("two", "y:1")
    beats.beat("one", "x:2")
    assert beats.signs() == {"one": "x:2", "two": "y:1"}
    assert abs(beats.last() - datetime.now(UTC)) < timedelta(seconds=30)


def test_what_passes_a_limit_counts_for_no_scope_and_the_same_key_counts_once(engine):
    asked = Asked(engine)
    limits = {"asker ada": Window(2, 60), "place general": Window(3, 60)}
    assert [asked.refused(key, limits) for key in ("1", "1", "2", "3")] == ["", "", "", "asker ada"]
    others = {"asker grace": Window(2, 60), "place general": Window(3, 60)}
    assert [asked.refused(key, others) for key in ("4", "5")] == ["", "place general"]
    assert asked.refused("6", {"asker ada": Window(0, 60), "": Window(1, 60)}) == "", "no limit"


def test_what_was_asked_before_the_window_does_not_count(engine):
    asked = Asked(engine)
    limit = {"asker ada": Window(1, 60)}
    assert asked.refused("1", limit) == ""
    assert asked.refused("2", limit) == "asker ada"
    with engine.begin() as connection:
        connection.execute(update(schema.asked).values(asked_at=datetime.now(UTC) - timedelta(seconds=61)))
    assert asked.refused("2", limit) == ""


def test_questions_at_once_cannot_pass_a_limit_together(engine):
    asked = Asked(engine)
    limits = {"asker ada": Window(5, 60), "place general": Window(50, 60)}
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: asked.refused(str(number), limits), range(24)))
    assert found.count("") == 5


def test_a_press_of_stop_holds_for_what_its_presser_asked_there_before(engine):
    stops = Stops(engine)
    stops.press({"thread", "stream"}, "ada", 100.000012)
    stops.press({"thread"}, "ada", 90.0)
    assert stops.pressed({"thread"}, "ada", 100.000011)
    assert stops.pressed({"stream", "another"}, "ada", 1.0)
    assert not stops.pressed({"thread"}, "ada", 100.000012), "asked since"
    assert not stops.pressed({"thread"}, "grace", 1.0)
    assert not stops.pressed({"another"}, "ada", 1.0)
    stops.press({"thread"}, "", 110.0)
    assert stops.pressed({"thread"}, "grace", 105.0), "nobody by name is everybody"


def test_a_dead_letter_is_kept_as_it_was_first_written(engine):
    letters = DeadLetters(engine)
    letter = DeadLetter("Ev1", "slack", NOW, NOW + timedelta(minutes=5), "the channel is archived")
    letters.keep(letter)
    letters.keep(DeadLetter("Ev1", "slack", NOW, NOW, "another reason"))
    assert letters.all() == [letter]


def test_two_processes_do_not_work_under_one_name(tmp_path):
    with own_name(tmp_path, "host/worker") as first, own_name(tmp_path, "host/worker") as second:
        assert (first, second) == ("host/worker", "host/worker-2")
    with own_name(tmp_path, "host/worker") as again:
        assert again == "host/worker"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_undelivered_answer_is_due_at_its_time_and_each_try_of_it_begins_once(engine):
    letters = DeadLetters(engine)
    letter = DeadLetter(
        "Ev2",
        "slack",
        NOW,
        NOW,
        "Slack was away",
        {"text": "May we?"},
        {"text": "No."},
        next_at=NOW + timedelta(minutes=5),
    )
    letters.keep(letter)
    letters.keep(DeadLetter("Ev3", "slack", NOW, NOW, "the channel is archived"))
    assert letters.due(NOW) == []
    (due,) = letters.due(NOW + timedelta(minutes=5))
    assert due == letter
    letters.begun(due)
    letters.begun(due)
    assert (letters.find("Ev2").tries, letters.find("Ev2").next_at) == (1, None)
    assert letters.want("Ev3", NOW)
    assert not letters.want("Ev9", NOW)
    assert [one.key for one in letters.due(NOW)] == ["Ev3"]
    letters.failed("Ev2", "Slack is still away", NOW)
    letters.begun(due)
    assert [one.key for one in letters.due(NOW)] == ["Ev3", "Ev2"], "a try that failed at once stays due"
    assert letters.find("Ev2").tries == 1
    assert letters.drop("Ev2")
    assert (letters.drop("Ev2"), letters.count()) == (False, 1)
