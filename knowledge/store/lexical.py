"""The lexical index of one shelf: BM25 over body, header and word pairs, in a folder that is never changed once built."""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tantivy import Document, Index, Occur, Query, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from knowledge.words import pairs, terms

FIELDS = ("body", "header", "pairs")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a shelf holds of one passage: `header` is its citation, headings, title, aliases and vendors as one text.

    `body` is what is searched of its words: the opening words that it hangs on, then its text. `text_hash` hashes
    exactly what is embedded (heading and body), so that an unchanged text is never embedded twice; `key` hashes all that
    a shelf holds of it.
    """

    passage_id: str
    heading: str
    body: str
    header: str

    @property
    def embedded(self) -> str:
        """The text that is embedded."""
        return embedded(self.heading, self.body)

    @property
    def text_hash(self) -> str:
        """The hash under which its vector is kept."""
        return text_hash(self.heading, self.body)

    @property
    def key(self) -> str:
        """The hash of everything that a shelf holds of the passage."""
        return hashlib.sha256(f"{self.passage_id}\x1f{self.header}\x1f{self.text_hash}".encode()).hexdigest()[:32]


def embedded(heading: str, body: str) -> str:
    """Return what is embedded of a passage."""
    return f"{heading}\n{body}" if heading else body


def text_hash(heading: str, body: str) -> str:
    """Hash what is embedded of a passage."""
    return hashlib.sha256(embedded(heading, body).encode()).hexdigest()[:32]


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

    def frequency(self, field: str, term: str) -> int:
        """Return how many passages hold the term in this field."""
        return int(self._searcher.doc_freq(field, term))

    def best(
        self, field: str, weights: Mapping[str, float], limit: int, rarity: Mapping[str, float]
    ) -> list[tuple[str, float]]:
        """Return (passage id, score), best first, for a weighted set of terms.

        `rarity` is each term's inverse document frequency over all shelves that the asker may read: it replaces this
        shelf's own, so that scores of several shelves compare and hidden passages leave no trace in them.
        """
        schema = self._index.schema
        parts = []
        for term, weight in weights.items():
            own = idf(self.size, self.frequency(field, term))
            if own > 0 and weight > 0 and self.frequency(field, term):
                query = Query.term_query(schema, field, term, index_option="freq")
                parts.append((Occur.Should, Query.boost_query(query, weight * rarity[term] / own)))
        if not parts:
            return []
        found = self._searcher.search(Query.boolean_query(parts), limit, count=False)
        return [(str(self._searcher.doc(address)["id"][0]), float(score)) for score, address in found.hits]


def idf(size: int, frequency: int) -> float:
    """Return BM25's inverse document frequency, as tantivy computes it."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


def _register(index: Index) -> None:
    index.register_tokenizer("given", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
