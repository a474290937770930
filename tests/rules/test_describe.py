"""What a document must say about itself, and what it inherits from its source."""

from datetime import date

import pytest

from knowledge.describe import REQUIRED, describe
from knowledge.errors import DocumentRefused
from knowledge.model import Kind, Role, SourceSpec, Status, Wording
from knowledge.parse.tree import Parsed
from knowledge.sources.starter import SPEC as STARTER

WHOLE = {
    "id": "eu.test", "title": "T", "short": "T", "citation": "T 1", "kind": "regulation", "jurisdiction": "EU", "authority": "A",
    "url": "https://x.example/", "published": date(2024, 1, 2), "status": "in_force", "as_of": date(2025, 1, 2),
    "licence": "Apache-2.0", "visibility": "public", "wording": "summary", "topics": ["cyber"],
}  # fmt: skip
FOLDER = SourceSpec("mine", "folder", "/x", Kind.NEWS, "US", "group:legal", "Ann")


def parsed(**meta):
    return Parsed("Text.", (), "Heading title", meta)


def test_a_whole_document_is_described():
    document = describe(parsed(**WHOLE), "law/t.md", STARTER)
    assert (document.id, document.role, document.published) == ("eu.test", Role.LAW, date(2024, 1, 2))
    assert document.wording is Wording.SUMMARY


@pytest.mark.parametrize("field", [*REQUIRED, "url"])
def test_starter_knowledge_without_a_field_is_refused_by_name(field):
    with pytest.raises(DocumentRefused, match=field):
        describe(parsed(**{name: value for name, value in WHOLE.items() if name != field}), "t.md", STARTER)


@pytest.mark.parametrize(("kind", "field"), [("news", "standing"), ("policy", "owner"), ("policy", "review_due")])
def test_starter_news_and_policies_need_more(kind, field):
    with pytest.raises(DocumentRefused, match=field):
        describe(parsed(**{**WHOLE, "kind": kind}), "t.md", STARTER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "valid"), ("kind", "poem"), ("visibility", "everyone"), ("jurisdiction", "Europe"), ("published", "soon"),
        ("url", "javascript:alert(1)"), ("id", "UPPER CASE"), ("standing", "rumour"), ("wording", "mine"), ("title", "x" * 600),
    ],
)  # fmt: skip
def test_a_value_that_is_not_allowed_is_refused_by_name_from_any_source(field, value):
    with pytest.raises(DocumentRefused, match=field):
        describe(parsed(**{**WHOLE, field: value}), "t.md", FOLDER)


def test_a_folder_s_document_inherits_what_it_does_not_say():
    document = describe(parsed(), "news/2022-01-18-probe.txt", FOLDER)
    assert document.id == "mine:news/2022-01-18-probe.txt"
    assert (document.kind, document.jurisdiction, document.visibility, document.owner) == (
        Kind.NEWS,
        "US",
        "group:legal",
        "Ann",
    )
    assert (document.title, document.citation) == ("Heading title", "Heading title")
    assert (document.published, document.status) == (date(2022, 1, 18), Status.REPORTED)


@pytest.mark.parametrize("ref", ["probe-2022.txt", "2022-13-45.txt", "v12022-01-189.txt"])
def test_a_date_is_never_guessed(ref):
    assert describe(parsed(), ref, FOLDER).published is None


def test_a_document_without_a_kind_counts_as_guidance():
    assert describe(parsed(), "x.md", SourceSpec("s", "folder", "")).role is Role.GUIDANCE
