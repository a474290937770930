"""The starter knowledge that ships: complete, dated, our own words."""

import re
from collections import Counter

import pytest

from knowledge import parse
from knowledge.chunk import chunk
from knowledge.describe import REQUIRED, describe
from knowledge.model import Kind
from knowledge.sentences import sentences
from knowledge.sources.starter import SPEC, digest, starter


@pytest.fixture(scope="module")
def corpus():
    source = starter()
    read = {ref.name: parse.read(source.fetch(ref).content, ref.name)[0] for ref in source.list().refs}
    return {ref: (describe(parsed, ref, SPEC), parsed) for ref, parsed in read.items()}


def test_there_is_enough_of_each_kind(corpus):
    kinds = Counter(document.kind for document, _ in corpus.values())
    assert kinds[Kind.REGULATION] + kinds[Kind.GUIDANCE] + kinds[Kind.LIST] >= 30
    assert (kinds[Kind.POLICY], kinds[Kind.NEWS]) == (10, 8)


def test_ids_are_unique(corpus):
    assert len({document.id for document, _ in corpus.values()}) == len(corpus)


def test_every_section_of_a_brief_has_a_pinpoint_and_every_clause_a_number(corpus):
    for ref, (document, parsed) in corpus.items():
        for passage in chunk(document, parsed):
            if document.kind is Kind.POLICY:
                assert re.fullmatch(rf"{document.short} §\d+\.\d+", passage.citation), ref
            else:
                assert "¶" not in passage.citation, (ref, passage.citation)
                assert passage.heading, ref


def test_a_clause_stands_in_the_section_of_its_number(corpus):
    for document, parsed in corpus.values():
        if document.kind is Kind.POLICY:
            for passage in chunk(document, parsed):
                number = passage.citation.split("§")[1]
                assert passage.heading.startswith(number.split(".")[0] + " ")
                assert passage.text.startswith(f"{number} ")


def test_sentences_stand_alone(corpus):
    for ref, (document, parsed) in corpus.items():
        for passage in chunk(document, parsed):
            for sentence in sentences(passage.text):
                assert len(sentence.split()) <= 45, (ref, sentence)
                assert not re.match(r"(It|They|This|These|Those|Such|He|She)\b", sentence), (ref, sentence)


def test_links_lead_to_https_pages(corpus):
    assert all(
        document.url.startswith("https://") for document, _ in corpus.values() if document.kind is not Kind.POLICY
    )


def test_nothing_is_copied_from_the_shared_texts(corpus, shared):
    """No run of twelve words stands in a shared text too; titles and terms of art are shorter than that."""
    ours = {run: ref for ref, (_, parsed) in corpus.items() for run in _runs(parsed.text)}
    copied = {
        (ours[run], run, path.name)
        for path in shared.rglob("*")
        if path.suffix in {".md", ".txt", ".html", ".json", ".jsonl", ".xml", ".csv", ".yaml", ".yml"}
        and path.is_file()
        for run in _runs(re.sub(r"<[^>]+>", " ", path.read_text("utf-8", errors="ignore")))
        if run in ours
    }
    assert sorted(copied) == []


def _runs(text, size=12):
    words = re.findall(r"[a-z0-9]+", text.lower())
    return (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))


def test_every_document_says_for_itself_all_that_starter_knowledge_must(corpus):
    for ref, (document, parsed) in corpus.items():
        assert parsed.meta.keys() >= set(REQUIRED), ref
        assert document.visibility in {"public", "staff"}, ref
        assert document.source == "starter"


def test_no_document_is_older_than_what_it_says_it_knows(corpus):
    for ref, (document, _) in corpus.items():
        assert document.as_of is not None, ref
        assert document.published is not None, ref
        assert document.kind is not Kind.NEWS or document.published <= document.as_of, ref


def test_the_digest_changes_with_the_knowledge():
    assert digest() == digest()
    assert re.fullmatch(r"[0-9a-f]{32}", digest())
