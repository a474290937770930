"""An immutable index of parties by their names: exact keys first, then brands, containment and what is alike."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tantivy import DocAddress, Document, Index, Occur, Query, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from knowledge.names.forms import Form, characters, form
from knowledge.names.grade import Listed
from knowledge.names.identifiers import folded
from knowledge.names.score import placeless, weight
from knowledge.party import Identifier, NameKind, PartyName

WORDS, NEAR = 60, 40
"""How many names are looked at by their words, and by words and keys with a slip."""
_HEAP = 32_000_000
_LONG, _LONGER = 5, 10
"""Letters from which one slip in a key is looked for, and two."""
_STEM = 3
"""Words that the distinctive part of a name may have."""


@dataclass(frozen=True, slots=True)
class Row:
    """A party to be found: its id, its names, ISO 3166-1 alpha-2 countries, and the numbers that name it."""

    party: str
    names: tuple[PartyName, ...]
    countries: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class NameIndex:
    """Names of parties in tantivy, in memory or in a folder that is mapped and not read."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._schema = index.schema
        self._searcher = index.searcher()
        self.names = self._searcher.num_docs
        """How many names there are."""

    @classmethod
    def build(cls, rows: Iterable[Row], folder: Path | None = None) -> "NameIndex":
        """Index parties, in memory when no empty folder is given."""
        schema = SchemaBuilder()
        schema.add_text_field("key", tokenizer_name="raw", index_option="basic")
        schema.add_text_field("word", tokenizer_name="spaces", index_option="freq")
        schema.add_text_field("row", stored=True, tokenizer_name="raw", index_option="basic")
        index = Index(schema.build(), path=str(folder) if folder else None)
        _prepare(index)
        writer = index.writer(heap_size=_HEAP, num_threads=1)
        for row in rows:
            for document in _documents(row):
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return cls(index)

    @classmethod
    def open(cls, folder: Path) -> "NameIndex":
        """Open what `build` has written."""
        index = Index.open(str(folder))
        _prepare(index)
        return cls(index)

    def exact(self, keys: Iterable[str], most: int = 50) -> list[Listed]:
        """Return the names that have one of the keys."""
        terms = [Query.term_query(self._schema, "key", key, index_option="basic") for key in keys if len(key) > 2]
        return [_listed(self._searcher.doc(address)) for address in self._hits(terms, most).values()]

    def alike(self, asked: Form) -> list[Listed]:
        """Return the names worth comparing: those that share words, and those with a slip in a word or in the whole."""
        by_words = [Query.term_query(self._schema, "word", word, index_option="freq") for word in _words(asked)]
        found = self._hits(by_words, WORDS) | self._hits([*self._slips(asked)], NEAR)
        return [_listed(self._searcher.doc(address)) for address in found.values()]

    def rarity(self, word: str) -> float:
        """Return how rare a word is among the names: 1 for none, 0 for all."""
        return math.log(1 + self.names / (1 + self._searcher.doc_freq("word", word))) / math.log(1 + max(self.names, 2))

    def _slips(self, asked: Form) -> Iterator[Query]:
        key = asked.key
        if len(key) >= _LONG:
            slips = Query.fuzzy_term_query(self._schema, "key", f"c{key}", distance=2 if len(key) >= _LONGER else 1)
            yield Query.boost_query(slips, 3.0)
        for word in asked.core:
            if len(word) >= _LONG and not word.isdecimal():
                yield Query.boost_query(
                    Query.fuzzy_term_query(self._schema, "word", word, distance=1), weight(word) * self.rarity(word)
                )

    def _hits(self, queries: list[Query], most: int) -> dict[tuple[int, int], DocAddress]:
        if not queries:
            return {}
        either = Query.boolean_query([(Occur.Should, query) for query in queries])
        hits = self._searcher.search(either, limit=most, count=False).hits
        return {(address.segment_ord, address.doc): address for _, address in hits}


def keys(asked: Form, text: str) -> tuple[str, ...]:
    """Return the keys under which the same name is found: all words, the core, and its own characters."""
    found = [f"f{asked.full}", f"c{asked.key}"]
    if asked.script:
        found += [f"h{characters(text)}", f"m{asked.script}"]
    return tuple(found)


def numbered(number: Identifier) -> str:
    """Return the key under which a party is found by its number."""
    return f"i{number.scheme}:{folded(number.value)}"


def stem(core: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinctive words of a core, without places before and trade or places after them; empty when there are none."""
    words = list(core)
    while words and not placeless((words[0],)):
        words.pop(0)
    while words and weight(words[-1]) < 1:
        words.pop()
    telling = (
        len(words) <= _STEM and all(not word.isdecimal() for word in words) and any(weight(word) == 1 for word in words)
    )
    return tuple(words) if telling and len("".join(words)) > 2 else ()


def _prepare(index: Index) -> None:
    index.register_tokenizer("spaces", TextAnalyzerBuilder(Tokenizer.whitespace()).build())


def _words(core: Form) -> list[str]:
    """Return the words that a name is found by: its core, and each two neighbours as one."""
    joined = [left + right for left, right in zip(core.core, core.core[1:], strict=False)]
    return list(dict.fromkeys([*core.core, *joined]))


def _documents(row: Row) -> Iterator[Document]:
    numbers = [numbered(number) for number in row.identifiers]
    for name in row.names:
        found = form(name.text)
        document = Document()
        for key in dict.fromkeys((*keys(found, name.text), *numbers)):
            document.add_text("key", key)
        if (short := stem(found.core)) and short != found.core:
            document.add_text("key", f"s{''.join(short)}")
        document.add_text("word", " ".join(_words(found)))
        kept = (
            row.party,
            name.text,
            name.kind.value,
            row.countries,
            found.words,
            found.core,
            sorted(found.legal),
            found.script,
            found.disguised,
        )
        document.add_text("row", json.dumps(kept, ensure_ascii=False))
        yield document
        numbers = []


def _listed(document: Document) -> Listed:
    party, text, kind, countries, words, core, legal, script, disguised = json.loads(
        document.get_first("row") or "null"
    )
    found = Form(tuple(words), tuple(core), frozenset(legal), script, disguised)
    return Listed(party, text, NameKind(kind), tuple(countries), found)
