"""A pack of documents as a source: a zip archive or a file of JSON lines, on this machine or on the web."""

import hashlib
import io
import zipfile
from pathlib import Path, PurePosixPath

from knowledge.errors import DocumentRefused, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse import ENDINGS, unread
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.folder import PASSED_OVER
from knowledge.sources.http import Http

LARGEST = 200_000_000
"""Bytes of an archive, and of all that it holds when it is unpacked."""
MEMBER = 20_000_000
MOST = 20_000


class Pack:
    """Reads an archive's members without ever writing them to the disk; a member's mark is its checksum and size."""

    patience = 1

    def __init__(self, http: Http, at: str) -> None:
        self._http = http
        self._at = at
        self._content = b""

    def list(self, since: str) -> Listed:  # noqa: ARG002 - a pack is always listed whole
        """Return the members; raise SourceUnreachable for an archive that is broken or would unpack to too much."""
        self._content = self._read()
        if not self._at.endswith(".zip"):
            return Listed((Ref(PurePosixPath(self._at).name, hashlib.sha256(self._content).hexdigest()[:32]),))
        with self._opened() as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) > MOST or sum(one.file_size for one in members) > LARGEST:
            raise SourceUnreachable("the archive holds more than is read from one; split it")
        kept = [one for one in members if PurePosixPath(one.filename).name not in PASSED_OVER]
        return Listed(tuple(Ref(one.filename, f"{one.CRC:08x}.{one.file_size}") for one in kept))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the mark has told already
        """Return a member; raise DocumentRefused for one that is encrypted, too large or not what it says."""
        if not self._at.endswith(".zip"):
            return Raw(self._content, ref.name)
        if PurePosixPath(ref.name).suffix.lower() not in ENDINGS:
            raise unread(ref.name)
        try:
            with self._opened() as archive, archive.open(ref.name) as member:
                content = member.read(MEMBER + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, KeyError, EOFError, OSError) as error:
            raise DocumentRefused("the member is encrypted or broken, so it was not read") from error
        if len(content) > MEMBER:
            raise DocumentRefused(f"the member is larger than {MEMBER // 1_000_000} MB")
        return Raw(content, ref.name)

    def ids(self) -> frozenset[str]:
        """Return the members' names."""
        return frozenset(ref.name for ref in self.list("").refs)

    def _opened(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(io.BytesIO(self._content))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise SourceUnreachable("the archive is broken; nothing of it was read") from error

    def _read(self) -> bytes:
        if "://" in self._at:
            reply = self._http.get(self._at, limit=LARGEST)
            if reply is None or reply.status != 200:
                raise SourceUnreachable("the pack cannot be fetched")
            return reply.content
        try:
            path = Path(self._at)
            if path.stat().st_size > LARGEST:
                raise SourceUnreachable(f"the pack is larger than {LARGEST // 1_000_000} MB")
            return path.read_bytes()
        except OSError as error:
            raise SourceUnreachable("the pack cannot be opened; check its place and permissions") from error


def connect(spec: SourceSpec, http: Http) -> Pack:
    """Open `pack`: the path or address of a .zip, .jsonl or .json file."""
    if not spec.at.lower().endswith((".zip", ".jsonl", ".json")):
        raise SourceRefused("a pack is a .zip, .jsonl or .json file")
    return Pack(http, spec.at if "://" in spec.at else str(Path(spec.at).expanduser()))
