"""Files that people hand over in chat, kept in a folder with what is known of each: who may read it, and whence it came."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from knowledge.errors import DocumentRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse import ENDINGS, unread
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.folder import LARGEST
from knowledge.sources.http import Http

_FACTS = ".facts"


class Uploads:
    """A folder of uploaded files; one without its facts is not read, since nobody knows who may read it."""

    patience = 1

    def __init__(self, at: Path) -> None:
        self._root = at

    def keep(self, name: str, content: bytes, facts: Mapping[str, object]) -> str:
        """Keep a file with its facts, visibility among them, and return the name it is known by; a like name is replaced."""
        ending = PurePosixPath(name).suffix.lower()
        if ending not in ENDINGS:
            raise unread(name)
        if len(content) > LARGEST:
            raise DocumentRefused(f"the file is larger than {LARGEST // 1_000_000} MB")
        if not facts.get("visibility"):
            raise DocumentRefused("nobody has said who may read the file")
        stem = re.sub(r"[^\w.-]+", "-", PurePosixPath(name).stem)[:100].strip("-.") or "file"
        kept = f"{stem}-{hashlib.sha256(name.encode()).hexdigest()[:8]}{ending}"
        self._root.mkdir(parents=True, exist_ok=True)
        _replace(self._root / f"{kept}{_FACTS}", json.dumps(dict(facts), default=str).encode())
        _replace(self._root / kept, content)
        return kept

    def list(self, since: str) -> Listed:  # noqa: ARG002 - a folder is always listed whole
        """Return the files; a mark changes with the file and with its facts."""
        try:
            found = (
                sorted(one for one in self._root.iterdir() if one.suffix.lower() in ENDINGS)
                if self._root.is_dir()
                else []
            )
            return Listed(tuple(Ref(one.name, self._mark(one)) for one in found))
        except OSError as error:
            raise SourceUnreachable("the folder of uploads cannot be read") from error

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the mark has told already
        """Return a file with its facts."""
        path = self._root / ref.name
        try:
            facts = json.loads((self._root / f"{ref.name}{_FACTS}").read_bytes())
            return Raw(path.read_bytes(), ref.name, facts)
        except (OSError, ValueError) as error:
            raise DocumentRefused(
                "who may read this upload is not known, so it stays hidden; upload it again"
            ) from error

    def ids(self) -> frozenset[str]:
        """Return the files' names."""
        return frozenset(ref.name for ref in self.list("").refs)

    def _mark(self, path: Path) -> str:
        facts = self._root / f"{path.name}{_FACTS}"
        stats = [one.stat() for one in (path, facts) if one.exists()]
        return ".".join(f"{stat.st_size}.{stat.st_mtime_ns}.{stat.st_ino}" for stat in stats)


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def connect(spec: SourceSpec, http: Http) -> Uploads:  # noqa: ARG001 - every connector is opened the same way
    """Open `upload`: the folder in which uploads are kept."""
    return Uploads(Path(spec.at).expanduser())
