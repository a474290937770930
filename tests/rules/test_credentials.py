"""Secrets of sources: found by the source's name, and never shown."""

import pytest

from knowledge.errors import SourceRefused
from knowledge.sources.credentials import Secret, secret, variable


def test_the_variable_is_made_of_the_source_s_name():
    assert variable("policy-wiki.eu") == "CAVEAT_SECRET_POLICY_WIKI_EU"


def test_a_missing_secret_is_refused_naming_its_variable(monkeypatch):
    monkeypatch.setenv("CAVEAT_SECRET_WIKI", "  ")
    with pytest.raises(SourceRefused, match="CAVEAT_SECRET_WIKI"):
        secret("wiki")


def test_a_secret_does_not_show_itself(monkeypatch):
    monkeypatch.setenv("CAVEAT_SECRET_WIKI", "hush")
    kept = secret("wiki")
    assert kept.text == "hush"
    assert "hush" not in repr(kept)
    assert "hush" not in str(kept)


@pytest.mark.parametrize("text", ["hush", "[]", '{"hush": 1}', '{"tenant": "hush"}', '{"tenant": "hush", "id": ""}'])
def test_fields_that_are_missing_are_named_without_those_that_are_there(text):
    with pytest.raises(SourceRefused) as refused:
        Secret("CAVEAT_SECRET_WIKI", text).fields("tenant", "id")
    assert "CAVEAT_SECRET_WIKI" in str(refused.value)
    assert "id" in str(refused.value)
    assert "hush" not in str(refused.value)
    assert refused.value.__context__ is None
