"""Embeds texts with a model behind any server that speaks OpenAI's embeddings API."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from knowledge.errors import VectorsUnavailable
from knowledge.ports import Matrix

if TYPE_CHECKING:
    import openai

BATCH = 128
"""Texts in one request."""
LONGEST = 8_000
"""Characters of a text that are sent; models cut or refuse longer ones, at about 8,000 tokens."""
SECONDS = 8.0
"""What one request and its retries may take."""


class OpenAIEmbedder:
    """Asks for float vectors; `name` carries the model, so that vectors of another one are never mixed with them."""

    def __init__(self, model: str, key: str = "", base_url: str = "") -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._key = key
        self._base_url = base_url

    @cached_property
    def dimensions(self) -> int:
        """How long the model's vectors are, asked for once."""
        return int(self.embed(["dimensions"]).shape[1])

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one row of length 1 for each text, zeros for one that is empty; raise VectorsUnavailable."""
        said = [(row, text[:LONGEST]) for row, text in enumerate(texts) if text.strip()]
        batches = [said[start : start + BATCH] for start in range(0, len(said), BATCH)]
        found = [self._asked([text for _, text in batch]) for batch in batches]
        if not found:
            return np.zeros((len(texts), self.dimensions), np.float32)
        known = np.concatenate(found)
        matrix = np.zeros((len(texts), known.shape[1]), np.float32)
        matrix[[row for row, _ in said]] = known / np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-9)
        return matrix

    @cached_property
    def _client(self) -> "openai.OpenAI":
        import openai  # noqa: PLC0415 - takes a second, and is used by few

        return openai.OpenAI(
            api_key=self._key or "none", base_url=self._base_url or None, max_retries=0, timeout=SECONDS
        )

    def _asked(self, texts: list[str]) -> Matrix:
        import openai  # noqa: PLC0415 - the same

        passing = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)
        tried = Retrying(
            retry=retry_if_exception_type(passing), wait=wait_random_exponential(0.2, 2), stop=stop_after_delay(SECONDS),
            reraise=True,
        )  # fmt: skip
        try:
            reply = tried(self._client.embeddings.create, model=self._model, input=texts, encoding_format="float")
            rows = [row.embedding for row in sorted(reply.data, key=lambda row: row.index)]
            matrix = np.asarray(rows, np.float32)
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise VectorsUnavailable("the embeddings server gave no usable vectors") from error
        if matrix.ndim != 2 or len(matrix) != len(texts) or not np.isfinite(matrix).all():
            raise VectorsUnavailable("the embeddings server gave no usable vectors")
        return matrix
