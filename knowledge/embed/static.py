"""Embed texts with the static table that ships with the package: no download, no transformer."""

import itertools
from collections.abc import Iterator, Sequence
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
BLOCK = 512  # pieces whose rows are added up at once: they stay in the processor's cache


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
            cut = [encoding.ids for encoding in self._pieces.encode_batch_fast(batch, add_special_tokens=False)]
            for first, last in _blocks([len(pieces) for pieces in cut]):
                sums[start + first : start + last] = self._sums(cut[first:last])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        sums /= np.where(lengths > 0, lengths, 1)
        return sums

    def _sums(self, cut: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return the weighted sum of the vectors of each text's pieces, of the texts of one block."""
        if len(cut[0]) > BLOCK:
            # Counting equal pieces first keeps the memory of a text of any length below that of the table.
            rows, counts = np.unique(np.asarray(cut[0], np.int32), return_counts=True)
            shares = counts.astype(np.float32) * self._scales[rows]
            return (shares @ self._table[rows].astype(np.float32))[None]
        lengths = np.asarray([len(pieces) for pieces in cut])
        pieces = np.fromiter(itertools.chain.from_iterable(cut), np.int32, int(lengths.sum()))
        vectors = self._table[pieces].astype(np.float32) * self._scales[pieces][:, None]
        sums = np.zeros((len(cut), DIMENSIONS), np.float32)
        held = lengths > 0
        if held.any():
            sums[held] = np.add.reduceat(vectors, (np.cumsum(lengths) - lengths)[held], axis=0)
        return sums


def _blocks(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of neighbours that have a block of pieces together; a longer one stands alone."""
    first, held = 0, 0
    for at, length in enumerate(lengths):
        if at > first and held + length > BLOCK:
            yield first, at
            first, held = at, 0
        held += length
    if lengths:
        yield first, len(lengths)


def _tokenizer(vocabulary: Sequence[str]) -> Tokenizer:
    ids = {piece: row for row, piece in enumerate(vocabulary)}
    pieces = Tokenizer(WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=100))
    pieces.normalizer = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    pieces.pre_tokenizer = BertPreTokenizer()
    return pieces


def _encodable(text: str) -> str:
    # JSON may hold half a surrogate pair, which the tokenizer refuses.
    return text.encode("utf-8", "replace").decode("utf-8")
