"""Remembers the vectors of words and sentences, which one question after the other meets again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.ports import Embedder, Matrix

MOST = 50_000
"""How many texts are remembered, a kilobyte each; when they are that many, it begins anew."""


@dataclass(slots=True)
class Remembering:
    """An embedder that asks another one only for texts that are new to it; safe to share between threads."""

    embedder: Embedder
    most: int = MOST
    _held: dict[str, Matrix] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the other's vectors are kept under."""
        return self.embedder.name

    @property
    def dimensions(self) -> int:
        """How long they are."""
        return self.embedder.dimensions

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return what the other returns for these texts."""
        if not texts:
            return self.embedder.embed(texts)
        held = self._held  # another thread may begin anew meanwhile
        new = list(dict.fromkeys(text for text in texts if text not in held))
        fresh = dict(zip(new, self.embedder.embed(new), strict=True)) if new else {}
        vectors = np.stack([fresh[text] if text in fresh else held[text] for text in texts])
        if len(held) + len(fresh) > self.most:
            self._held = fresh if len(fresh) <= self.most else {}
        else:
            held.update(fresh)
        return vectors
