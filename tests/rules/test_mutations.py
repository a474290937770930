"""The measured promise: of false sentences made from the starter corpus nearly all are caught, of true ones none is lost."""

from collections import Counter

import pytest

from bot.ground import Grounds, check
from bot.model import Claim, DraftClaim
from bot.mutations import PARAPHRASES, mutations, names
from tests.rules.corpus import passages, sentences
from tests.servers.model import LINKS, twists

MUTATIONS = mutations(names(one.text for one in sentences(8)))
GROUNDS = Grounds(passages(), "")
CAUGHT = {
    "number": 0.99,
    "date": 0.99,
    "name": 0.99,
    "not inserted": 0.9,
    "not removed": 0.9,
    "modality": 0.9,
    "bound": 0.9,
    "condition": 0.9,
}
FEWEST = 50
"""A kind with fewer mutations than this would measure nothing."""
INDEPENDENT = {
    "number": twists.number,
    "date": twists.date,
    "name": twists.name,
    "not dropped": twists.rewritten(twists.DROPPED),
    "not added": twists.rewritten(twists.ADDED),
    "modality": twists.modality,
    "truncated": twists.truncated,
}
"""The lies that the hostile test model tells; they were not written with these checks."""


def _passed(text, sentence, quote=""):
    return isinstance(check(DraftClaim(text, sentence.passage.id, quote or sentence.text), GROUNDS), Claim)


def test_every_true_sentence_passes():
    assert [one.text for one in sentences(8) if not _passed(one.text, one)] == []


@pytest.mark.parametrize("kind", MUTATIONS)
def test_mutated_sentences_are_caught(kind, record_property):
    made = [(text, one) for one in sentences(8) for text in MUTATIONS[kind](one) if text != one.text]
    missed = [text for text, one in made if _passed(text, one)]
    caught = 1 - len(missed) / len(made)
    record_property("caught", f"{len(made) - len(missed)} of {len(made)}")
    assert len(made) >= FEWEST
    assert caught >= CAUGHT[kind], missed[:10]


@pytest.mark.parametrize("kind", INDEPENDENT)
def test_the_hostile_models_lies_are_caught(kind):
    made = [(INDEPENDENT[kind](one.text, f"{one.passage.text} {one.passage.citation}"), one) for one in sentences(8)]
    false = [(text, one) for text, one in made if text != one.text]
    missed = [text for text, one in false if _passed(text, one)]
    assert len(false) >= FEWEST
    assert len(missed) <= 0.01 * len(false), missed[:10]


def test_faithful_paraphrases_pass(record_property):
    counts: Counter[str] = Counter()
    lost = []
    for kind, change in PARAPHRASES.items():
        for one in sentences(8):
            for text in change(one):
                counts[kind] += 1
                if not _passed(text, one):
                    lost.append((kind, text))
    record_property("dropped", f"{len(lost)} of {counts.total()}")
    assert set(counts) == set(PARAPHRASES)
    assert len(lost) <= 0.02 * counts.total(), lost[:10]


def test_every_altered_quote_is_caught():
    altered = [(twists.word(one.text, one.passage.text), one) for one in sentences(8)]
    altered += [(twists.number(one.text, one.passage.text), one) for one in sentences(8)]
    altered += [(text, one) for one in sentences(8) for text in MUTATIONS["not inserted"](one)]
    assert [quote for quote, one in altered if quote != one.text and _passed(one.text, one, quote)] == []


def test_every_swapped_id_is_caught():
    known = list(passages())
    for at, one in enumerate(sentences(8)):
        other = known[(at * 7 + 1) % len(known)]
        same = one.text in passages()[other][0].text
        assert same or check(DraftClaim(one.text, other, one.text), GROUNDS) == "quote"
        assert check(DraftClaim(one.text, f"{one.passage.id}0", one.text), GROUNDS) == "id"


def test_every_inserted_link_is_caught():
    for at, one in enumerate(sentences(8)):
        for link in (LINKS[at % len(LINKS)], LINKS[(at + 7) % len(LINKS)]):
            for text in (twists.ended(one.text, f"- see {link}"), f"{link} {one.text}"):
                assert not _passed(text, one)
