"""Adds lines: jobs that are taken one after the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("line", sa.String(32)))
    op.create_index("jobs_of_line", "jobs", ["line", "state"])
