"""The vector store in Chroma: immutable segments of ids and vectors, embedded or on a server; never text, never access."""

import resource
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge.errors import VectorsUnavailable

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

LARGEST_FILE = 16 << 30
"""Bytes that any file of this process may reach once Chroma is open: one of its bugs grows an index without end, to
hundreds of gigabytes, after a kill at the wrong moment (shared notes on Chroma, 3.5)."""
BATCH = 200
"""Records per write: larger batches hold the interpreter lock for seconds (shared notes on Chroma, 3.3)."""


class ChromaSegments:
    """Segments as Chroma collections; a segment is written once, verified, and then only read.

    Embedded when `url` is empty, else a `chroma run` server. Every failure is VectorsUnavailable.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        self._folder = folder
        self._url = url
        self._client: ClientAPI | None = None
        self._open: dict[str, Collection] = {}

    def write(self, name: str, ids: Sequence[str], matrix: "np.ndarray[Any, np.dtype[np.float32]]") -> None:
        """Create a segment with all its vectors; its index file is written once, at the end."""
        try:
            collection = self._connect().create_collection(
                name,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine", "sync_threshold": max(2, len(ids)), "ef_search": 200}},
            )
            for start in range(0, len(ids), BATCH):
                end = start + BATCH
                collection.add(ids=list(ids[start:end]), embeddings=matrix[start:end])
        except Exception as error:
            raise VectorsUnavailable("the vector store did not take a new segment") from error

    def nearest(
        self, name: str, vector: "np.ndarray[Any, np.dtype[np.float32]]", limit: int
    ) -> list[tuple[str, float]]:
        """Return (passage id, cosine similarity), nearest first."""
        try:
            found = self._segment(name).query(
                query_embeddings=vector[np.newaxis, :], n_results=limit, include=["distances"]
            )
        except Exception as error:
            raise VectorsUnavailable("the vector store did not answer") from error
        distances = (found["distances"] or [[]])[0]
        return [(id_, 1.0 - float(distance)) for id_, distance in zip(found["ids"][0], distances, strict=True)]

    def count(self, name: str) -> int:
        """Return how many vectors a segment holds."""
        try:
            return self._segment(name).count()
        except Exception as error:
            raise VectorsUnavailable("the vector store cannot open a segment") from error

    def names(self) -> set[str]:
        """Return the names of all segments, finished or not."""
        try:
            return {collection.name for collection in self._connect().list_collections()}
        except Exception as error:
            raise VectorsUnavailable("the vector store cannot list its segments") from error

    def drop(self, name: str) -> None:
        """Delete a segment; one that is not there is no error."""
        if name in self.names():
            self._open.pop(name, None)
            try:
                self._connect().delete_collection(name)
            except Exception as error:
                raise VectorsUnavailable("the vector store did not delete a segment") from error

    def _segment(self, name: str) -> "Collection":
        if name not in self._open:
            self._open[name] = self._connect().get_collection(name, embedding_function=None)
        return self._open[name]

    def _connect(self) -> "ClientAPI":
        if self._client is None:
            import chromadb  # noqa: PLC0415 - takes over a second, and many commands never search
            from chromadb.config import Settings  # noqa: PLC0415 - the same

            settings = Settings(anonymized_telemetry=False)
            if self._url:
                from urllib.parse import urlsplit  # noqa: PLC0415 - only for a server

                parts = urlsplit(self._url)
                self._client = chromadb.HttpClient(
                    host=parts.hostname or "localhost",
                    port=parts.port or (443 if parts.scheme == "https" else 8000),
                    ssl=parts.scheme == "https",
                    settings=settings,
                )
            else:
                self._folder.mkdir(parents=True, exist_ok=True)
                _bound_files()
                self._client = chromadb.PersistentClient(path=str(self._folder), settings=settings)
        return self._client


def _bound_files() -> None:
    """Lower this process's limit on file sizes; a write beyond it fails instead of filling the disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    bound = LARGEST_FILE if soft == resource.RLIM_INFINITY else min(soft, LARGEST_FILE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bound, hard))
