"""Which workers count as dead."""

from bot.takeover import Watch


def test_a_worker_whose_sign_does_not_change_is_dead_after_the_time_and_not_before():
    watch = Watch(10)
    assert watch.dead({"a": "1", "b": "1"}, ["a", "b"], 100) == []
    assert watch.dead({"a": "1", "b": "2"}, ["a", "b"], 106) == []
    assert watch.dead({"a": "1", "b": "2"}, ["a", "b"], 110) == ["a"]
    assert watch.dead({"a": "2", "b": "2"}, ["a", "b"], 112) == [], "it came back"


def test_a_worker_that_never_left_a_sign_is_dead_after_the_time():
    watch = Watch(10)
    assert watch.dead({}, ["old"], 100) == []
    assert watch.dead({}, ["old"], 105) == []
    assert watch.dead({}, ["old"], 110) == ["old"]


def test_a_watcher_that_could_not_look_for_a_while_waits_anew():
    watch = Watch(10)
    watch.dead({"a": "1"}, ["a"], 100)
    assert watch.dead({"a": "1"}, ["a"], 130) == [], "the database may have been down for all"
    assert watch.dead({"a": "1"}, ["a"], 136) == []
    assert watch.dead({"a": "1"}, ["a"], 140) == ["a"]


def test_a_worker_without_unfinished_work_is_of_no_interest():
    watch = Watch(10)
    watch.dead({"a": "1"}, [], 100)
    watch.dead({"a": "1"}, [], 109)
    assert watch.dead({"a": "1"}, ["a"], 118) == []
