"""Transcribes on a replica of a cluster what heads send to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from anyio import CapacityLimiter, to_thread

from deploy.cluster.helping import ReplicaHelpers
from deploy.cluster.messages import (
    Failure,
    PortionRefusal,
    RecordingElsewhere,
    ReplicaFacts,
    SentRecording,
    TranscriptionRequest,
)
from deploy.cluster.replicas import OtherReplicas, PortionReply, Reply
from engine.config import Config
from engine.diarization.turns import Turn
from engine.engine import Engine
from engine.errors import SetupError, WordlightError
from engine.pipeline.portion_work import work_at
from engine.scheduling.portion import Portion
from engine.updates import Update
from jobs.files import create_private, full_disk_refused
from server.async_engine import follow
from server.data_folder import DataFolder

SPARE = 4  # threads and places beside the capacity: for requests that are being cancelled, and questions


class Transcriber:
    """One replica: an engine with its models loaded."""

    def __init__(
        self,
        config: Config,
        *,
        cores: float,
        capacity: int,
        fetch: Callable[[Any], bytes | memoryview],
        others: OtherReplicas | None = None,
        spread: int = 1,
    ) -> None:
        """Loads the models. Raises SetupError.

        cores     of this replica; fewer than one count as one
        capacity  recordings at a time, portions of others' recordings included
        fetch     returns a part of a recording from the cluster's object store
        others    take windows of this replica's recordings
        spread    replicas that may work at one recording together
        """
        threads = config.threads or max(1, round(cores))
        config = replace(config, threads=threads, max_requests=capacity + SPARE)
        self._folder = DataFolder.claim(config.temp_dir, config.min_free_bytes, config.max_temp_bytes)
        self._engine = Engine(config)
        self._capacity = capacity
        self._fetch = fetch
        self._at_work = 0  # recordings and portions; changed by the event loop alone
        self._engine.languages()  # waits for the models
        if others is not None and spread > 1 and (installation := self._engine.installation) is not None:
            installation.helpers = ReplicaHelpers(others, most=spread - 1)

    async def updates(self, request: TranscriptionRequest) -> AsyncGenerator[Reply]:
        """Yields the updates of a request; if it fails, the error last. Cancelling ends the work."""
        threads = CapacityLimiter(2)  # one step, and its clean-up
        try:
            with self._place(), self._file(request.recording) as path:
                if request.recording.content is not None:
                    await to_thread.run_sync(self._write, request.recording, path, limiter=threads)
                stop = Event()
                begun = self._begun(request, path, stop)
                async with aclosing(follow(self._engine, begun, threads, stop=stop)) as updates:
                    async for update in updates:
                        yield update
        except WordlightError as error:
            yield Failure(error)

    async def work_at(self, portion: Portion) -> AsyncGenerator[PortionReply]:
        """Yields an empty list and then results in order, or a refusal. Cancelling ends the work.

        A portion is refused if this replica has other work, would have no place left for a recording that comes, or
        would have to load the model.
        """
        installation = self._engine.installation
        is_idle = self._at_work == 0 and self._capacity > 1
        if installation is None or not is_idle or not installation.has_recognizer(portion.options.model):
            yield PortionRefusal()
            return
        stop, threads = Event(), CapacityLimiter(2)
        try:
            with self._place():
                yield []
                begun = work_at(installation, portion, stop)
                async with aclosing(follow(self._engine, begun, threads, stop=stop)) as results:
                    async for found in results:
                        if found:
                            yield found
        except WordlightError as error:
            yield Failure(error)

    @contextmanager
    def _place(self) -> Iterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    def facts(self) -> ReplicaFacts:
        """Returns what a head needs to know."""
        stats = self._engine.stats()
        return ReplicaFacts(
            models=self._engine.models(),
            languages=tuple(self._engine.languages()),
            health=self._engine.health(),
            batch_size=stats.batch_size if stats else 0,
            workers=stats.workers if stats else 0,
        )

    def turns(self, samples: np.ndarray, most: int) -> tuple[Turn, ...]:
        """Returns who speaks when, as `Engine.turns` does."""
        return self._engine.turns([samples], most, Event())

    def load_model(self, name: str) -> str:
        """Loads a model that requests may name, if it is not loaded yet; returns its name. Raises SetupError."""
        if (installation := self._engine.installation) is not None:
            installation.recognizer(name or None)
        return name

    def check_health(self) -> None:
        """Raises SetupError if this replica can transcribe nothing any more."""
        installation = self._engine.installation
        if installation is None or not all(thread.is_alive() for thread in installation.scheduler.threads):
            raise SetupError("The engine of this replica has ended.", "The replica's log has the reason.")

    def _begun(self, request: TranscriptionRequest, path: Path, stop: Event) -> Generator[Update]:
        if request.text is None:
            return self._engine.stream(path, request.options, stop, request.resume)
        return self._engine.stream_alignment(path, request.text, request.options, stop, seeks=request.seeks)

    @contextmanager
    def _file(self, recording: SentRecording) -> Iterator[Path]:
        """Yields the path of a recording here; one whose content was sent is to be written to it.

        Raises RecordingElsewhere if only a path was sent and the file is not here.
        """
        if recording.content is None:
            if not recording.is_here():
                raise RecordingElsewhere("The recording is not on this server.")
            yield Path(recording.path)
            return
        with self._folder.temporary("recording-") as folder:
            yield Path(folder, "recording").with_suffix(Path(recording.path).suffix)

    def _write(self, recording: SentRecording, path: Path) -> None:
        with full_disk_refused(), create_private(path) as file:
            for part in recording.content or ():
                file.write(self._fetch(part))
