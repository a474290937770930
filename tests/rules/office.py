"""Makes small office files for tests: PDF by hand, the others with the libraries that read them."""

import io
import zipfile

import docx
import openpyxl
import pptx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn


def pdf(*pages: list[str]) -> bytes:
    """Return a PDF of one line of Helvetica for each string."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        drawn = "".join(f"1 0 0 1 50 {780 - 16 * at} Tm ({text}) Tj " for at, text in enumerate(lines))
        stream = f"BT /F1 11 Tf {drawn} ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return body + end.encode()


def word(document: "docx.document.Document") -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def numbered(paragraph, number: int, level: int = 0) -> None:
    """Put a paragraph into a list of the document."""
    properties = paragraph._p.get_or_add_pPr()
    made = OxmlElement("w:numPr")
    for name, value in (("w:ilvl", level), ("w:numId", number)):
        part = OxmlElement(name)
        part.set(qn("w:val"), str(value))
        made.append(part)
    properties.append(made)


def clauses(
    document, texts: tuple[str, ...] = ("%1.", "%1.%2.", "(%3)"), forms=("decimal", "decimal", "lowerLetter")
) -> None:
    """Give a document an abstract list 77 of three levels, and the lists 77 and 78 that both continue it."""
    root = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for level, (text, form) in enumerate(zip(texts, forms, strict=True)):
        made = OxmlElement("w:lvl")
        made.set(qn("w:ilvl"), str(level))
        for name, value in (("w:start", "1"), ("w:numFmt", form), ("w:lvlText", text)):
            part = OxmlElement(name)
            part.set(qn("w:val"), value)
            made.append(part)
        abstract.append(made)
    root.insert(0, abstract)
    for number in ("77", "78"):
        made = OxmlElement("w:num")
        made.set(qn("w:numId"), number)
        part = OxmlElement("w:abstractNumId")
        part.set(qn("w:val"), "77")
        made.append(part)
        root.append(made)


def excel(*rows: tuple, title: str = "Answers", hidden: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if hidden:
        book.create_sheet("Secret").append(("hidden words",))
        book["Secret"].sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def slides(*shown: tuple[str, str, str]) -> bytes:
    deck = pptx.Presentation()
    for title, text, notes in shown:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
        slide.notes_slide.notes_text_frame.text = notes
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


def with_part(raw: bytes, name: str, content: bytes) -> bytes:
    """Return a package with a part put in or replaced, packed as tightly as can be."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part.filename))
        new.writestr(name, content)
    return made.getvalue()
