"""The jobs of the page: what readers ask for, worked at whether a page shows it or not.

Each recording is a job in the database, of the same id as its transcript. The files of one click are a line: they are
taken one after the other. A job stays in the database until its transcript is stored, and for as long as it can go
on. Jobs belong to a data folder, in which their recordings are; only servers on that folder take them.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np

from engine import Engine, Options, Update, WordlightError
from engine.errors import InvalidOption, ShuttingDown, StorageFull
from engine.media.playable_copy import PlayableCopy
from engine.text_alignment.given_text import ALIGN_OPTIONS
from engine.text_alignment.text_formats import ONLY
from engine.weights.model_names import can_translate
from jobs.errors import JobNotFound, LeaseLost
from jobs.models import Job
from jobs.options import stored_options
from jobs.queue import Share
from jobs.service import Jobs
from jobs.store import PAGE, Order
from jobs.texts import aligns, options_of, stored_alignment
from jobs.worker import WorkKind
from page.attendance import Attendance
from page.runs import PageRequest, PageRun
from page.transcript_store import NotKept, Outcome, TranscriptStore
from server.caller_limits import CallerLimits

MAX_RUNS = 16  # transcriptions of the page at a time
MAX_OF_CALLER = 4  # of these
MAX_UNSTORED = 16  # results of runs that a full disk has no room for; each is some MB

_log = logging.getLogger("wordlight.page")


class PageJobs:
    """The jobs of one process's page, and the runs that this process is at."""

    def __init__(
        self, engine: Engine, jobs: Jobs, store: TranscriptStore, limits: CallerLimits, attendance: Attendance
    ) -> None:
        self.owner = f"{PAGE}{store.folder.identity}"
        self.attendance = attendance
        self._engine = engine
        self._jobs = jobs
        self._store = store
        self._limits = limits
        self._lock = threading.Lock()
        self._runs: dict[str, PageRun] = {}  # at work in this process, by token
        self._asked: dict[str, Outcome] = {}  # how jobs are to end that this process is about to begin
        self._unstored: OrderedDict[str, PageRun] = OrderedDict()
        self._share = Share(self.owner, MAX_OF_CALLER)
        kind = WorkKind(count=MAX_RUNS, claim=self.claim, run=self._work, later=(ShuttingDown,))
        self._workers = jobs.add_workers(kind)

    def submit(
        self,
        caller: str,
        sources: Iterable[Path],
        chosen: Mapping[str, Any],
        text: str | None = None,
        *,
        line: str | None = None,
    ) -> list[str]:
        """Stores a job for each recording, as one line; returns their tokens.

        chosen  options that are not at their defaults, as the page's fields have them
        text    is aligned with the recording; None to transcribe
        line    of earlier jobs, which are taken first; None for a line of their own

        Raises InvalidOption, Busy, RateLimited and StorageFull; then there are no jobs.
        """
        if text is not None:
            chosen = {name: value for name, value in chosen.items() if name in ALIGN_OPTIONS}
        options = stored_options(Options.of(chosen), self._engine)
        if text is not None:
            options = stored_alignment(options, ONLY[0])
        line = line or secrets.token_hex(8)
        self.attendance.note(line)
        tokens: list[str] = []
        try:
            for source in sources:
                order = Order(
                    options=options,
                    text=text,
                    source=str(source),
                    line=line,
                    owner=self.owner,
                    caller=caller,
                    details={"chosen": dict(chosen)},
                )
                tokens.append(self._jobs.store.submit(order)[0].id)
        except WordlightError:
            for token in tokens:
                self.delete(token)
            raise
        return tokens

    def find(self, token: str) -> Job | None:
        """Returns the job of a transcript that is not done."""
        try:
            return self._jobs.store.get(token, self.owner)
        except JobNotFound:
            return None

    def run_of(self, token: str) -> PageRun | None:
        """Returns the run that this process is at, or whose result could not be stored."""
        with self._lock:
            return self._runs.get(token) or self._unstored.get(token)

    def replayed(self, job: Job) -> PageRun:
        """Returns a run with what has been found of a job so far."""
        assert job.source is not None, "a job of the page has its recording in the data folder"
        earlier = self._jobs.suspendable.steps(job.id)
        stored = self._store.load(job.id)
        goes_on = bool(earlier or stored)
        request = PageRequest(
            token=job.id,
            source=Path(job.source),
            options=(job.details or {}).get("chosen", {}),
            model=self._engine.models()[0],
            aligns=aligns(job.options),
            translates=any(map(can_translate, self._engine.models())),
            began=None if goes_on else job.started_at,
        )
        run = PageRun(request, self._store)
        message = stored["message"] if stored else {}
        run.replay(earlier, message if message.get("meta", {}).get("revision", 0) else None)
        return run

    def stop(self, token: str, outcome: Outcome = "stopped") -> None:
        """Stops a job, with what has been found; it can go on later."""
        job = self.find(token)
        if job is None:
            return
        with suppress(JobNotFound):
            if self._jobs.suspendable.suspend(token, self.owner, self._jobs.queue.worker):
                earlier = self.replayed(job)  # of another server, or of this one before a restart
                if earlier.has_words:
                    earlier.finish(None, outcome)
                return
        with self._lock:
            if run := self._runs.get(token):
                run.asked = outcome
            else:
                self._asked[token] = outcome
        self._workers.stop(token)

    def resume(self, token: str) -> None:
        """Queues a stopped job again. Raises NotKept if it cannot go on."""
        job = self.find(token)
        if job is not None and aligns(job.options):
            raise NotKept("The text is no longer kept.", "Send it once more.")
        if job is None or job.source is None or not Path(job.source).is_file():
            raise NotKept("The recording is no longer kept.", "Upload it once more.")
        if job.line:
            self.attendance.note(job.line)
        with suppress(JobNotFound):
            self._jobs.suspendable.resume(token, self.owner)

    def can_resume(self, token: str) -> bool:
        """Returns whether a stopped transcription can go on from where it was stopped."""
        job = self.find(token)
        return job is not None and job.state == "cancelled" and not aligns(job.options)

    def delete(self, token: str) -> None:
        """Ends a job, if there is one, with all that was found."""
        with self._lock:
            self._unstored.pop(token, None)
        with suppress(JobNotFound):
            if self._jobs.remove(token, self.owner) == "cancelled":
                self._jobs.remove(token, self.owner)

    def sources(self) -> set[Path]:
        """Returns the recordings that unfinished jobs need."""
        with self._lock:
            # While the disk is full, the database still has jobs that are done; those that were stopped can go on.
            runs = [*self._runs.values(), *self._unstored.values()]
            ended = {run.token for run in runs if run.state == "done"}
        unfinished = self._jobs.suspendable.unfinished(self.owner)
        return {Path(job.source) for job in unfinished if job.source and job.id not in ended}

    def claim(self) -> Job | None:
        """Takes the next job, one that a page shows before all others."""
        attended = self.attendance.lines()
        job = self._jobs.queue.claim(self._share, attended) if attended else None
        return job or self._jobs.queue.claim(self._share)

    def _work(self, job: Job, stop: threading.Event) -> None:
        run = self.replayed(job)
        with self._lock:
            self._runs[job.id] = run
            run.asked = self._asked.pop(job.id, None)
        if run.asked:
            stop.set()
        try:
            with self._store.protect(Path(job.source or "")), self._limits.slot(job.caller) as slot:
                self._transcribe(job, run, stop, note=slot.note)
        except WordlightError as error:
            if run.has_words and not run.is_finished and not isinstance(error, ShuttingDown):
                run.finish(None, "stopped", shown=False)  # the job is marked as failed next
            raise
        finally:
            self._let_go(run)

    def _transcribe(
        self, job: Job, run: PageRun, stop: threading.Event, note: Callable[[Update], None]
    ) -> None:
        source = Path(job.source or "")
        if not source.is_file():
            raise InvalidOption("The recording is no longer on the server.", "Upload it once more.")
        records = True  # of all windows up to now, without a gap
        with (
            self._store.folder.temporary("copy-") as folder,
            closing(PlayableCopy(Path(folder, "copy.m4a"))) as run.copy,
            closing(self._updates(job, source, stop, tap=run.copy.write)) as updates,
        ):
            for update in updates:
                note(update)
                records = records and self._record(job, update)
                run.take(update)
                if update.transcript is not None:
                    run.finish(update.transcript, "done")
                    self._jobs.queue.complete(job.id)
                elif stop.is_set() or self._is_abandoned(job, run):
                    self._end_early(job, run)
                    return
                self._jobs.signals.changed(job.id)

    def _updates(
        self, job: Job, source: Path, stop: threading.Event, tap: Callable[[np.ndarray], None]
    ) -> Generator[Update]:
        """Yields the engine's updates of a job; an alignment has no checkpoints and starts from the beginning."""
        text = self._jobs.queue.text(job)
        if text is not None:
            return self._engine.stream_alignment(source, text, options_of(job.options), stop, tap)
        resume = self._jobs.queue.checkpoints(job)
        return self._engine.stream(source, Options.of(job.options), stop, resume, tap=tap)

    def _record(self, job: Job, update: Update) -> bool:
        """Stores a step; returns False if the disk is full. The work goes on without later steps being stored."""
        if update.transcript is None and (update.checkpoint or update.speaker_news):
            try:
                self._jobs.queue.record(job.id, update)
            except StorageFull:
                _log.warning("the steps of a transcription cannot be stored: the disk is full")
                return False
        return True

    def _is_abandoned(self, job: Job, run: PageRun) -> bool:
        if not self.attendance.is_over(job.line or ""):
            return False
        run.asked = "left"
        return True

    def _end_early(self, job: Job, run: PageRun) -> None:
        """Stores what has been found, if somebody wants the run to stop; raises LeaseLost otherwise."""
        if run.asked is None:  # the server is closing, or the job was deleted
            raise LeaseLost
        self._jobs.queue.suspend(job.id)  # first, so that a page that sees the end can go on at once
        if run.has_words:
            run.finish(None, run.asked)

    def _let_go(self, run: PageRun) -> None:
        with self._lock:
            if self._runs.get(run.token) is run:
                del self._runs[run.token]
            if run.is_stored is False:
                self._unstored[run.token] = run
                while len(self._unstored) > MAX_UNSTORED:
                    self._unstored.popitem(last=False)
        self._jobs.signals.changed(run.token)
