"""How documents, versions, passages and editions become rows of the ledger's tables, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from knowledge.model import Document, Edition, Kind, Part, Passage, Standing, Status, Version, Wording
from knowledge.store.entry import Entry

_DATES = ("published", "in_force_from", "applies_from", "ends_on", "as_of", "review_due", "transposition_by")


def facts(document: Document) -> dict[str, Any]:
    """Return a document as plain JSON."""
    kept = asdict(document)
    if not document.asked:
        del kept["asked"]  # so that versions from before there were any stay the same
    for name in _DATES:
        kept[name] = kept[name].isoformat() if kept[name] else None
    return kept


def restore(kept: Mapping[str, Any]) -> Document:
    """Return the document that `facts` wrote."""
    values = dict(kept)
    for name in _DATES:
        values[name] = date.fromisoformat(values[name]) if values.get(name) else None
    for name in ("aliases", "vendors", "topics", "supersedes", "flags"):
        values[name] = tuple(values.get(name, ()))
    values["asked"] = tuple((citation, tuple(questions)) for citation, questions in values.get("asked", ()))
    values["kind"] = Kind(values["kind"])
    values["status"] = Status(values["status"])
    values["wording"] = Wording(values["wording"])
    values["standing"] = Standing(values["standing"]) if values["standing"] else None
    return Document(**values)


def header(document: Document, passage: Mapping[str, Any]) -> str:
    """Return what a passage is found by beside its words: citation, headings, names and vendors."""
    parts = (passage["citation"], passage["heading"], document.title, document.short, document.citation)
    return " | ".join((*parts, *document.aliases, *document.vendors))


def version_row(version_id: str, version: Version) -> dict[str, Any]:
    """Return the row of a version that is kept now."""
    document = version.document
    return {
        "version_id": version_id, "document_id": document.id, "source": document.source, "ref": version.ref,
        "visibility": document.visibility, "facts": facts(document), "text": version.text, "added_at": datetime.now(UTC),
    }  # fmt: skip


def passage_rows(version_id: str, version: Version) -> list[dict[str, Any]]:
    """Return the rows of a version's passages."""
    rows = []
    for passage in version.passages:
        row = {
            "version_id": version_id, "passage_id": passage.id, "citation": passage.citation,
            "heading": passage.heading, "start": passage.start, "end": passage.end, "context": passage.context,
            "part": passage.part.value, "term": passage.term, "page": passage.page,
            "applies_from": passage.applies_from, "ends_on": passage.ends_on,
        }  # fmt: skip
        entry = read_entry(row, version.document, passage.text)
        rows.append({**row, "text_hash": entry.text_hash, "entry_key": entry.key})
    return rows


def read_passage(row: Mapping[str, Any], document_id: str, text: str) -> Passage:
    """Return the passage of a row; `text` is the slice that the row names."""
    return Passage(
        row["passage_id"], document_id, row["citation"], row["heading"], text, row["start"], row["end"],
        context=row["context"], part=Part(row["part"]), term=row["term"], page=row["page"],
        applies_from=row["applies_from"], ends_on=row["ends_on"],
    )  # fmt: skip


def read_entry(row: Mapping[str, Any], document: Document, text: str) -> Entry:
    """Return what a shelf holds of a row of the table of passages; `text` is the slice that the row names."""
    found_by = header(document, row)
    found_by = f"{found_by} | {row['context']}" if row["context"] else found_by
    return Entry(row["passage_id"], row["heading"], text, found_by, document.id, row["start"])


def read_edition(row: Mapping[str, Any]) -> Edition:
    """Return the edition of a row; SQLite forgets that its time was UTC."""
    published = row["published_at"]
    if published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return Edition(row["number"], published, row["embedder"], row["documents"], row["passages"], row["starter"])
