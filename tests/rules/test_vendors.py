"""Which vendors a question names, and which names count as one."""

import pytest

from knowledge.vendors import vendors_in
from knowledge.words import Phrases, terms


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Can we host on Alibaba Cloud, or does Alibaba own it?", ["Alibaba Cloud"]),
        ("我们可以使用阿里云服务器吗", ["Alibaba Cloud"]),
        ("ZTE modems next to a Hangzhou Hikvision Digital Technology camera", ["Hikvision", "ZTE"]),
        ("a zte modem", []),
        ("May we buy cameras from Hangzhou?", []),
        ("", []),
    ],
)
def test_a_vendor_is_named_once_for_its_group_by_its_longest_name(text, names):
    assert [vendor.name for vendor in vendors_in(text, terms(text))] == names


def test_a_phrase_is_found_wherever_its_terms_stand_in_order_and_without_gaps():
    phrases = Phrases([(("third", "parti"), 3), (("parti",), 1), (("parti", "third"), 2), ((), 0)])
    assert phrases.within(["third", "parti", "risk", "parti"]) == [
        (("third", "parti"), 3),
        (("parti",), 1),
        (("parti",), 1),
    ]
    assert phrases.within(["third", "risk"]) == phrases.within([]) == []
