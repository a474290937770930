"""Deltas and readings: several shelves for one visibility, what was read of each source, passages with dates of their own."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new, and keep editions and receipts as they are; the next refresh builds its shelves anew."""
    op.add_column("sources", sa.Column("every", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("cursor", sa.Text(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("good_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("passages", sa.Column("entry_key", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("passages", sa.Column("context", sa.Text(), nullable=False, server_default=""))
    op.add_column("passages", sa.Column("part", sa.String(length=20), nullable=False, server_default="body"))
    op.add_column("passages", sa.Column("term", sa.Text(), nullable=False, server_default=""))
    op.add_column("passages", sa.Column("page", sa.Integer(), nullable=True))
    op.add_column("passages", sa.Column("applies_from", sa.Date(), nullable=True))
    op.add_column("passages", sa.Column("ends_on", sa.Date(), nullable=True))
    op.create_index("passages_by_key", "passages", ["entry_key"])
    if op.get_bind().dialect.name != "sqlite":
        # SQLite holds any length already, and would have to drop tables that others refer to.
        for table in ("sources", "versions"):
            op.alter_column(table, "visibility", type_=sa.Text(), existing_nullable=False)
    _new_tables()
    _shelves()
    _citings()


def downgrade() -> None:
    """Go back to one shelf for each visibility: only where no edition has more, since the others would be lost."""
    raise NotImplementedError("an edition with several shelves cannot be told in the schema before this one")


def _new_tables() -> None:
    op.create_table(
        "reads",
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("ref", sa.String(length=1000), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified", sa.Text(), nullable=False),
        sa.Column("raw_hash", sa.String(length=32), nullable=False),
        sa.Column("recipe", sa.String(length=32), nullable=False),
        sa.Column("version_ids", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("passed_over", sa.Text(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "ref"),
    )
    op.create_table(
        "shelf_members",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "tombstones",
        sa.Column("document_id", sa.String(length=400), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["editions.number"]),
        sa.ForeignKeyConstraint(["version_id"], ["versions.version_id"]),
        sa.PrimaryKeyConstraint("document_id", "number"),
    )
    op.create_table(
        "citings",
        sa.Column("passage_id", sa.String(length=16), nullable=False),
        sa.Column("answer_id", sa.String(length=32), nullable=False),
        sa.Column("citation", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["receipts.answer_id"]),
        sa.PrimaryKeyConstraint("passage_id", "answer_id"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _shelves() -> None:
    """Key shelves by name; what they were built from is not known, so the next refresh builds new ones."""
    op.rename_table("shelves", "shelves_before")
    op.create_table(
        "shelves",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("centroid", sa.LargeBinary(), nullable=False),
        sa.Column("dead", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["editions.number"]),
        sa.PrimaryKeyConstraint("number", "name", name="shelves_by_name"),
    )
    op.execute(
        "INSERT INTO shelves (number, name, visibility, passages, centroid, dead)"
        " SELECT number, name, visibility, passages, centroid, '{}' FROM shelves_before"
    )
    op.drop_table("shelves_before")


def _citings() -> None:
    """Index the citations of the answers that were given before."""
    connection = op.get_bind()
    found: dict[tuple[str, str], str] = {}
    for answer_id, body in connection.execute(sa.text("SELECT answer_id, body FROM receipts")):
        kept = json.loads(body) if isinstance(body, str) else body
        for source in kept.get("sources", []):
            found[source["passage_id"], answer_id] = source["citation"]
    rows = [
        {"passage_id": passage, "answer_id": answer, "citation": said[:400]}
        for (passage, answer), said in found.items()
    ]
    if rows:
        op.bulk_insert(
            sa.table("citings", *(sa.column(name) for name in ("passage_id", "answer_id", "citation"))), rows
        )
