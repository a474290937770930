"""A git checkout on this machine as a source: what is tracked in it, as it was last committed."""

import shutil
import subprocess
from pathlib import Path, PurePosixPath

from knowledge.errors import DocumentRefused, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse import ENDINGS, unread
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.folder import LARGEST, PASSED_OVER
from knowledge.sources.http import Http

SECONDS = 60


class Checkout:
    """Reads the files of the last commit by their blobs: a file's mark is its blob's hash, and nothing untracked is seen."""

    patience = 1

    def __init__(self, root: Path) -> None:
        self._root = root
        self._blobs: dict[str, str] = {}

    def list(self, since: str) -> Listed:  # noqa: ARG002 - a commit is always listed whole
        """Return the tracked files; links and submodules are passed over."""
        rows = self._git("ls-tree", "-r", "-z", "HEAD").split(b"\0")
        self._blobs = {}
        for row in filter(None, rows):
            how, _, name = row.partition(b"\t")
            mode, kind, blob = how.decode().split()
            path = name.decode("utf-8", "replace")
            if (
                kind == "blob"
                and mode != "120000"
                and PurePosixPath(path).name not in PASSED_OVER
                and not path.startswith(".")
            ):
                self._blobs[path] = blob
        return Listed(tuple(Ref(path, blob) for path, blob in sorted(self._blobs.items())))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the mark has told already
        """Return a file as it was committed."""
        if PurePosixPath(ref.name).suffix.lower() not in ENDINGS:
            raise unread(ref.name)
        blob = self._blobs.get(ref.name)
        if blob is None:
            raise DocumentRefused("the file is not in the last commit")
        if int(self._git("cat-file", "-s", blob)) > LARGEST:
            raise DocumentRefused(f"the file is larger than {LARGEST // 1_000_000} MB")
        return Raw(self._git("cat-file", "blob", blob), ref.name)

    def ids(self) -> frozenset[str]:
        """Return the tracked files."""
        return frozenset(ref.name for ref in self.list("").refs)

    def _git(self, *arguments: str) -> bytes:
        git = shutil.which("git")
        if git is None:
            raise SourceUnreachable("git is not installed here, so the checkout cannot be read")
        try:
            command = [git, "-C", str(self._root), *arguments]
            return subprocess.run(command, capture_output=True, check=True, timeout=SECONDS).stdout  # noqa: S603 - fixed verbs
        except (subprocess.SubprocessError, OSError) as error:
            raise SourceUnreachable("the folder is no git checkout with a commit, or it cannot be read") from error


def connect(spec: SourceSpec, http: Http) -> Checkout:  # noqa: ARG001 - every connector is opened the same way
    """Open `git`: the path of a checkout."""
    root = Path(spec.at).expanduser()
    if not root.is_dir():
        raise SourceRefused("there is no folder at that place")
    return Checkout(root)
