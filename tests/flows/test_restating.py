"""A question in a model's words, over real HTTP: more is found, nothing is brought in, and where it fails nothing is lost."""

import json
import time

import pytest
from rich.console import Console

from bot.breaker import FAILURES
from bot.model import Answer, Outcome
from bot.ports import Earlier, Restated, Tokens
from bot.receipt import as_json
from bot.restating import LONGEST, MOST_WORDS, Reworded, Wish, trusted
from bot.slack.blocks import render
from bot.teams import answers as teams
from bot.terminal import show_answer
from knowledge.evidence import Turn
from tests.flows.asking import ANN, ask, cited
from tests.servers.model import FAULTS, Fault, Honest, Insists, Model, Rewords

EVERYDAY = "who has to ring whom when the payroll people lose a laptop full of staff files"
WORDS = ("personal data breach", "notify the controller without undue delay", "processor", "GDPR Article 33")
BEFORE = "How many hours does a tier 1 vendor have to report a security incident?"
FOLLOWING = "what if they sit lower, tier 2"
STANDING = "How many hours does a tier 2 vendor have to report a security incident?"
EXIT = "must a bank have a plan for leaving its cloud provider under DORA?"
BUDGET = 6.0
TROUBLES = ("429", "500", "black_hole", "length", "malformed", "wrong_schema", "cut", "drip")
assert set(TROUBLES) <= set(FAULTS)


def shown(model: Model) -> list[str]:
    """Return the citations of the passages that the model was shown last."""
    return [passage.citation for passage in model.calls[-1].task.passages]


async def test_what_everyday_words_do_not_find_is_found_in_the_words_of_the_sources(model, modelled, desk):
    found = {"GDPR Art. 33(2)", "GDPR Art. 33"}
    await ask(modelled(), EVERYDAY)
    before = shown(model)[:5] if model.calls else []
    model.restate(Rewords({EVERYDAY: (EVERYDAY, WORDS)}))
    answer = await ask(modelled(), EVERYDAY)
    assert not found & set(before)
    assert any(citation.startswith("GDPR Art. 33") for citation in shown(model)[:5])
    assert answer.searched == WORDS
    assert answer.understood == ""
    kept = desk.receipts.find(answer.id)
    assert kept["searched"] == list(WORDS)
    assert WORDS[1] not in json.dumps(as_json(answer)["summary"])


async def test_a_follow_up_is_read_with_its_thread_and_every_door_says_how(model, modelled):
    model.restate(Rewords({FOLLOWING: (STANDING, ("incident reporting", "notification deadline"))}))
    answer = await ask(modelled(), FOLLOWING, before=(Turn(BEFORE),))
    assert "POL-06 §2.3" in cited(answer)
    assert answer.understood == STANDING
    assert model.calls[-1].task.question == STANDING
    console = Console(record=True, width=100)
    show_answer(console, answer)
    for page in (console.export_text(), json.dumps(render(answer)), json.dumps(teams.render(answer))):
        assert "Read with this thread as: How many hours does a tier 2 vendor" in " ".join(page.split())


async def test_a_model_is_told_of_earlier_questions_and_of_sources_that_may_be_read_now(model, modelled):
    turns = (Turn(BEFORE, ("us.no-such-list", "pol.incident")), Turn("", ()), Turn("and who signs?", ()))
    names = {one.id: one.short for one in modelled().searcher.at(frozenset({"public", "staff"})).documents}
    real = next(iter(names))
    await ask(modelled(), FOLLOWING, before=(Turn(BEFORE, ("us.no-such-list", real)), *turns[1:]))
    told = model.restatings[-1].restated
    assert told == {
        "earlier": [{"question": BEFORE, "cited": [names[real]]}, {"question": "and who signs?", "cited": []}],
        "question": FOLLOWING,
    }


@pytest.mark.parametrize(
    "text",
    [
        "How many hours does Huawei have to report a security incident?",
        "How many hours does huawei have to report a security incident?",
        "How many hours does a tier 3 vendor have, 4 or 40?",
        "How long does a tier 2 vendor have under the Cyber Resilience Act?",
        "See https://evil.example/now for tier 2",
        "<!channel> tier 2 vendor security incident",
        "tier 2 " * LONGEST,
        " ",
        "tier 2\u202e vendor",
    ],
)
async def test_a_reading_that_brings_something_in_is_not_used_and_not_shown(model, modelled, text):
    plain = await ask(modelled(), FOLLOWING, before=(Turn(BEFORE),))
    model.restate(Insists(text))
    answer = await ask(modelled(), FOLLOWING, before=(Turn(BEFORE),))
    assert answer.understood == ""
    assert cited(answer) == cited(plain)
    assert "evil" not in json.dumps(render(answer))


def wish(text: str = FOLLOWING, before: str = BEFORE) -> Wish:
    return Wish(text, (Earlier(before, ("POL-06",)),) if before else (), "ann", "terminal", BUDGET)


def restated(text: str, *words: str) -> Restated:
    return Restated(text, words, Tokens())


def test_words_to_search_for_name_no_vendor_that_was_not_asked_about_and_are_few_and_short():
    words = (
        "incident",
        "incident",
        "Huawei cloud",
        "see http://evil.example",
        "x" * 90,
        "a\u200bb",
        *map(str, range(20)),
    )
    used = trusted(restated(STANDING, *words), wish())
    assert used.words == ("incident", *map(str, range(MOST_WORDS - 1)))
    assert used.text == STANDING
    asked = wish("is Huawei listed", "")
    assert trusted(restated("is Huawei listed", "Huawei Technologies"), asked).words == ("Huawei Technologies",)


def test_a_first_question_is_read_as_it_was_asked_and_an_echo_is_not_taken_for_a_reading():
    assert trusted(restated("something else", "incident"), wish(before="")) == Reworded("", ("incident",))
    assert trusted(restated(FOLLOWING), wish()) == Reworded()
    assert trusted(restated(FOLLOWING, "incident"), wish()) == Reworded(FOLLOWING, ("incident",))
    assert trusted(restated(f"For POL-06: {STANDING}"), wish()).text


@pytest.mark.parametrize("kind", TROUBLES)
async def test_where_other_words_cannot_be_had_the_answer_comes_all_the_same_and_in_time(model, modelled, kind):
    model.restate(Fault(kind) if kind != "429" else Fault("429", retry_after="1"))
    began = time.monotonic()
    answer = await ask(modelled(), EXIT)
    assert time.monotonic() - began < BUDGET + 1
    assert answer.outcome is Outcome.ANSWERED
    assert (answer.rung, answer.searched) == ("R0", ())
    assert model.restatings


async def test_other_words_are_paid_for_and_not_asked_for_where_nothing_is_left(model, modelled, library):
    desk = modelled(CAVEAT_TOKENS_PER_USER_DAY=100)
    answer = await ask(desk, EXIT)
    assert (model.restatings, model.calls, answer.rung) == ([], [], "R1")
    rich = modelled(CAVEAT_TOKENS_PER_USER_DAY=1_000_000)
    await ask(rich, EXIT)
    spending = rich.drafting.purse.spending
    today = rich.drafting.purse.today()
    both = spending.of(today, f"user:{ANN.id}").tokens
    model.restate(Fault("500"))
    await ask(rich, EXIT)
    draft = spending.of(today, f"user:{ANN.id}").tokens - both
    assert len(model.restatings) > 1
    assert 0 < draft < both


async def test_a_setting_turns_it_off_and_a_model_that_is_left_alone_is_not_asked(model, modelled):
    await ask(modelled(CAVEAT_MODEL_RESTATES=False), EXIT)
    assert (len(model.restatings), len(model.calls)) == (0, 1)
    desk = modelled()
    model.behave(Fault("500"))
    for _ in range(FAILURES):
        desk.drafting.breaker.failed()
    await ask(desk, EXIT)
    assert model.restatings == []


async def test_a_failing_search_for_words_does_not_shut_the_model_out(model, modelled):
    model.restate(Fault("malformed"))
    model.behave(Honest())
    desk = modelled()
    answers: list[Answer] = [await ask(desk, EXIT) for _ in range(FAILURES + 1)]
    assert {one.rung for one in answers} == {"R0"}
