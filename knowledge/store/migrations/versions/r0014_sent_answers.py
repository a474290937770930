"""Which answer a sent message shows, so that what people think of a message finds its answer; and a way to the old ones."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty for what was sent before, and the indexes."""
    op.add_column("sent", sa.Column("answer", sa.String(length=32), nullable=False, server_default=""))
    op.create_index("sent_by_activity", "sent", ["activity"])
    op.create_index("sent_by_age", "sent", ["at"])


def downgrade() -> None:
    """Take the column and the indexes away."""
    op.drop_index("sent_by_age", "sent")
    op.drop_index("sent_by_activity", "sent")
    op.drop_column("sent", "answer")
