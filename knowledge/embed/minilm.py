"""Embeds texts with all-MiniLM-L6-v2 through Chroma's ONNX runtime, which downloads the model when it is first used."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from knowledge.errors import VectorsUnavailable
from knowledge.ports import Matrix


class MiniLM:
    """The transformer that many Chroma applications use by default; needs a connection once."""

    name = "onnx-minilm-l6-v2"
    dimensions = 384

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one row of length 1 for each text, zeros for one that is empty; raise VectorsUnavailable."""
        said = [row for row, text in enumerate(texts) if text.strip()]
        matrix = np.zeros((len(texts), self.dimensions), np.float32)
        if said:
            try:
                matrix[said] = np.asarray(self._model([texts[row] for row in said]), np.float32)
            except Exception as error:
                # The download, the archive's check and the runtime each raise errors of their own.
                raise VectorsUnavailable(
                    "the model all-MiniLM-L6-v2 is not on this machine and could not be downloaded"
                ) from error
        return np.asarray(matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9), np.float32)

    @cached_property
    def _model(self) -> Any:
        from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2  # noqa: PLC0415 - takes over a second

        return ONNXMiniLM_L6_V2()
