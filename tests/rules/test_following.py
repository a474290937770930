"""How the readings of a follow-up and what was cited before it become one score."""

import numpy as np
import pytest

from knowledge.cited import Names
from knowledge.evidence import Turn
from knowledge.following import Readings, followed
from knowledge.model import Document, Kind
from knowledge.thread import follow

LAW = Document(
    "gdpr", "General Data Protection Regulation", "GDPR", "Regulation (EU) 2016/679", Kind.REGULATION, "EU", "public"
)
UK = Document("dpa", "Data Protection Act", "DPA", "2018 c. 12", Kind.REGULATION, "GB", "public")
POLICY = Document("pol", "Vendor policy", "POL-01", "POL-01", Kind.POLICY, "", "staff")
EVEN = np.zeros(3, np.float32)


def best(text, cited=()):
    """Return which document stands first where every reading holds all passages equal."""
    lean = follow(text, [Turn("What must a vendor tell us after a breach?", cited)], Names([])).lean
    documents = [LAW, UK, POLICY]
    return documents[int(followed(lean, Readings(EVEN, EVEN, EVEN, documents)).argmax())].id


@pytest.mark.parametrize(
    ("text", "cited", "first"),
    [
        ("and how long does it take?", ("gdpr",), "gdpr"),
        ("and how long does it take?", ("dpa",), "dpa"),
        ("and what about the UK?", ("gdpr",), "dpa"),
        ("and what does our own policy say?", (), "pol"),
    ],
)
def test_what_was_cited_the_law_that_is_named_and_our_own_policy_come_first(text, cited, first):
    assert best(text, cited) == first


def test_the_more_a_follow_up_says_the_more_its_own_words_decide():
    own = np.asarray([0.0, 2.0, 0.0], np.float32)

    def gain(text):
        lean = follow(text, [Turn("What must a vendor tell us after a breach?")], Names([])).lean
        scored = followed(lean, Readings(EVEN, own, EVEN, [LAW, LAW, LAW]))
        return float(scored[1] - scored[0])

    assert gain("and then?") < gain("and which customers hear about leaked passwords?")
