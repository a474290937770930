"""Runs the ledger's migrations on the connection that `knowledge.store.database` hands over."""

from alembic import context

from knowledge.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
