"""The starter knowledge that ships with the package."""

import hashlib
from pathlib import Path

from knowledge.model import SourceSpec
from knowledge.sources.folder import Folder

SPEC = SourceSpec(name="starter", type="starter", at="", visibility="public")
_CORPUS = Path(__file__).parent.parent / "corpus"


def starter() -> Folder:
    """Return the shipped documents as a source."""
    return Folder(_CORPUS)


def digest() -> str:
    """Hash the shipped documents, so that an upgrade of the package is noticed."""
    total = hashlib.sha256()
    for ref in starter().list().refs:
        total.update(ref.name.encode())
        total.update((_CORPUS / ref.name).read_bytes())
    return total.hexdigest()[:32]
