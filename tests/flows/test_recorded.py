"""What a real language model wrote, replayed over real HTTP: its words find what a follow-up means, its claims pass the gate."""

import json
from collections.abc import AsyncIterator

import pytest

from bot import build
from bot.cases import read_cases
from bot.desk import Desk
from bot.evaluate import answers as answered_by
from bot.model import Question
from bot.settings import Settings
from tests import sets
from tests.bench_answers import LAW, OPERATOR
from tests.bench_answers import library as published
from tests.flows.asking import ANN, TERMINAL
from tests.servers.model import Model, Passage, Rewords, Task, recorded_claims, recorded_words
from tests.threads import read_threads, worded

STAFF = frozenset({"public", "staff"})
THREADS = read_threads(sets.DATA / "fresh_threads.jsonl")[::3]
CASES = read_cases(sets.DATA / "answers.jsonl", "held_out")[1::4]
"""Some of them, in their order; `make bench` measures all."""
WITHIN = 0.05
"""How much rarer the gold of a follow-up may be among the first ten than that of its stand-alone form."""
SHARE = 0.95
"""The least share of answerable questions that are answered, and of unanswerable ones that are refused."""


@pytest.fixture
async def modelled(library: build.Library) -> AsyncIterator[Desk]:
    async with Model() as model:
        model.behave(recorded_claims())
        model.restate(recorded_words())
        desk = build.desk(Settings(CAVEAT_MODEL="local", OPENAI_BASE_URL=model.base_url), library)
        yield desk
        await desk.drafting.close()


@pytest.mark.soak
def test_follow_ups_in_a_models_words_find_what_their_stand_alone_forms_find(library):
    seen = worded(library.searcher.at(STAFF), THREADS, recorded_words())
    assert seen.follow_ups == 2 * len(THREADS)
    assert seen.in_thread >= seen.alone - WITHIN, seen
    assert seen.unread < seen.follow_ups / 4, "its words must be what finds them"


async def test_a_real_models_claims_answer_what_can_be_answered_and_nothing_else(modelled):
    questions = [(case, Question(case.question, case.question, ANN, TERMINAL)) for case in CASES]
    answered = [(case, await modelled.answered(question)) for case, question in questions]
    claims = [claim for _, answer in answered for claim in answer.claims]
    shown = [bool(answer.claims) for case, answer in answered if case.gold]
    refused = [not answer.claims for case, answer in answered if not case.gold]
    assert min(len(shown), len(refused)) > 5
    assert sum(shown) >= SHARE * len(shown)
    assert sum(refused) >= SHARE * len(refused)
    assert all(claim.quote in claim.passage.text for claim in claims)
    assert {answer.rung for case, answer in answered if answer.claims} == {"R0"}


@pytest.mark.skipif(not sets.SHARED.is_dir(), reason="the acts are not here")
async def test_in_a_models_words_questions_on_whole_acts_find_and_get_the_provision_that_answers(tmp_path):
    cases = read_cases(sets.DATA / "answers_law.jsonl", "held_out")
    acts = published(tmp_path / "home", law=True)
    async with Model() as model:
        model.behave(recorded_claims())
        model.restate(recorded_words())
        desk = build.desk(Settings(CAVEAT_MODEL="local", OPENAI_BASE_URL=model.base_url), acts)
        answers = [await desk.answered(Question(case.question, case.question, OPERATOR, LAW)) for case in cases]
        await desk.drafting.close()
    asked = list(zip(cases, answers, strict=True))
    right = [
        bool(answer.claims) and answered_by(answer.claims[0].passage.citation, case.gold)
        for case, answer in asked
        if case.gold
    ]
    assert sum(right) >= 0.9 * len(right)
    assert not [case.question for case, answer in asked if answer.claims and not case.gold]


def test_a_recorded_claim_stands_on_the_passage_that_it_was_written_from_wherever_that_is_shown():
    question, quoted = next((one, claims[0]) for one, claims in recorded_claims().claims.items() if claims)
    mine, namesake = (
        Passage("P2", f"Before. {quoted.quote} After.", quoted.citation),
        Passage("P1", "Other.", quoted.citation),
    )
    for shown, id_ in (((namesake, mine), "P2"), ((namesake,), "P0"), ((Passage("P1", mine.text, "Elsewhere"),), "P0")):
        first = json.loads(recorded_claims().write(Task("", question, shown)))["claims"][0]
        assert first == {"text": quoted.text, "passage_id": id_, "quote": quoted.quote}
    assert json.loads(recorded_claims().write(Task("", "What was never asked?", (mine,)))) == {"claims": []}


def test_the_same_words_are_said_otherwise_in_another_thread():
    words = Rewords({("first", "and then?"): ("what after the first", ("a",)), "and then?": ("what then", ())})
    assert words.said("and then?", ["first"]) == ("what after the first", ("a",))
    assert words.said("and then?", ["second"]) == ("what then", ())
    assert words.said("and else?", ["first"]) == ("and else?", ())
    asked = {"earlier": [{"question": "first", "cited": []}], "question": "and then?"}
    assert json.loads(words.reword(asked)) == {"question": "what after the first", "terms": ["a"]}
