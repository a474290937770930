"""The versions of documents: each state that was ever read is kept once, with its passages."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Engine, insert, select

from knowledge.model import Version
from knowledge.store import schema
from knowledge.store.paging import pages
from knowledge.store.rows import facts, passage_rows, version_row


class Versions:
    """Keeps versions and tells of them, whatever edition holds them; `keep` is one short transaction for each page of ids."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, versions: Sequence[Version]) -> list[str]:
        """Store versions with their passages, each once, in transactions of a page; return their ids in order."""
        by_id = {version_key(version): version for version in versions}
        for page in pages(list(by_id)):
            with self._engine.begin() as connection:
                known = select(schema.versions.c.version_id).where(schema.versions.c.version_id.in_(page))
                stored = set(connection.execute(known).scalars())
                new = [(key, by_id[key]) for key in page if key not in stored]
                rows = [row for key, version in new for row in passage_rows(key, version)]
                if new:
                    connection.execute(insert(schema.versions), [version_row(key, version) for key, version in new])
                if rows:
                    connection.execute(insert(schema.passages), rows)
        return list(by_id)

    def documents_of(self, version_ids: Sequence[str]) -> dict[str, str]:
        """Return the document of each of these versions that is kept."""
        return self._told(schema.versions.c.version_id, schema.versions.c.document_id, version_ids)

    def visibilities_of(self, version_ids: Sequence[str]) -> dict[str, str]:
        """Return who may read each of these versions."""
        return self._told(schema.versions.c.version_id, schema.versions.c.visibility, version_ids)

    def cited(self, version_ids: Sequence[str]) -> dict[str, str]:
        """Return the citation of each passage of these versions, by passage id."""
        return self._told(schema.passages.c.passage_id, schema.passages.c.citation, version_ids)

    def _told(self, key: Column[Any], value: Column[Any], version_ids: Sequence[str]) -> dict[str, str]:
        """Return one column by another of what belongs to these versions."""
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            for page in pages(version_ids):
                found.update(connection.execute(select(key, value).where(key.table.c.version_id.in_(page))).all())
        return found


def version_key(version: Version) -> str:
    """Hash everything that a version says, so that the same state of a document is stored once."""
    passages = [
        (p.id, p.start, p.end, str(p.part), p.term, p.page, p.applies_from, p.ends_on) for p in version.passages
    ]
    body = json.dumps(
        [facts(version.document), version.text, passages], sort_keys=True, ensure_ascii=False, default=str
    )
    return hashlib.sha256(body.encode()).hexdigest()[:32]
