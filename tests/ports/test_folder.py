"""The folder as a source: what it lists, and what it refuses to read."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from knowledge.errors import DocumentRefused, SourceUnreachable
from knowledge.ports import Ref
from knowledge.sources.folder import LARGEST, LONGEST_REF, Folder


def write(root, *names, text="text"):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def names(folder):
    return [ref.name for ref in folder.list().refs]


def test_what_is_below_it_is_listed_in_order_and_hidden_things_are_not(tmp_path):
    write(tmp_path, "b.md", "a.txt", "sub/c.html", ".hidden.md", ".git/x.md", "README.md", "sub/LICENSE", "sub/.x/y.md")
    assert names(Folder(tmp_path)) == ["a.txt", "b.md", "sub/c.html"]


def test_a_file_s_bytes_are_returned_as_they_are(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff\x00\r\n")
    assert Folder(tmp_path).fetch(Ref("a.txt")).content == b"\xff\x00\r\n"


def test_a_format_that_is_not_read_is_listed_and_refused_so_that_it_is_reported(tmp_path):
    write(tmp_path, "a.odt")
    assert names(Folder(tmp_path)) == ["a.odt"]
    with pytest.raises(DocumentRefused, match="format"):
        Folder(tmp_path).fetch(Ref("a.odt"))


def test_no_link_leads_out_of_the_folder(tmp_path):
    write(tmp_path, "secret.txt", "outside/x.md")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "folder").symlink_to(tmp_path / "outside")
    assert names(Folder(inside)) == ["link.txt"]
    for ref in ("link.txt", "../secret.txt", "folder/x.md", str(tmp_path / "secret.txt")):
        with pytest.raises(DocumentRefused, match="leads out"):
            Folder(inside).fetch(Ref(ref))


def test_a_link_within_the_folder_is_read(tmp_path):
    write(tmp_path, "a.txt")
    (tmp_path / "b.txt").symlink_to("a.txt")
    assert Folder(tmp_path).fetch(Ref("b.txt")).content == b"text"


def test_a_folder_that_is_itself_a_link_is_read(tmp_path):
    write(tmp_path, "real/a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert names(Folder(tmp_path / "link")) == ["a.txt"]
    assert Folder(tmp_path / "link").fetch(Ref("a.txt")).content == b"text"


def test_links_that_lead_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a.txt").symlink_to("b.txt")
    (tmp_path / "b.txt").symlink_to("a.txt")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    for ref in names(Folder(tmp_path)):
        with pytest.raises(DocumentRefused, match="itself"):
            Folder(tmp_path).fetch(Ref(ref))


@pytest.mark.parametrize(
    ("name", "words"),
    [("large.txt", "larger"), ("pipe.txt", "regular"), ("folder.txt", "regular"), ("gone.txt", "regular")],
)
def test_what_is_no_file_of_usual_size_is_refused_at_once(tmp_path, name, words):
    with (tmp_path / "large.txt").open("wb") as large:
        large.truncate(LARGEST + 1)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(DocumentRefused, match=words):
        Folder(tmp_path).fetch(Ref(name))


def test_names_that_cannot_be_written_down_are_listed_in_a_form_that_can_and_refused(tmp_path):
    for name in (b"bad\xff.md", b"line\nbreak.md", b"esc\x1b[31m.md"):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:  # noqa: PTH118, PTH123 - paths in bytes
            file.write(b"text")
    refs = names(Folder(tmp_path))
    assert len(refs) == 3
    for ref in refs:
        assert ref.isprintable()
        ref.encode()
        with pytest.raises(DocumentRefused, match="rename"):
            Folder(tmp_path).fetch(Ref(ref))


def test_a_path_longer_than_a_database_takes_is_refused(tmp_path):
    with pytest.raises(DocumentRefused, match="too long"):
        Folder(tmp_path).fetch(Ref("d/" * LONGEST_REF + "x.md"))


def test_names_in_other_scripts_are_read(tmp_path):
    write(tmp_path, "政策 é.md")
    (ref,) = names(Folder(tmp_path))
    assert Folder(tmp_path).fetch(Ref(ref)).content == b"text"


@pytest.mark.parametrize("place", ["gone", "file.txt", "loop"])
def test_a_place_that_is_no_folder_is_unreachable(tmp_path, place):
    write(tmp_path, "file.txt")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceUnreachable):
        names(Folder(tmp_path / place))


@pytest.fixture
def open_place():
    """A folder that everyone may enter; those that pytest makes are closed to others."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")
@pytest.mark.parametrize(
    ("mode", "call", "said"),
    [
        ("file", "f.fetch(Ref('sub/a.txt'))", "DocumentRefused the file cannot be opened; check its permissions"),
        (
            "folder",
            "f.list()",
            "SourceUnreachable a folder below the source cannot be opened; check its permissions",
        ),
        ("folder", "f.fetch(Ref('sub/a.txt'))", "DocumentRefused the file cannot be opened; check its permissions"),
        (
            "root",
            "f.list()",
            "SourceUnreachable a folder below the source cannot be opened; check its permissions",
        ),
    ],
)
def test_what_may_not_be_read_is_refused_with_a_reason(open_place, mode, call, said):
    write(open_place, "root/sub/a.txt")
    root = open_place / "root"
    {"file": root / "sub/a.txt", "folder": root / "sub", "root": root}[mode].chmod(0)
    probe = (
        f"import os; from pathlib import Path; from knowledge.ports import Ref; from knowledge.sources.folder import Folder; f = Folder(Path({str(root)!r}));"
        f"\nos.seteuid(65534)\ntry: {call}\nexcept Exception as e: print(type(e).__name__, e)"
    )
    told = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == said
