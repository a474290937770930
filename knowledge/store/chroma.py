"""The vector store in Chroma: immutable segments of ids and vectors, embedded or on a server; never text, never access."""

import os
import re
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from knowledge.errors import VectorsUnavailable
from knowledge.ports import Matrix

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

_Answer = TypeVar("_Answer")

LARGEST_FILE = 16 << 30
"""Bytes that any file of this process may reach once Chroma is open: one of its bugs grows an index without end, to
hundreds of gigabytes, after a kill at the wrong moment (shared notes on Chroma, 3.5)."""
BATCH = 200
"""Records per write: larger batches hold the interpreter lock for seconds (shared notes on Chroma, 3.3)."""
LARGE = 20_000
"""Records from which a segment is written in batches of LARGE_BATCH and its index file in steps of so many.

Each write reads the whole log of what the index file does not hold yet: without steps the time grows with the square.
"""
LARGE_BATCH = 2_000
_FOLDER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNFINISHED = ".new"
"""Ends the name of a segment that is being written; it gets its own name when it is whole."""


class ChromaSegments:
    """Segments as Chroma collections; a segment is written once, verified, and then only read.

    Embedded when `url` is empty, else a `chroma run` server. Every failure is VectorsUnavailable. Safe to share between
    threads, not across a fork.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        self._folder = folder
        self._url = url
        self._client: ClientAPI | None = None
        self._process = 0
        self._open: dict[str, Collection] = {}
        self._lock = Lock()

    def write(self, name: str, ids: Sequence[str], matrix: Matrix) -> None:
        """Create a segment with all its vectors; it appears whole or not at all, and is not read before it is whole."""
        batch, synced = (BATCH, max(2, len(ids))) if len(ids) <= LARGE else (LARGE_BATCH, LARGE)
        with _translated("the vector store did not take a new segment"):
            collection = self._connect().create_collection(
                f"{name}{UNFINISHED}",
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine", "sync_threshold": synced, "ef_search": 200}},
            )
            for start in range(0, len(ids), batch):
                end = start + batch
                collection.add(ids=list(ids[start:end]), embeddings=matrix[start:end])
            collection.modify(name=name)

    def nearest(self, name: str, vector: Matrix, limit: int) -> list[tuple[str, float]]:
        """Return (passage id, cosine similarity), nearest first."""
        found = self._ask(
            name, lambda segment: segment.query(query_embeddings=vector[None], n_results=limit, include=["distances"])
        )
        distances = (found["distances"] or [[]])[0]
        return [(id_, 1.0 - float(distance)) for id_, distance in zip(found["ids"][0], distances, strict=True)]

    def count(self, name: str) -> int:
        """Return how many vectors a segment holds."""
        return self._ask(name, lambda segment: segment.count())

    def names(self) -> set[str]:
        """Return the names of all segments, finished or not."""
        remedy = (
            "" if self._url else "; if that stays so, remove its folder and refresh: it is built again from the ledger"
        )
        with _translated(f"the vector store cannot list its segments{remedy}"):
            return {collection.name for collection in self._connect().list_collections()}

    def drop(self, name: str) -> None:
        """Delete a segment; one that is not there is no error."""
        if name in self.names():
            self._open.pop(name, None)
            with _translated("the vector store did not delete a segment"):
                self._connect().delete_collection(name)
            self._clear()

    def _clear(self) -> None:
        """Remove the index folders that belong to no segment: Chroma leaves those of deleted ones on the disk."""
        if not self._url:
            held = {place.name for place in index_folders(self._folder).values()}
            for place in self._folder.iterdir():
                if _FOLDER.fullmatch(place.name) and place.name not in held:
                    shutil.rmtree(place, ignore_errors=True)

    def _ask(self, name: str, question: Callable[["Collection"], _Answer]) -> _Answer:
        """Put a question to a segment; a kept handle that fails is replaced once, since a segment may be built again."""
        kept = name in self._open
        try:
            with _translated("the vector store did not answer"):
                return question(self._segment(name))
        except VectorsUnavailable:
            self._open.pop(name, None)
            if not kept:
                raise
        return self._ask(name, question)

    def _segment(self, name: str) -> "Collection":
        client = self._connect()
        if name not in self._open:
            self._open[name] = client.get_collection(name, embedding_function=None)
        return self._open[name]

    def _connect(self) -> "ClientAPI":
        with self._lock:
            if self._client is None:
                self._client, self._process = self._connected(), os.getpid()
        if self._process != os.getpid():
            raise VectorsUnavailable("the vector store was opened before this process was forked; a call would hang")
        return self._client

    def _connected(self) -> "ClientAPI":
        import chromadb  # noqa: PLC0415 - takes over a second, and many commands never search
        from chromadb.config import Settings  # noqa: PLC0415 - the same

        settings = Settings(anonymized_telemetry=False)
        if not self._url:
            self._folder.mkdir(parents=True, exist_ok=True)
            _bound_files()
            return chromadb.PersistentClient(path=str(self._folder), settings=settings)
        parts = urlsplit(self._url)
        return chromadb.HttpClient(
            host=parts.hostname or "localhost",
            port=parts.port or (443 if parts.scheme == "https" else 8000),
            ssl=parts.scheme == "https",
            settings=settings,
        )


def index_folders(folder: Path) -> dict[str, Path]:
    """Return the folder of each segment's index by the segment's name, read without opening Chroma or taking a lock."""
    if not (folder / "chroma.sqlite3").exists():
        return {}
    with closing(sqlite3.connect(f"{(folder / 'chroma.sqlite3').as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        rows = database.execute(
            "SELECT collections.name, segments.id FROM segments JOIN collections ON segments.collection = collections.id"
            " WHERE segments.scope = 'VECTOR'"
        )
        return {name: folder / segment for name, segment in rows}


@contextmanager
def _translated(trouble: str) -> Iterator[None]:
    """Turn whatever Chroma raises into VectorsUnavailable; a panic in its Rust code is not even an Exception."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, VectorsUnavailable):
        raise
    except BaseException as error:
        raise VectorsUnavailable(trouble) from error


def _bound_files() -> None:
    """Lower this process's limit on file sizes; a write beyond it fails instead of filling the disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    bound = LARGEST_FILE if soft == resource.RLIM_INFINITY else min(soft, LARGEST_FILE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bound, hard))
