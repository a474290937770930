"""The policy of a draft over real HTTP: one more try, verbatim stand-ins, a declining model, the breaker, the budgets."""

import asyncio
import json
from dataclasses import dataclass, replace
from itertools import count

import pytest

from bot.breaker import FAILURES, RECENT
from bot.model import Asker, Outcome
from bot.prompt import MOST_CLAIMS
from bot.words import left_out
from knowledge.sentences import sentences
from tests.flows.asking import ask
from tests.flows.processes import caveat
from tests.servers.model import LIES, Fault, Honest, Hostile, Says
from tests.servers.model.honest import dumps, faithful
from tests.servers.model.request import Task
from tests.servers.model.sentences import best

BREACH = "How fast must a processor tell us about a personal data breach?"
UNSURE = "Lieferkettengesetz: how often is the risk analysis due?"
PLAIN = "is tungsten one of our risky materials"
BUDGET = 4.0


@dataclass(frozen=True, slots=True)
class HalfRight:
    """Proves its first claim and misquotes the others."""

    def write(self, task: Task) -> str:
        """Answer a task."""
        first, *others = [faithful(one) for one in best(task)][:3]
        return dumps([first, *(replace(one, quote=f"ordinary {one.quote}") for one in others)])


@dataclass(frozen=True, slots=True)
class Misworded:
    """Quotes word for word, and says otherwise."""

    def write(self, task: Task) -> str:
        """Answer a task."""
        return dumps([replace(one, text=f"Nobody says that {one.text}") for one in map(faithful, list(best(task))[:2])])


def texts(answer) -> list[str]:
    return [claim.text for claim in answer.claims]


def verbatim(claim) -> bool:
    whole = sentences(claim.passage.text)
    return any(claim.text in sentence for sentence in whole)


async def test_failed_claims_are_asked_for_once_more_with_the_check_and_proved_ones_are_added(model, modelled):
    model.behave(HalfRight(), Honest())
    answer = await ask(modelled(), BREACH)
    assert (answer.rung, len(model.calls)) == ("R0", 2)
    assert answer.dropped == {"quote": 2}
    model.behave(Honest())
    assert set(texts(answer)) == set(texts(await ask(modelled(), BREACH)))
    *_, said, told = model.calls[1].body["messages"]
    assert said["role"] == "assistant"
    failures = json.loads(told["content"])["failed"]
    assert [one["claim"] for one in failures] == [1, 2]
    assert all("character for character" in one["because"] for one in failures)


async def test_what_the_model_is_told_of_failed_claims_holds_no_word_of_theirs_and_no_more_than_it_was_asked_for(
    model, modelled
):
    model.behave(Hostile("link"), Says('{"claims": []}'))
    await ask(modelled(), BREACH)
    told = json.loads(model.calls[1].body["messages"][-1]["content"])
    assert len(told["failed"]) == MOST_CLAIMS
    assert "evil" not in json.dumps(told)


@pytest.mark.parametrize("kind", LIES)
async def test_a_second_try_that_is_worse_adds_nothing(model, modelled, kind):
    model.behave(HalfRight(), Hostile(kind))
    answer = await ask(modelled(), BREACH)
    first = texts(answer)[0]
    assert answer.rung == "R0"
    model.behave(HalfRight(), Says('{"claims": []}'))
    alone = await ask(modelled(), BREACH)
    assert first in texts(alone)
    if kind != "obeys_passages":
        added = [claim for claim in answer.claims if claim.text not in texts(alone)]
        assert all(verbatim(claim) for claim in added), texts(answer)


async def test_for_a_claim_that_stays_unproved_the_best_sentence_of_its_passage_stands_in(model, modelled):
    model.behave(HalfRight(), Says('{"claims": []}'))
    answer = await ask(modelled(), BREACH)
    assert answer.rung == "R0"
    assert len(answer.claims) > 1
    model.behave(Honest(limit=1))
    only = texts(await ask(modelled(), BREACH))
    stood_in = [claim for claim in answer.claims if claim.text not in only]
    assert stood_in
    assert all(verbatim(claim) for claim in stood_in)


async def test_where_nothing_is_proved_the_sentence_stands_in_that_was_quoted_word_for_word_and_no_other(
    model, modelled
):
    model.behave(Misworded())
    answer = await ask(modelled(), PLAIN)
    assert (answer.rung, len(model.calls)) == ("R0", 2)
    assert answer.claims
    quoted = {one["quote"] for one in json.loads(model.calls[1].said)["claims"]}
    assert all(verbatim(claim) and any(one in claim.quote for one in quoted) for claim in answer.claims)
    model.behave(Hostile("invented_quote"))
    assert not (await ask(modelled(), PLAIN)).claims
    model.behave(Misworded())
    assert (await ask(modelled(), BREACH)).rung == "R1", "what we are sure of is not left to what was quoted"


async def test_a_second_try_that_fails_leaves_the_first_one_standing(model, modelled):
    model.behave(HalfRight(), Fault("malformed"))
    answer = await ask(modelled(), BREACH)
    assert answer.rung == "R0"
    assert answer.dropped == {"quote": 2, "model:again:schema": 1}
    assert "gave no answer" not in " ".join(left_out(answer.dropped))


async def test_there_is_no_second_try_when_the_time_would_not_last(model, modelled):
    model.behave(HalfRight(), Honest())
    desk = modelled()
    slow = replace(desk.drafting, clock=count(0, 1.2).__next__)  # each look at the clock costs 1.2 of the 3 seconds
    answer = await ask(replace(desk, drafting=slow), BREACH)
    assert (answer.rung, len(model.calls)) == ("R0", 1)


@pytest.mark.parametrize("question", [BREACH, UNSURE])
async def test_a_model_that_finds_no_answer_is_believed_and_the_nearest_sources_are_shown(
    model, modelled, desk, question
):
    assert (await ask(desk, question)).outcome is Outcome.ANSWERED
    model.behave(Says('{"claims": []}'))
    answer = await ask(modelled(), question)
    assert (answer.outcome, answer.rung) == (Outcome.REFUSED, "R0")
    assert answer.sources
    assert left_out(answer.dropped) == ("the language model found no answer in these passages",)


async def test_a_model_is_asked_where_we_are_unsure_but_not_where_nothing_is_near(model, modelled, desk):
    assert (await ask(desk, PLAIN)).outcome is Outcome.REFUSED
    model.behave(Honest())
    asked = modelled()
    assert (await ask(asked, PLAIN)).rung == "R0"
    assert (await ask(asked, "Who won the 2018 World Cup?")).outcome is Outcome.REFUSED
    assert len(model.calls) == 1


async def test_a_model_that_never_finds_an_answer_is_left_alone(model, modelled):
    model.behave(Says('{"claims": []}'))
    desk = modelled()
    answers = [await ask(desk, BREACH) for _ in range(RECENT + 1)]
    assert {answer.outcome for answer in answers[:RECENT]} == {Outcome.REFUSED}
    assert (answers[-1].outcome, answers[-1].rung) == (Outcome.ANSWERED, "R1")


async def test_after_failures_in_a_row_the_model_is_left_alone_and_the_answer_says_so(model, modelled):
    model.behave(Fault("context"))
    desk = modelled()
    for _ in range(FAILURES):
        assert (await ask(desk, BREACH)).dropped == {"model:refused": 1}
    answer = await ask(desk, BREACH)
    assert answer.dropped == {"model:open": 1}
    assert answer.claims
    assert len(model.calls) == FAILURES
    assert "left alone for a while" in " ".join(left_out(answer.dropped))


async def test_questions_at_once_stay_within_the_day_s_tokens_and_the_others_are_answered_without_the_model(
    model, modelled
):
    desk = modelled(CAVEAT_TOKENS_PER_USER_DAY=30_000, CAVEAT_MODEL_TOKENS=2_000, CAVEAT_MODEL_RESTATES=False)
    model.behave(Honest())
    busy = Asker("busy", staff=True)
    answers = await asyncio.gather(*(ask(desk, BREACH, busy) for _ in range(20)))
    spent = desk.drafting.purse.spending.of(desk.today(), "user:busy").tokens
    rungs = [answer.rung for answer in answers]
    assert 0 < spent <= 30_000
    assert 0 < rungs.count("R0") < 20
    assert all(answer.claims for answer in answers)
    # On a busy machine the figures may be read too late: then they count as used up, and the answer says so.
    turned_away = max((answer for answer in answers if answer.rung == "R1"), key=lambda one: str(one.dropped))
    assert turned_away.dropped == {"model:budget:user": 1}
    assert all(set(one.dropped) <= {"model:budget:user", "model:budget:unknown"} for one in answers if one.rung == "R1")
    assert "your language model budget for today is used up" in " ".join(left_out(turned_away.dropped))


async def test_with_a_model_the_command_line_still_prints_one_document_and_nothing_else(model, home):
    model.behave(HalfRight(), Honest())
    environment = {"CAVEAT_MODEL": "local", "OPENAI_BASE_URL": model.base_url}
    said = await asyncio.to_thread(caveat, home, "ask", BREACH, "--json", **environment)
    assert json.loads(said.stdout)["rung"] == "R0"
    assert said.stderr == ""
