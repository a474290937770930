"""A chain through the receipts, and keys that the processes of a ledger share."""

from dataclasses import replace
from datetime import UTC

import sqlalchemy as sa
from alembic import op

from knowledge.store.chain import START, Kept, seal

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_RECEIPTS = sa.table(
    "receipts",
    sa.column("answer_id", sa.String()),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("edition", sa.Integer()),
    sa.column("asker", sa.String()),
    sa.column("body", sa.JSON()),
    sa.column("n", sa.Integer()),
    sa.column("previous", sa.String()),
    sa.column("sha256", sa.String()),
)


def upgrade() -> None:
    """Add the chain, and put the receipts that were kept before into it by their time."""
    op.add_column("receipts", sa.Column("n", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("receipts", sa.Column("previous", sa.String(length=64), nullable=False, server_default=START))
    op.add_column("receipts", sa.Column("sha256", sa.String(length=64), nullable=False, server_default=START))
    chain = op.create_table(
        "chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    count, head = _chain_up(op.get_bind())
    op.bulk_insert(chain, [{"id": 1, "n": count, "sha256": head}])
    op.create_index("receipts_in_order", "receipts", ["n"], unique=True)


def downgrade() -> None:
    """Forget the chain; the receipts stay."""
    op.drop_index("receipts_in_order", table_name="receipts")
    op.drop_table("secrets")
    op.drop_table("chain")
    with op.batch_alter_table("receipts") as receipts:
        for column in ("sha256", "previous", "n"):
            receipts.drop_column(column)


def _chain_up(connection: sa.Connection) -> tuple[int, str]:
    """Seal each receipt in turn; return the number and the seal of the last."""
    ids = connection.execute(sa.select(_RECEIPTS.c.answer_id).order_by(_RECEIPTS.c.created_at, _RECEIPTS.c.answer_id))
    n, head = 0, START
    for n, answer_id in enumerate(ids.scalars().all(), 1):
        here = _RECEIPTS.c.answer_id == answer_id
        row = connection.execute(sa.select(_RECEIPTS).where(here)).one()
        moment = row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC)
        kept = Kept(n, answer_id, moment, row.edition, row.asker, row.body, previous=head, sha256="")
        kept = replace(kept, sha256=seal(kept))
        connection.execute(sa.update(_RECEIPTS).where(here).values(n=n, previous=kept.previous, sha256=kept.sha256))
        head = kept.sha256
    return n, head
