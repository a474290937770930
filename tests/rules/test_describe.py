"""What a document must say about itself, and what it inherits from its source."""

from datetime import UTC, date, datetime

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


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("published", date(2024, 1, 2)), ("published", "2024-01-02"), ("published", datetime(2024, 1, 2, 3, 4, tzinfo=UTC)),
        ("topics", "cyber"), ("topics", None), ("aliases", ["a", "b"]), ("visibility", " staff "), ("url", ""),
    ],
)  # fmt: skip
def test_the_ways_in_which_front_matter_writes_a_value_are_all_read(field, value):
    document = describe(parsed(**{**WHOLE, field: value}), "t.md", FOLDER)
    expected = {"published": date(2024, 1, 2), "topics": ("cyber",) if value else (), "visibility": "staff"}
    assert getattr(document, field) == expected.get(field, tuple(value) if isinstance(value, list) else value)


def test_every_wrong_field_is_named_at_once_and_none_of_its_text_is_told():
    with pytest.raises(DocumentRefused) as refused:
        describe(
            parsed(**{**WHOLE, "status": "SECRET words", "kind": "SECRET", "topics": [["SECRET"]]}), "t.md", FOLDER
        )
    assert all(name in str(refused.value) for name in ("status", "kind", "topics"))
    assert "SECRET" not in str(refused.value)


def test_fields_that_nobody_knows_are_passed_over():
    assert describe(parsed(**WHOLE, colour="red"), "t.md", STARTER).id == "eu.test"


def test_a_path_too_long_for_an_id_is_refused_unless_the_document_declares_one():
    ref = "d/" * 300 + "x.md"
    with pytest.raises(DocumentRefused, match="too long"):
        describe(parsed(), ref, FOLDER)
    assert describe(parsed(id="short"), ref, FOLDER).id == "short"


@pytest.mark.parametrize("visibility", ["group:", "group:a b", "Public", "public staff", "group:" + "x" * 80])
def test_a_visibility_that_no_reader_could_have_is_refused(visibility):
    with pytest.raises(DocumentRefused, match="visibility"):
        describe(parsed(visibility=visibility), "t.md", FOLDER)


def test_a_long_title_is_shortened_between_words_for_citations():
    title = "Regulation on " + "the placing on the market of " * 10
    document = describe(parsed(title=title.strip()), "t.md", FOLDER)
    assert document.title == title.strip()
    assert len(document.citation) <= 90
    assert document.citation.endswith(" …")
