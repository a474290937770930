"""Which files came with a question, so that the next one in its thread can ask about them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no earlier question had files."""
    with op.batch_alter_table("turns") as table:
        table.add_column(sa.Column("files", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take the column away, with what it holds."""
    with op.batch_alter_table("turns") as table:
        table.drop_column("files")
