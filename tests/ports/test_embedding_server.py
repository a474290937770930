"""The embedder behind an embeddings server, over real HTTP: what comes back whole is used, whatever else is refused."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from bot import build
from bot.settings import Settings
from knowledge.embed import openai as embedding
from knowledge.embed.minilm import MiniLM
from knowledge.embed.openai import OpenAIEmbedder
from knowledge.embed.static import Static
from knowledge.errors import VectorsUnavailable
from knowledge.refresh import refresh

STATIC = Static()


class Server(ThreadingHTTPServer):
    """Answers like OpenAI's embeddings API with the vectors of the static table, after the faults it is told."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: list[str] = []
        self.asked: list[dict] = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(request)
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if fault.isdigit():
            self.send_response(int(fault))
            self.end_headers()
            self.wfile.write(b"{}")
            return
        rows = [
            {"object": "embedding", "index": at, "embedding": (row * 3).tolist()}
            for at, row in enumerate(STATIC.embed(request["input"]))
        ]
        if fault == "short":
            rows = rows[:-1]
        if fault == "ragged":
            rows[0]["embedding"] = rows[0]["embedding"][:5]
        if fault == "words":
            rows[0]["embedding"] = ["x"] * STATIC.dimensions
        body = {
            "object": "list",
            "data": rows[::-1],
            "model": request["model"],
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        }
        said = b"<html>" if fault == "page" else json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if fault == "page" else "application/json")
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def server():
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def embedder(server, monkeypatch):
    monkeypatch.setattr(embedding, "SECONDS", 1.5)
    return OpenAIEmbedder("some-model", "key", server.url)


def test_vectors_come_back_in_order_with_length_one(embedder, server):
    texts = ["a processor must notify a breach", "", "bread and butter", " \n"]
    assert embedder.embed(texts) == pytest.approx(STATIC.embed(texts), abs=1e-5)
    assert (embedder.name, embedder.dimensions) == ("openai:some-model", STATIC.dimensions)
    assert all("" not in request["input"] for request in server.asked)


def test_many_texts_go_in_batches_and_none_is_too_long(embedder, server):
    texts = [f"clause {n}" for n in range(embedding.BATCH + 3)] + ["long " * 9_000]
    assert len(embedder.embed(texts)) == len(texts)
    assert [len(request["input"]) for request in server.asked] == [embedding.BATCH, 4]
    assert max(len(text) for request in server.asked for text in request["input"]) <= embedding.LONGEST


@pytest.mark.parametrize("fault", ["429", "500", "503"])
def test_a_passing_trouble_is_tried_again(embedder, server, fault):
    server.faults = [fault]
    assert embedder.embed(["processor"]).any()
    assert len(server.asked) == 2


@pytest.mark.parametrize("faults", [["500"] * 50, ["401"], ["400"], ["short"], ["ragged"], ["words"], ["page"]])
def test_what_is_no_whole_answer_is_refused(embedder, server, faults):
    server.faults = list(faults)
    with pytest.raises(VectorsUnavailable):
        embedder.embed(["processor", "vendor"])


def test_no_server_is_told_as_it_is(monkeypatch):
    monkeypatch.setattr(embedding, "SECONDS", 0.5)
    with pytest.raises(VectorsUnavailable):
        OpenAIEmbedder("m", "", "http://127.0.0.1:9/v1").embed(["processor"])


def test_an_edition_made_with_a_server_answers_from_words_when_the_server_is_gone(server, tmp_path, monkeypatch):
    settings = Settings(CAVEAT_HOME=tmp_path, CAVEAT_EMBEDDER="openai", CAVEAT_EMBEDDING_BASE_URL=server.url)
    library = build.library(settings)
    refresh(library.refresher)
    reading = library.searcher.at(frozenset({"public", "staff"}))
    whole = reading.find("Does a processor need our permission for a sub-processor?", 5)
    assert (whole.degraded, library.ledger.require_live().embedder) == ((), "openai:text-embedding-3-small")
    monkeypatch.setattr(embedding, "SECONDS", 0.3)
    server.faults = ["500"] * 50
    lexical = reading.find("Does a processor need our permission for a sub-processor?", 5)
    assert lexical.degraded == ("vectors",)
    assert whole.hits[0].passage.id in {hit.passage.id for hit in lexical.hits}
    assert np.isfinite([hit.score for hit in lexical.hits]).all()


def test_a_model_that_cannot_be_downloaded_is_told_as_it_is(monkeypatch, tmp_path):
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    monkeypatch.setattr(ONNXMiniLM_L6_V2, "MODEL_DOWNLOAD_URL", "http://127.0.0.1:9/onnx.tar.gz")
    monkeypatch.setattr(ONNXMiniLM_L6_V2, "DOWNLOAD_PATH", tmp_path)
    with pytest.raises(VectorsUnavailable):
        MiniLM().embed(["processor"])
