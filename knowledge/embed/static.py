"""Embed texts with the static table that ships with the package: no download, no transformer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

DATA = Path(__file__).parent / "data"
NAME = "static-minilm-256-v1"  # changes whenever the table does: kept vectors carry it
DIMENSIONS = 256
UNKNOWN = "[UNK]"  # its row is zero, like those of punctuation
BATCH = 1024  # texts cut into pieces at a time; bounds memory, changes no vector


class Static:
    """The weighted mean of the vectors of a text's word pieces, each looked up in a table."""

    name: str = NAME
    dimensions: int = DIMENSIONS

    def __init__(self) -> None:
        self._table: NDArray[np.int8] = np.load(DATA / "table.npy")
        self._scales: NDArray[np.float32] = np.load(DATA / "scales.npy")
        self._pieces = _tokenizer((DATA / "vocab.txt").read_text(encoding="utf-8").splitlines())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 for each text; a text without a known word gives a row of zeros."""
        sums = np.zeros((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(texts), BATCH):
            batch = [_encodable(text) for text in texts[start : start + BATCH]]
            for row, encoding in enumerate(self._pieces.encode_batch_fast(batch, add_special_tokens=False), start):
                sums[row] = self._sum(encoding.ids)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        sums /= np.where(lengths > 0, lengths, 1)
        return sums

    def _sum(self, pieces: list[int]) -> NDArray[np.float32]:
        # Counting equal pieces first keeps the memory of a text of any length below that of the table.
        rows, counts = np.unique(np.asarray(pieces, np.int32), return_counts=True)
        shares = counts.astype(np.float32) * self._scales[rows]
        return shares @ self._table[rows].astype(np.float32)


def _tokenizer(vocabulary: Sequence[str]) -> Tokenizer:
    ids = {piece: row for row, piece in enumerate(vocabulary)}
    pieces = Tokenizer(WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=100))
    pieces.normalizer = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    pieces.pre_tokenizer = BertPreTokenizer()
    return pieces


def _encodable(text: str) -> str:
    # JSON may hold half a surrogate pair, which the tokenizer refuses.
    return text.encode("utf-8", "replace").decode("utf-8")
