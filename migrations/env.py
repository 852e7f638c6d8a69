"""Alembic's entry: one connection, one transaction per migration, a lock so that two starts do not collide."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import text

from commons.db import Base
from migrations.spatial import is_ours

connection = context.config.attributes["connection"]

if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_lock(20260722)"))
    connection.execute(text("SET lock_timeout TO '10s'"))
    connection.commit()

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_object=is_ours,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    transaction_per_migration=True,
    version_table_pk=True,
)

with context.begin_transaction():
    context.run_migrations()

if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_unlock(20260722)"))
    connection.commit()
