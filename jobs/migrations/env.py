"""Runs migrations on the connection that `jobs.database` gives."""

from __future__ import annotations

from alembic import context

from jobs.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
