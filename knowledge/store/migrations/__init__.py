"""The ledger's schema over time, as Alembic revisions."""
