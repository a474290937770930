"""Reads PowerPoint files: each slide is cited by its number, its notes are notes."""

from collections.abc import Iterator
from typing import Any

from knowledge.errors import DocumentRefused
from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.package import checked
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build


def read(raw: bytes) -> tuple[Parsed, ...]:
    """Parse a PowerPoint file."""
    import pptx  # noqa: PLC0415 - heavy, and only PowerPoint files need it

    stream = checked(raw, "PowerPoint (.pptx)", "ppt/presentation.xml")
    try:
        slides = list(pptx.Presentation(stream).slides)
    except (KeyError, ValueError, AttributeError) as error:
        raise DocumentRefused("the PowerPoint (.pptx) file is broken, so nothing of it was read") from error
    blocks = [block for number, slide in enumerate(slides, 1) for block in _slide(slide, number)]
    return (build(blocks, title=next((block.text for block in blocks), "")),)


def _slide(slide: Any, number: int) -> Iterator[Block]:
    here = Pinpoint((f"slide {number}",), page=number)
    title = slide.shapes.title
    heading = line(title.text_frame.text) if title is not None and title.has_text_frame else ""
    if heading:
        yield Block(Shape.HEADING, heading, 1)
    for shape in slide.shapes:
        if title is None or shape.shape_id != title.shape_id:
            for text in _texts(shape):
                yield Block(Shape.PARAGRAPH, text, pinpoint=here)
    if slide.has_notes_slide and (said := line(slide.notes_slide.notes_text_frame.text)):
        yield Block(Shape.PARAGRAPH, said, pinpoint=Pinpoint((f"slide {number}", "notes"), Part.NOTE, page=number))


def _texts(shape: Any) -> Iterator[str]:
    if getattr(shape, "shapes", None) is not None:
        for inner in shape.shapes:
            yield from _texts(inner)
    elif shape.has_text_frame:
        yield from filter(None, (line(paragraph.text) for paragraph in shape.text_frame.paragraphs))
    elif getattr(shape, "has_table", False):
        for row in shape.table.rows:
            cells = [line(cell.text_frame.text) for cell in row.cells]
            if any(cells):
                yield " | ".join(cell for cell in cells if cell)
