"""The lexical index of one shelf: BM25 over body, header and word pairs, in a folder that is never changed once built."""

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from tantivy import Document, Index, Occur, Query, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from knowledge.store.entry import Entry
from knowledge.words import pairs, terms

FIELDS = ("body", "header", "pairs")
REMEMBERED = 50_000
"""How many terms' frequencies an index keeps at hand: a question needs each of its terms' several times."""


def write_index(folder: Path, entries: Iterable[Entry]) -> None:
    """Build a new index in an empty folder; the folder is complete when this returns."""
    folder.mkdir(parents=True)
    schema = SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
    for name in FIELDS:
        schema.add_text_field(name, tokenizer_name="given", index_option="freq")
    index = Index(schema.build(), path=str(folder))
    _register(index)
    writer = index.writer(heap_size=60_000_000, num_threads=1)
    for entry in entries:
        words = terms(entry.body)
        writer.add_document(
            Document(
                id=[entry.passage_id],
                body=[" ".join(words)],
                header=[" ".join(terms(entry.header))],
                pairs=[" ".join(pairs(words))],
            )
        )
    writer.commit()
    writer.wait_merging_threads()


class LexicalIndex:
    """Reads one index; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._index = Index.open(str(folder))
        _register(self._index)
        self._searcher = self._index.searcher()
        self.size: int = self._searcher.num_docs
        self._frequency = lru_cache(REMEMBERED)(self._searcher.doc_freq)

    def frequency(self, field: str, term: str) -> int:
        """Return how many passages hold the term in this field."""
        return int(self._frequency(field, term))

    def best(
        self, fields: Mapping[str, Mapping[str, float]], limit: int, rarity: Mapping[str, Mapping[str, float]]
    ) -> list[tuple[str, float]]:
        """Return (passage id, score), best first, for weighted terms by field; the fields' scores are summed.

        `rarity` is each field's and term's inverse document frequency over all shelves that the asker may read: it replaces this
        shelf's own, so that scores of several shelves compare and hidden passages leave no trace in them.
        """
        schema = self._index.schema
        parts = []
        for field, weights in fields.items():
            for term, weight in weights.items():
                held = self.frequency(field, term)
                if held and weight > 0:
                    query = Query.term_query(schema, field, term, index_option="freq")
                    boost = weight * rarity[field][term] / idf(self.size, held)
                    parts.append((Occur.Should, Query.boost_query(query, boost)))
        if not parts:
            return []
        found = self._searcher.search(Query.boolean_query(parts), limit, count=False)
        return [(str(self._searcher.doc(address)["id"][0]), float(score)) for score, address in found.hits]


def idf(size: int, frequency: int) -> float:
    """Return BM25's inverse document frequency, as tantivy computes it."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


def _register(index: Index) -> None:
    index.register_tokenizer("given", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
