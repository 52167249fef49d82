"""Run by Alembic for every upgrade: applies the revisions on the connection that the registry hands over.

The registry holds the transaction and the lock around it, so an upgrade happens wholly or not at all.
"""

from alembic import context

from import_pipeline.stores.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
