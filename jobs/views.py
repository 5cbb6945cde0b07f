"""Describes a job in JSON, for HTTP and webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from jobs.models import UNFINISHED, Job

PATH = "/jobs"


def job_view(job: Job, keep_seconds: float, place: int | None = None, prefix: str = "") -> dict[str, Any]:
    """Returns a job in plain JSON types.

    keep_seconds  seconds from its end until it is deleted
    place         in the queue, from 1 on
    prefix        comes before the paths of the links
    """
    path = f"{prefix}{PATH}/{job.id}"
    ended = job.finished_at
    return {
        "id": job.id,
        "state": job.state,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(ended),
        "kept_until": moment(ended + keep_seconds) if ended is not None else None,
        "place": place,
        "progress": {
            "seconds_done": round(job.seconds_done, 3),
            "seconds_total": round(job.seconds_total, 3),
            "seconds_left": _rounded(job.seconds_left) if job.state in UNFINISHED else None,
        },
        "language": job.language,
        "options": job.options,
        "metadata": job.details,
        "error": job.error,
        "links": {"self": path, "events": f"{path}/events", "result": f"{path}/result"},
    }


def moment(seconds: float | None) -> str | None:
    """Returns a time as RFC 3339 has it, in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
