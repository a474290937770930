"""The ledger's tables: what every edition holds, who may read it, and what was answered from it."""

from sqlalchemy import JSON as JSON_
from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

sources = Table(
    "sources",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("type", String(40), nullable=False),
    Column("at", Text, nullable=False),
    Column("kind", String(40)),
    Column("jurisdiction", String(8), nullable=False),
    Column("visibility", String(80), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("checked_at", DateTime(timezone=True)),
    Column("error", Text),
)

versions = Table(
    "versions",
    metadata,
    Column("version_id", String(32), primary_key=True),
    Column("document_id", String(400), nullable=False, index=True),
    Column("source", String(80), nullable=False),
    Column("ref", String(1000), nullable=False),
    Column("visibility", String(80), nullable=False),
    Column("facts", JSON_, nullable=False),
    Column("text", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
)

passages = Table(
    "passages",
    metadata,
    Column("version_id", ForeignKey("versions.version_id"), primary_key=True),
    Column("passage_id", String(16), primary_key=True),
    Column("citation", String(400), nullable=False),
    Column("heading", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text_hash", String(32), nullable=False),
    Index("passages_by_id", "passage_id"),
)

vectors = Table(
    "vectors",
    metadata,
    Column("embedder", String(80), primary_key=True),
    Column("text_hash", String(32), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("embedder", String(80), nullable=False),
    Column("dimensions", Integer, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("passages", Integer, nullable=False),
    Column("starter", String(32), nullable=False),
    Column("report", JSON_, nullable=False),
)

edition_versions = Table(
    "edition_versions",
    metadata,
    Column("number", ForeignKey("editions.number"), primary_key=True),
    Column("version_id", ForeignKey("versions.version_id"), primary_key=True),
    Index("edition_versions_by_version", "version_id"),
)

shelves = Table(
    "shelves",
    metadata,
    Column("number", ForeignKey("editions.number"), primary_key=True),
    Column("visibility", String(80), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("passages", Integer, nullable=False),
    Column("centroid", LargeBinary, nullable=False),
)
"""One row per edition and visibility: the immutable vector segment and lexical index that hold its passages."""

pointer = Table(
    "pointer",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", ForeignKey("editions.number"), nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("answer_id", String(32), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("edition", Integer),
    Column("asker", String(200), nullable=False),
    Column("body", JSON_, nullable=False),
)
