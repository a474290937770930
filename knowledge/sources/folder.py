"""A folder of files on this machine, with everything below it."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from knowledge.errors import DocumentRefused, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse import ENDINGS, unread
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http

LARGEST = 20_000_000
"""Bytes of a single file; larger ones are refused with a reason."""
LONGEST_REF = 1_000
"""Characters of a path below the folder."""
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""What a file's name may hold but no database, report or terminal: control characters, and bytes that are not UTF-8."""
_MARK = "\ufffd"
PASSED_OVER = frozenset({"README.md", "LICENSE", "LICENSE.txt", "LICENSE.md", "MANIFEST.json"})
"""What tells about a collection and is none of its documents."""


class Folder:
    """Lists readable files below a folder, in a stable order; never follows a link out of it."""

    patience = 1

    def __init__(self, at: Path) -> None:
        self._root = at

    def list(self, since: str = "") -> Listed:  # noqa: ARG002 - a folder is always listed whole
        """Return paths relative to the folder; hidden files and folders, READMEs and licences are passed over.

        A file's mark is its size, its times and its place on the disk, so that any writing to it changes the mark.
        """
        return Listed(tuple(self._refs()))

    def ids(self) -> frozenset[str]:
        """Return all paths that `list` would."""
        return frozenset(ref.name for ref in self.list().refs)

    def _refs(self) -> Iterator[Ref]:
        try:
            root = self._root.resolve()
            found = root.is_dir()
        except (OSError, RuntimeError) as error:
            raise SourceUnreachable("the folder cannot be opened; check its permissions") from error
        if not found:
            raise SourceUnreachable("the folder is not there or is not a folder")
        for place, folders, files in os.walk(root, onerror=_unreadable):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith(".") and name not in PASSED_OVER:
                    path = Path(place) / name
                    yield Ref(_UNWRITABLE.sub(_MARK, path.relative_to(root).as_posix()), _mark(path))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the mark has told already
        """Return a file; raise DocumentRefused for a link out of the folder, a large or an unreadable file."""
        return Raw(self._content(ref.name), ref.name)

    def _content(self, ref: str) -> bytes:
        if _MARK in ref or len(ref) > LONGEST_REF:
            raise DocumentRefused("its name is too long or holds characters that cannot be written; rename it")
        if Path(ref).suffix.lower() not in ENDINGS:
            raise unread(ref)
        try:
            root = self._root.resolve()
            path = (root / ref).resolve()
            if not path.is_relative_to(root):
                raise DocumentRefused("the file is a link that leads out of the folder")
            if not path.is_file():
                raise DocumentRefused("this is not a regular file")
            if path.stat().st_size > LARGEST:
                raise DocumentRefused(f"the file is larger than {LARGEST // 1_000_000} MB")
            return path.read_bytes()
        except RuntimeError as error:
            raise DocumentRefused("the file is a link that leads back to itself") from error
        except OSError as error:
            raise DocumentRefused("the file cannot be opened; check its permissions") from error


def connect(spec: SourceSpec, http: Http) -> Folder:  # noqa: ARG001 - every connector is opened the same way
    """Open `folder`: the path of a folder; raise SourceRefused when there is none."""
    root = Path(spec.at)
    if not root.is_dir():
        raise SourceRefused("there is no folder at that place")
    return Folder(root)


def _mark(path: Path) -> str:
    """Return what changes when a file is written, replaced or moved; nothing for a link, whose target may change."""
    try:
        found = path.lstat()
    except OSError:
        return ""
    if stat.S_ISLNK(found.st_mode):
        return ""
    return f"{found.st_size}.{found.st_mtime_ns}.{found.st_ctime_ns}.{found.st_ino}"


def _unreadable(error: OSError) -> None:
    raise SourceUnreachable("a folder below the source cannot be opened; check its permissions") from error
