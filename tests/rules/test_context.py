"""What a drafter reads: each kind of source and each article in its turn, nothing twice, never more than the budget."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.context import SHARE, article, beside, pack
from knowledge.evidence import Hit
from knowledge.model import Document, Kind, Passage
from tests.rules.properties import PROPERTY


def hit(number, citation, text, kind=Kind.REGULATION, document="gdpr"):
    about = Document(document, document, document, document, kind, "EU", "public")
    return Hit(
        Passage(f"p{number}", document, citation, "", text, number * 1000, number * 1000 + len(text)),
        about,
        1.0 / (number + 1),
    )


def test_an_article_is_its_citation_without_points():
    assert article(hit(0, "GDPR Art. 28(3)(a)", "x").passage) == "gdpr GDPR Art. 28"
    assert article(hit(0, "GDPR Art. 28(1)-(2)", "x").passage) == "gdpr GDPR Art. 28"
    assert article(hit(0, "POL-01 §6.2", "x").passage) == "gdpr POL-01 §6.2"


def test_one_long_article_does_not_crowd_out_the_others():
    many = [hit(n, f"GDPR Art. 28({n})", f"{n} " + "word " * 60) for n in range(20)]
    other = hit(20, "GDPR Art. 32(1)", "another " * 40)
    kept = pack([*many, other], 4_000)
    assert other in kept
    assert sum(len(one.passage.text) for one in kept if article(one.passage).endswith("28")) > SHARE * 4_000


def test_the_best_of_each_role_gets_in_however_low_it_stands():
    laws = [hit(n, f"GDPR Art. {n}", f"{n} " + "law " * 200) for n in range(12)]
    policy = hit(12, "POL-01 §1", "policy " * 50, Kind.POLICY, "pol")
    assert policy in pack([*laws, policy], 4_000)


def test_a_text_that_stands_in_two_sources_is_taken_once():
    one, two = hit(0, "GDPR Art. 1", "The same, words."), hit(1, "Copy Art. 1", "the same words", document="copy")
    assert pack([one, two]) == (one,)


def test_the_rest_of_an_article_is_read_from_the_passage_outwards_and_without_gaps():
    parts = [hit(n, f"GDPR Art. 28({n})", "x" * 300).passage for n in range(8)]
    parts[5] = hit(5, "GDPR Art. 28(5)", "x" * 5_000).passage
    near = beside(parts[3], [*parts, hit(9, "GDPR Art. 29", "y").passage], 1_600)
    assert [one.citation for one in near] == ["GDPR Art. 28(2)", "GDPR Art. 28(4)", "GDPR Art. 28(1)"]


@PROPERTY
@given(st.lists(st.integers(1, 900), max_size=30), st.integers(100, 5_000))
def test_the_budget_holds_and_the_order_stays(sizes, budget):
    hits = [hit(n, f"Act Art. {n % 5}({n})", f"{n} " + "x" * size) for n, size in enumerate(sizes)]
    kept = pack(hits, budget)
    assert sum(len(one.passage.text) for one in kept) <= budget
    assert [one.passage.id for one in kept] == [one.passage.id for one in hits if one in kept]
