"""When somebody pressed stop."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table(
        "stops",
        sa.Column("session", sa.String(length=200), nullable=False),
        sa.Column("asker", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session", "asker"),
    )


def downgrade() -> None:
    """Take the table away, with what it holds."""
    op.drop_table("stops")
