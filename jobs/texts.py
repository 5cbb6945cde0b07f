"""Stores the texts that jobs align with their recordings.

A text is kept until its job has ended; the result then has its words.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine.options import Options
from engine.text_alignment.given_text import ALIGN_OPTIONS, GivenText
from engine.text_alignment.text_formats import ONLY, Only, read_text
from jobs.models import GivenTextRow

ALIGN = "align"  # the task of a job that aligns a text, beside the tasks of `Options`
ONLY_CHANGED = "only"  # the option of such a job that `read_text` takes


def stored_alignment(options: Mapping[str, Any], only: Only) -> dict[str, Any]:
    """Returns the options of a job that aligns a text, as they are stored."""
    return {**options, "task": ALIGN} | ({} if only == ONLY[0] else {ONLY_CHANGED: only})


def options_of(stored: Mapping[str, Any]) -> Options:
    """Returns the engine's options of a job that aligns a text."""
    return Options.of({name: value for name, value in stored.items() if name in ALIGN_OPTIONS})


def add_text(session: Session, job_id: str, text: str) -> None:
    """Stores the text of a job in a transaction."""
    session.add(GivenTextRow(job_id=job_id, document=zlib.compress(text.encode(), 6)))


def delete_text(session: Session, job_id: str) -> None:
    """Deletes the text of a job in a transaction, if the job has one."""
    session.execute(delete(GivenTextRow).where(GivenTextRow.job_id == job_id))


def find_text(session: Session, job_id: str, stored: Mapping[str, Any]) -> GivenText | None:
    """Returns the text of a job; None if it has none. Raises BadText."""
    found = session.get(GivenTextRow, job_id)
    if found is None:
        return None
    only: Only = "changed" if stored.get(ONLY_CHANGED) == "changed" else "all"
    return read_text(zlib.decompress(found.document).decode(), only=only)
