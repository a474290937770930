"""What is needed to send an undelivered answer again, and the day on which a receipt's content was removed."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was given up before has no message and stays for an administrator to drop."""
    op.add_column("dead_letters", sa.Column("payload", sa.JSON(), nullable=True))
    op.add_column("dead_letters", sa.Column("message", sa.JSON(), nullable=True))
    op.add_column("dead_letters", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("dead_letters", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("dead_letters_by_next", "dead_letters", ["next_at"])
    op.add_column("receipts", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("receipts_by_edition", "receipts", ["edition"])


def downgrade() -> None:
    """Take the columns away, with what they hold."""
    op.drop_index("receipts_by_edition", "receipts")
    op.drop_column("receipts", "removed_at")
    op.drop_index("dead_letters_by_next", "dead_letters")
    for name in ("next_at", "tries", "message", "payload"):
        op.drop_column("dead_letters", name)
