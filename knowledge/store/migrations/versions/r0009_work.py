"""Durable work: signs of life of the workers, what was asked lately, and what failed for good."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty."""
    op.create_table(
        "beats",
        sa.Column("executor", sa.String(length=200), nullable=False),
        sa.Column("sign", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("executor"),
    )
    op.create_table(
        "asked",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "scope"),
    )
    op.create_index("asked_by_scope", "asked", ["scope", "asked_at"])
    op.create_table(
        "dead_letters",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("door", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def downgrade() -> None:
    """Take the tables away, with what they hold."""
    for name in ("dead_letters", "asked", "beats"):
        op.drop_table(name)
