"""Joins the jobs' folder, database, store, queue and workers of one process."""

from __future__ import annotations

import time
from pathlib import Path

from engine.config import Config
from engine.engine import Engine
from engine.errors import InputError
from jobs.addresses import CallbackRules
from jobs.database import open_database
from jobs.deliveries import Deliveries
from jobs.leases import LivingWorker
from jobs.models import Job
from jobs.queue import JobQueue
from jobs.recordings import JobsFolder, Recordings
from jobs.signals import Signals
from jobs.store import JobStore, Limits
from jobs.suspended import SuspendableJobs
from jobs.webhooks import Webhooks
from jobs.worker import Workers, WorkKind, work_for_programs

DATABASE = "jobs.sqlite3"
WAIT_SECONDS = 10.0  # for the last steps of running jobs


class Jobs:
    """The jobs of one process; no job runs before `start`."""

    def __init__(self, engine: Engine) -> None:
        """Opens the folder and database that the settings name. Raises SetupError."""
        config = engine.config
        self.folder = JobsFolder.claim(config.jobs_dir)
        self.signals = Signals()
        self._config = config
        self._database = open_database(database_url(config, self.folder), self.folder.root / ".lock")
        self.recordings = Recordings(self.folder, self._database)
        self.store = JobStore(
            self._database, self.recordings, self.signals, Limits(config.max_jobs, config.caller_jobs)
        )
        self.suspendable = SuspendableJobs(self._database, self.signals)
        self._living = LivingWorker(self.folder.workers)
        self.queue = JobQueue(self._database, self.signals, self._living.name)
        self._webhooks = Webhooks(
            Deliveries(self._database),
            CallbackRules(config.webhook_allow),
            self.store.transcript,
            secret=config.webhook_secret,
            keep_seconds=config.keep_for,
        )
        self._engine = engine
        self._workers: list[Workers] = []
        self.add_workers(work_for_programs(engine, self.queue, self._locate, config.job_workers))

    def add_workers(self, kind: WorkKind) -> Workers:
        """Adds workers, which `start` starts and `close` ends."""
        workers = Workers(self._engine, self.queue, self.signals, self._living, kind)
        self._workers.append(workers)
        return workers

    def start(self) -> None:
        """Starts the workers and the delivery of webhooks."""
        for workers in self._workers:
            workers.start()
        self._webhooks.start()

    def remove(self, job_id: str, owner: str = "") -> str:
        """Cancels or deletes a job, as `JobStore.remove` does, and stops this process's work at it."""
        outcome = self.store.remove(job_id, owner)
        for workers in self._workers:
            workers.stop(job_id)
        return outcome

    def sweep(self) -> int:
        """Deletes expired jobs; returns their number."""
        return self.store.expire(time.time() - self._config.keep_for)

    def refuse(self) -> None:
        """Takes no further job, because the process is about to end."""
        for workers in self._workers:
            workers.refuse()

    def close(self, wait: float = WAIT_SECONDS) -> None:
        """Returns running jobs to the queue, waits for the workers, and closes the database."""
        for workers in self._workers:
            workers.close(wait)
        self._webhooks.close(wait)
        self._living.close()
        self._database.close()

    def _locate(self, job: Job) -> Path:
        if job.source is not None:
            return Path(job.source)
        assert job.recording is not None, "a job that can be taken has its recording"
        path = self.recordings.path_of(job.recording)
        if not path.exists():
            raise InputError("The recording is no longer on the server.", "Send it again.")
        return path


def database_url(config: Config, folder: JobsFolder) -> str:
    """Returns the URL of the database that the settings name."""
    return config.database or f"sqlite:///{folder.root / DATABASE}"
