"""Every name of every list that there is, as its own reader gives it: each leads to its party, with the whole score."""

from collections import Counter

import pytest

from knowledge.lists.statutory import shipped
from knowledge.model import SourceSpec
from knowledge.names.asked import MOST_LETTERS, understand
from knowledge.names.find import Names
from knowledge.names.index import Row
from knowledge.party import PartyKind
from knowledge.sources.http import Http
from knowledge.sources.listed import collect
from knowledge.store.catalog import LIST

FILES = {
    "us.ofac-sdn": "ofac",
    "us.ofac-non-sdn": "ofac",
    "us.csl": "csl/csl_2017_format.csv",
    "us.bis-dpl": "csl/bis_denied_persons_list.txt",
    "us.dod-1260h": "us_statutory/dod_1260h.csv",
    "un.consolidated": "un/consolidated.xml",
    "wb.debarred": "worldbank/debarred_2021.json",
    "uk.sanctions-list": "uk/uk_sanctions_list_2026_format_sample.csv",
}
FIRST = 20
"""Parties that a card shows at most."""


@pytest.mark.soak
def test_every_name_of_every_list_scores_one_and_leads_to_its_party_among_the_first(shared, record_property):
    reads = list(shipped())
    for list_id, at in FILES.items():
        came = collect(SourceSpec(list_id, LIST, str(shared / "lists" / at)), Http())
        reads.append(came.source.read(came.files))
    parties = {
        f"{number}:{party.ref}": party
        for number, read in enumerate(reads)
        for party in read.parties
        if party.kind is PartyKind.ORGANISATION
    }
    names = Names(Row(key, one.names, one.countries, one.identifiers) for key, one in parties.items())
    asked, failed = Counter[str](), []
    for key, party in parties.items():
        for name in party.names:
            if len(name.text) > MOST_LETTERS:  # nobody can type one: it is refused with a sentence
                continue
            asked[name.kind.value] += 1
            scores = [match.score for match in names.find(name.text, limit=FIRST) if match.party == key]
            if scores != [1.0]:
                failed.append((key, name.text, understand(name.text).refused, scores))
    record_property("names", dict(asked))
    print(sum(asked.values()), dict(asked))
    assert asked.keys() == {"primary", "alias", "weak", "former", "native"}
    assert not failed
