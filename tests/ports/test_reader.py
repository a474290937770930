"""The parsing process: it reads as the parsers do, and a file that breaks it breaks nothing else."""

import pytest

from knowledge import parse
from knowledge.errors import DocumentRefused
from knowledge.parse.reader import Reader

PAGE = b"<body>" + b"<div><p>Point.</p></div>" * 400_000 + b"</body>"


def test_a_file_is_read_as_its_parser_reads_it():
    raw = b"---\nid: a.b\n---\n# Title\n\n1.1 The owner must ask.\n"
    with Reader() as reader:
        assert reader.read(raw, "x.md") == parse.read(raw, "x.md")


def test_a_refusal_keeps_its_words():
    with Reader() as reader, pytest.raises(DocumentRefused, match="format is not read"):
        reader.read(b"x", "x.odt")


def test_a_file_that_takes_too_long_is_refused_and_the_next_one_is_read():
    with Reader(seconds=0.3) as reader:
        with pytest.raises(DocumentRefused, match="longer than"):
            reader.read(PAGE, "x.html")
        reader._seconds = 30
        assert reader.read(b"Fine.", "y.txt")[0].text == "Fine."


def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_one_is_read():
    with Reader(memory=400 << 20) as reader:
        with pytest.raises(DocumentRefused, match=r"memory|broke|could not"):
            reader.read(PAGE * 3, "x.html")
        assert reader.read(b"Fine.", "y.txt")[0].text == "Fine."


def test_a_parsing_process_that_dies_is_replaced():
    with Reader() as reader:
        reader.read(b"Fine.", "y.txt")
        reader._process.kill()
        reader._process.wait()
        with pytest.raises(DocumentRefused, match="broke"):
            reader.read(b"Lost.", "y.txt")
        assert reader.read(b"Fine again.", "y.txt")[0].text == "Fine again."
