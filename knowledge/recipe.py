"""What the reading of a document depends on beside its bytes: our own code, and what its source is known to be."""

import hashlib
from dataclasses import astuple
from functools import cache
from pathlib import Path

from knowledge.model import SourceSpec

_HERE = Path(__file__).parent
_READING = ("parse/**/*.py", "chunk.py", "describe.py", "validate.py", "sentences.py", "data/acts.yaml")


def recipe(spec: SourceSpec) -> str:
    """Hash a source's settings and the code that reads, so that neither can change without its documents being read."""
    return hashlib.sha256(f"{_code()}\x1f{astuple(spec)[:7]}".encode()).hexdigest()[:32]


@cache
def _code() -> str:
    total = hashlib.sha256()
    for pattern in _READING:
        for path in sorted(_HERE.glob(pattern)):
            total.update(path.read_bytes())
    return total.hexdigest()
