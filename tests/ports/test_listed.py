"""Which files make up a list, and in which of its formats, wherever they are."""

import pytest

from knowledge.errors import SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.sources.http import Http
from knowledge.sources.listed import collect
from tests.servers.sources.replay import Replay

OFAC = ("sdn.csv", "add.csv", "alt.csv", "sdn_comments.csv")


@pytest.mark.parametrize(
    ("name", "files", "form"),
    [
        ("us.ofac-sdn", (*OFAC, "cons_prim.csv", "notes.txt"), "csv"),
        ("us.ofac-sdn", ("sdn.xml",), "xml"),
        ("us.ofac-sdn", ("sdn_advanced.xml",), "advanced xml"),
        ("us.csl", ("csl of today.json",), "json"),
        ("us.sam-exclusions", ("SAM_Exclusions_Public_Extract_V2_26329.ZIP",), "csv"),
        ("us.dod-1260h", ("ours.csv", ".hidden"), "csv of ours"),
    ],
)
def test_a_folder_says_by_the_names_of_its_files_which_format_it_holds(tmp_path, name, files, form):
    for file in files:
        (tmp_path / file).write_bytes(file.encode())
    found = collect(SourceSpec(name, "list", str(tmp_path)), Http())
    assert found.source.format == form
    assert set(found.files) <= set(files)
    assert found.copy


@pytest.mark.parametrize("files", [(), OFAC[:3], ("a.pdf", "b.pdf")])
def test_a_folder_without_the_files_of_a_list_is_none(tmp_path, files):
    for file in files:
        (tmp_path / file).write_bytes(b"x")
    with pytest.raises(SourceUnreachable, match="not in its folder"):
        collect(SourceSpec("us.ofac-sdn", "list", str(tmp_path)), Http())


@pytest.mark.parametrize(
    ("at", "form", "files"),
    [
        ("/ofac/", "csv", {"SDN.CSV", "ADD.CSV", "ALT.CSV", "SDN_COMMENTS.CSV"}),
        ("/ofac/SDN.XML", "xml", {"SDN.XML"}),
        ("/ofac/sdn_advanced.xml?v=1", "advanced xml", {"sdn_advanced.xml"}),
    ],
)
def test_an_address_is_that_of_one_file_or_what_stands_before_several(at, form, files):
    with Replay() as web:
        for file in files:
            web.put(f"/ofac/{file}", b"x")
        found = collect(SourceSpec("us.ofac-sdn", "list", f"{web.base}{at}"), web.http)
    assert (found.source.format, set(found.files)) == (form, files)
