"""Tables of the jobs' database. A change needs a migration, see jobs/migrations/."""

from __future__ import annotations

from typing import Any, Literal, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

State = Literal["queued", "running", "done", "failed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
UNFINISHED: tuple[State, ...] = ("queued", "running")
CallbackBody = Literal["state", "result"]
CALLBACK_BODIES: tuple[CallbackBody, ...] = get_args(CallbackBody)

# All times are seconds since the epoch.


class Base(DeclarativeBase):
    """The metadata of all tables."""


class Recording(Base):
    """A recording, identified by its content; it is kept while a job names it."""

    __tablename__ = "recordings"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256
    bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[float] = mapped_column(Double)


class Job(Base):
    """One requested transcription, or alignment of a text.

    owner          digest of the API key that it belongs to; "" if its id is the only secret
    caller         API key or address of the request; the queue is fair among callers
    recording      digest of the recording; None once it is cancelled
    source         path of a recording that lies elsewhere and is not ours
    line           jobs of one line are taken one after the other; None for a job by itself
    details        `metadata` of the request, returned unchanged; of the page's jobs, the chosen options
    fingerprint    digest of recording and options, by which a repeated request is recognised
    attempts       how often a worker took it since its last finished window
    worker         process that runs it, until `lease_until`
    last_event     number of its last event
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("idempotency_scope", "idempotency_key", name="jobs_idempotency"),
        Index("jobs_queue", "state", "caller", "created_at"),
        Index("jobs_of_caller", "caller", "started_at"),
        Index("jobs_of_owner", "owner", "created_at", "id"),
        Index("jobs_of_line", "line", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default="")
    caller: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(16), default="queued")
    created_at: Mapped[float] = mapped_column(Double)
    started_at: Mapped[float | None] = mapped_column(Double)
    finished_at: Mapped[float | None] = mapped_column(Double, index=True)
    recording: Mapped[str | None] = mapped_column(ForeignKey("recordings.digest"), index=True)
    source: Mapped[str | None] = mapped_column(Text)
    line: Mapped[str | None] = mapped_column(String(32))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    callback_url: Mapped[str | None] = mapped_column(Text)
    callback_body: Mapped[str] = mapped_column(String(8), default="state")
    idempotency_scope: Mapped[str | None] = mapped_column(String(220))
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[float | None] = mapped_column(Double)
    seconds_done: Mapped[float] = mapped_column(Double, default=0.0)
    seconds_total: Mapped[float] = mapped_column(Double, default=0.0)
    seconds_left: Mapped[float | None] = mapped_column(Double)
    language: Mapped[str | None] = mapped_column(String(16))
    last_event: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Event(Base):
    """One event of a job, numbered from 1 without a gap.

    data        sent to readers of the events
    checkpoint  state from which a worker resumes after this event; see engine/pipeline/checkpoint.py
    """

    __tablename__ = "events"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    checkpoint: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Result(Base):
    """The transcript of a job that is done: zlib over the JSON of `Transcript.to_dict`."""

    __tablename__ = "results"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)


class GivenTextRow(Base):
    """The text that an unfinished job aligns with its recording: zlib over UTF-8."""

    __tablename__ = "texts"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)


class Delivery(Base):
    """A webhook that is not delivered yet.

    attempts  tries so far
    next_at   time of the next try; a process that delivers it moves this ahead
    """

    __tablename__ = "deliveries"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[float] = mapped_column(Double)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[float] = mapped_column(Double, index=True)
