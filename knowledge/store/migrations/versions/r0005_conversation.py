"""Conversations: the questions of each thread, and those that no edition could answer yet."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, empty."""
    op.create_table(
        "turns",
        sa.Column("answer_id", sa.String(length=32), nullable=False),
        sa.Column("thread", sa.String(length=200), nullable=False),
        sa.Column("asker", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id"),
    )
    op.create_index("turns_by_thread", "turns", ["thread", "asker"])
    op.create_table(
        "gaps",
        sa.Column("answer_id", sa.String(length=32), nullable=False),
        sa.Column("asker", sa.String(length=200), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("back", sa.JSON(), nullable=False),
        sa.Column("filled_by", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("answer_id"),
    )


def downgrade() -> None:
    """Take both tables away, with what they hold."""
    op.drop_table("gaps")
    op.drop_index("turns_by_thread", "turns")
    op.drop_table("turns")
