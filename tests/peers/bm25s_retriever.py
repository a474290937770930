"""bm25s, the maintained BM25 of the registry (rank_bm25 was last released in 2022), set up as its own quick start does.

The defaults that decide: words of two characters and more, in small letters; its English stop words; Snowball stems; k1 1.5
and b 0.75 in Lucene's formula. The index is saved with the texts, and the saved one is asked. The progress bars are off.
"""

from collections.abc import Sequence
from pathlib import Path

import bm25s
from bm25s.tokenization import Tokenized
from Stemmer import Stemmer

from tests.peers.measure import main
from tests.peers.obliqa import DEPTH, Passage


class BM25S:
    """The quick start of its read-me."""

    packages = ("bm25s", "pystemmer", "numpy")

    def __init__(self):
        self.stemmer = Stemmer("english")

    def index(self, place: Path, passages: Sequence[Passage]) -> None:
        retriever = bm25s.BM25()
        retriever.index(self.tokens([passage.text for passage in passages]), show_progress=False)
        corpus = [{"id": passage.id, "text": passage.text} for passage in passages]
        retriever.save(place, corpus=corpus, show_progress=False)
        self.retriever = bm25s.BM25.load(place, load_corpus=True, show_progress=False)

    def search(self, question: str) -> list[str]:
        found, _ = self.retriever.retrieve(self.tokens(question), k=DEPTH, show_progress=False)
        return [hit["id"] for hit in found[0]]

    def tokens(self, texts: str | list[str]) -> Tokenized:
        return bm25s.tokenize(texts, stopwords="en", stemmer=self.stemmer, show_progress=False)


if __name__ == "__main__":
    main(BM25S)
