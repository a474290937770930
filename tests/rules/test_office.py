"""PDF, Word, PowerPoint, Excel and CSV: words as they are shown, under the numbers that are shown; hostile files refused."""

from contextlib import suppress

import docx
import pytest

from knowledge import parse
from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.errors import DocumentRefused
from knowledge.model import Part, SourceSpec
from knowledge.parse.reader import Reader
from tests.rules.office import clauses, excel, numbered, pdf, slides, with_part, word

SPEC = SourceSpec("files", "folder", "")


def passages(raw: bytes, name: str):
    (parsed,) = parse.read(raw, name)
    document = describe(parsed, name, SPEC)
    return document, chunk(document, parsed)


def test_a_pdf_keeps_its_pages_and_drops_what_runs_along_their_tops():
    fruits = ("quinces", "medlars", "figs", "plums", "dates", "limes")
    pages = [
        [f"Vendor manual page {n}", "", f"The buyer of {fruit} keeps the record for", f"as many days as {fruit} last."]
        for n, fruit in enumerate(fruits, 1)
    ]
    document, found = passages(pdf(*pages), "manual.pdf")
    assert [(one.page, one.text) for one in found][:2] == [
        (1, "The buyer of quinces keeps the record for as many days as quinces last."),
        (2, "The buyer of medlars keeps the record for as many days as medlars last."),
    ]
    assert found[0].citation.endswith("p. 1")
    assert document.flags == ("running_header:1",)


def test_clauses_of_a_pdf_are_cited_by_their_numbers():
    _, found = passages(
        pdf(["6.1 The owner of the system must ask first.", "6.2 The buyer waits for an answer."]), "rules.pdf"
    )
    assert [one.citation.split(" ")[-1] for one in found] == ["§6.1", "§6.2"]


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        (pdf([""], ["x"]), "scan.pdf", "needs_ocr"),
        (b"%PDF-1.4 nonsense", "broken.pdf", "broken"),
        (b"plain text", "text.pdf", "not a PDF"),
        (pdf(["A page of words that is long enough."]), "p.docx", "broken or encrypted|not a Word"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old.docx", "password"),
        (excel(("a", "b")), "sheet.docx", "not a Word"),
        (b"PK\x03\x04" + b"\x00" * 60, "torn.xlsx", "broken"),
        (with_part(excel(("a", "b")), "xl/evil.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'), "bomb.xlsx", "entities"),
        (with_part(excel(("a", "b")), "xl/big.xml", b"0" * 60_000_000), "zip.xlsx", "packed more tightly"),
        (b"id,name\n" * 1_000_001, "million.csv", "more than 20000 rows"),
        (b"\x00\x01\x02", "b.csv", "binary"),
        (b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>', "laughs.xml", "entities"),
        (b"<open>", "broken.xml", "broken"),
        (b"<shop/>", "other.xml", "root element is shop"),
        (b"<r>" + b"<a>" * 400 + b"</a>" * 400 + b"</r>", "deep.xml", "nested|broken"),
        (b'{"a": ', "broken.json", "not valid JSON"),
        (b"[" * 200_000, "deep.json", "not valid JSON"),
    ],
)
def test_what_is_broken_locked_hostile_or_misnamed_is_refused_with_a_reason(raw, name, words):
    with Reader(seconds=30, memory=2 << 30) as reader:
        with pytest.raises(DocumentRefused, match=words):
            reader.read(raw, name)
        assert reader.read(b"Fine.", "y.txt")[0].text == "Fine."


def test_fifty_megabytes_of_text_are_read_or_refused_within_the_bounds():
    with Reader(seconds=60, memory=3 << 30) as reader:
        with suppress(DocumentRefused):
            reader.read(b"One sentence of many. " * 2_300_000, "large.txt")
        assert reader.read(b"Fine.", "y.txt")[0].text == "Fine."


def test_word_clauses_have_the_numbers_that_word_shows_also_after_a_break():
    document = docx.Document()
    clauses(document)
    for number, level, text in (
        (77, 0, "Approval"), (77, 1, "The owner asks."), (77, 2, "in writing;"), (77, 2, "in time."), (77, 1, "The buyer waits."),
        (0, 0, "An unnumbered remark."), (78, 0, "Exit"), (78, 1, "The vendor returns the data."),
    ):  # fmt: skip
        paragraph = document.add_paragraph(text)
        if number:
            numbered(paragraph, number, level)
    _, found = passages(word(document), "POL-9.docx")
    assert [(one.citation.removeprefix("POL-9 "), one.text) for one in found] == [
        ("§1", "1. Approval"), ("§1.1", "1.1. The owner asks."), ("§1.1(a)", "(a) in writing;"), ("§1.1(b)", "(b) in time."),
        ("§1.2", "1.2. The buyer waits.\n\nAn unnumbered remark."), ("§2", "2. Exit"), ("§2.1", "2.1. The vendor returns the data."),
    ]  # fmt: skip


def test_words_that_word_hides_or_has_deleted_are_no_text_and_tables_are():
    document = docx.Document()
    document.add_heading("Policy", 1)
    paragraph = document.add_paragraph("The buyer asks ")
    paragraph.add_run("never ").font.hidden = True
    paragraph.add_run("first.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Tier", "Critical"
    _, found = passages(word(document), "p.docx")
    said = "\n".join(one.text for one in found)
    assert "The buyer asks first." in said
    assert "Tier | Critical" in said
    assert "never" not in said


def test_a_policy_in_word_says_what_it_is_at_its_head():
    document = docx.Document()
    for said in (
        "Vendor Policy",
        "Document ID: POL-014",
        "Version: 3.2",
        "Effective Date: 1 May 2026",
        "Owner: Procurement",
        "The buyer asks.",
    ):
        document.add_paragraph(said)
    described, _ = passages(word(document), "p.docx")
    assert (described.short, described.version, described.owner, described.kind) == (
        "POL-014",
        "3.2",
        "Procurement",
        "policy",
    )
    assert described.in_force_from.isoformat() == "2026-05-01"


def test_slides_are_cited_by_number_and_their_notes_are_notes():
    _, found = passages(
        slides(("Exit", "Data comes back.", "Say this aloud."), ("Risk", "It is low.", "")), "deck.pptx"
    )
    assert [(one.citation.partition("slide")[2], one.text, one.part) for one in found] == [
        (" 1", "Data comes back.", Part.BODY), (" 1 notes", "Say this aloud.", Part.NOTE), (" 2", "It is low.", Part.BODY),
    ]  # fmt: skip


def test_rows_are_cited_by_sheet_and_number_with_their_columns_names():
    raw = excel(
        ("Question", "Answer"), ("Is data encrypted?", "Yes, AES-256."), ("How long is it kept?", 30), hidden=True
    )
    _, found = passages(raw, "caiq.xlsx")
    assert [(one.citation.removeprefix("caiq "), one.text) for one in found] == [
        ("Answers row 2", "Question: Is data encrypted?\n\nAnswer: Yes, AES-256."),
        ("Answers row 3", "Question: How long is it kept?\n\nAnswer: 30"),
    ]
    _, rows = passages("Name;Land\nAcme;Deutschland\nÖko;Österreich\n".encode("cp1252"), "list.csv")
    assert rows[1].text == "Name: Öko\n\nLand: Österreich"
