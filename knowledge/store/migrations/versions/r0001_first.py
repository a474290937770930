"""The first ledger: sources, versions, passages, vectors, editions, shelves and receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "editions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("embedder", sa.String(length=80), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("starter", sa.String(length=32), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "receipts",
        sa.Column("answer_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("asker", sa.String(length=200), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id"),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("jurisdiction", sa.String(length=8), nullable=False),
        sa.Column("visibility", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "vectors",
        sa.Column("embedder", sa.String(length=80), nullable=False),
        sa.Column("text_hash", sa.String(length=32), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("embedder", "text_hash"),
    )
    op.create_table(
        "versions",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("document_id", sa.String(length=400), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("ref", sa.String(length=1000), nullable=False),
        sa.Column("visibility", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version_id"),
    )
    op.create_index("ix_versions_document_id", "versions", ["document_id"], unique=False)
    op.create_table(
        "edition_versions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["editions.number"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.version_id"],
        ),
        sa.PrimaryKeyConstraint("number", "version_id"),
    )
    op.create_index("edition_versions_by_version", "edition_versions", ["version_id"], unique=False)
    op.create_table(
        "passages",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("passage_id", sa.String(length=16), nullable=False),
        sa.Column("citation", sa.String(length=400), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.version_id"],
        ),
        sa.PrimaryKeyConstraint("version_id", "passage_id"),
    )
    op.create_index("passages_by_id", "passages", ["passage_id"], unique=False)
    op.create_table(
        "pointer",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["editions.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "shelves",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("centroid", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["editions.number"],
        ),
        sa.PrimaryKeyConstraint("number", "visibility"),
    )


def downgrade() -> None:
    """Drop all tables."""
    op.drop_table("shelves")
    op.drop_table("pointer")
    op.drop_index("passages_by_id", table_name="passages")
    op.drop_table("passages")
    op.drop_index("edition_versions_by_version", table_name="edition_versions")
    op.drop_table("edition_versions")
    op.drop_index("ix_versions_document_id", table_name="versions")
    op.drop_table("versions")
    op.drop_table("vectors")
    op.drop_table("sources")
    op.drop_table("receipts")
    op.drop_table("editions")
