"""The engine of a head: `Engine`'s interface over the replicas of a cluster, without models of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from deploy.cluster.failover import FailoverRequest
from deploy.cluster.head_reading import HeadReading
from deploy.cluster.head_request import HeadRequest, Tap
from deploy.cluster.messages import ReplicaFacts, ReplicaLost
from deploy.cluster.replicas import Replicas
from engine.config import Config
from engine.diarization.turns import Turn
from engine.engine import TICK, Engine
from engine.errors import Busy, NotReady, SetupError, ShuttingDown
from engine.log import log_rejected
from engine.media.audio_tracks import choice_of
from engine.media.ffmpeg import build_fence
from engine.media.live_sound import LiveSound
from engine.options import Options
from engine.pipeline.checkpoint import Checkpoint
from engine.pipeline.request_log import logged
from engine.scheduling.scheduler import SchedulerStats
from engine.text_alignment.given_text import GivenText
from engine.updates import Update

LOOK_SECONDS = 0.5  # between looks for the first replica
REFRESH_SECONDS = 10.0  # between two questions about the state of the replicas

_log = logging.getLogger("wordlight.cluster")


class RemoteEngine(Engine):
    """Transcribes recordings on the replicas of a cluster. Thread-safe.

    It does all that `Engine` does, except for live sound. If a replica ends, another one goes on after the last
    finished window; callers see a pause.
    """

    def __init__(self, config: Config, replicas: Replicas, *, sees_files: bool = True) -> None:
        """Prepares a head; nothing is asked before `start`.

        sees_files  whether replicas may find the head's files at their paths; once one does not, all get the content
        """
        super().__init__(config)
        self._replicas = replicas
        self._lock = threading.Condition()
        self._at_work = 0  # requests
        self._windows = 0  # finished since the start
        self._sees_files = sees_files
        self._facts: ReplicaFacts | None = None
        self._fault: SetupError | None = None  # why the replicas cannot start
        self._settled = threading.Event()  # set once there are facts, or a fault
        self._stopped = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Starts to wait for the replicas in the background; once closed, does nothing."""
        with self._lock:
            if self._watcher is None and not self.closing:
                self._watcher = threading.Thread(target=self._watch, name="replicas", daemon=True)
                self._watcher.start()

    def stream(
        self,
        media: str | Path,
        options: Options = Options(),
        stop: threading.Event | None = None,
        resume: Sequence[Checkpoint] = (),
        tap: Tap | None = None,
    ) -> Generator[Update]:
        """Yields updates of a transcription, as `Engine.stream` does.

        tap  gets the samples as the head reads them itself, channels mixed
        """
        request = HeadRequest(Path(media), options, stop or threading.Event(), tap=tap, resume=tuple(resume))
        return logged(self._updates(request), request.facts)

    def stream_alignment(
        self,
        media: str | Path,
        text: GivenText,
        options: Options = Options(),
        stop: threading.Event | None = None,
        tap: Tap | None = None,
        seeks: bool = False,
    ) -> Generator[Update]:
        """Yields updates of the alignment of a text, as `Engine.stream_alignment` does."""
        tap = tap if text.changed is None else None
        stop = stop or threading.Event()
        request = HeadRequest(Path(media), options, stop, tap=tap, text=text, seeks=seeks)
        return logged(self._updates(request), request.facts)

    def stream_live(
        self,
        sound: LiveSound,
        options: Options = Options(),
        stop: threading.Event | None = None,
        *_: Any,
        **_named: Any,
    ) -> Generator[Update]:
        """Raises SetupError: live sound needs models in the same process."""
        error = SetupError("A cluster does not transcribe live sound.", "Send it when it has ended.")
        log_rejected(error, options.language, 0.0)
        raise error
        yield  # a generator, as for `Engine`

    def turns(self, blocks: Iterable[np.ndarray], most: int, stop: threading.Event) -> tuple[Turn, ...]:
        """Returns who speaks when in a short sound; no turns if the replica ends before it has answered."""
        samples = np.concatenate([np.zeros(0, np.float32), *blocks])
        try:
            return () if stop.is_set() else self._replicas.turns(samples, most)
        except ReplicaLost:
            return ()

    @property
    def status(self) -> str:
        """Returns "loading" until a replica has answered, then "ok"; "failed" if replicas cannot start."""
        return "ok" if self._facts else "failed" if self._fault else "loading"

    def health(self) -> dict[str, Any]:
        """Returns what `Engine.health` returns, with the models of one replica, and the number of replicas."""
        found = dict(self._facts.health) if self._facts else {}
        error = str(self._fault) if self._fault else None
        return found | super().health() | {"error": error} | self._replica_count()

    def stats(self) -> SchedulerStats | None:
        """Returns the load of this head; None until a replica has answered. Batches are counted on replicas."""
        facts = self._facts
        if facts is None:
            return None
        return SchedulerStats(
            recordings=self._at_work,
            recordings_limit=self.config.max_requests,
            windows_waiting=0,
            batch_size=facts.batch_size,
            workers=facts.workers,
            batches=0,
            windows=self._windows,
        )

    load = stats

    def languages(self) -> list[dict[str, str]]:
        """Returns code, name, native and aligner of each language. Waits for a replica. Raises as `Engine` does."""
        return [dict(language) for language in self._ready().languages]

    def models(self) -> tuple[str, ...]:
        """Returns the models that a request may name, the default first.

        Does not wait, since event loops ask too. Raises NotReady until a replica has answered, SetupError if replicas
        cannot start.
        """
        self.start()
        if not self._settled.is_set():
            raise NotReady("The models are being loaded.", "Try again in a few seconds.")
        return self._ready().models

    def close(self, grace: float = 0.0, last_batch: float | None = None) -> None:
        """Refuses new work, and ends running requests with ShuttingDown after `grace` seconds."""
        self.refuse()
        with self._lock:
            self._lock.wait_for(lambda: not self._at_work, grace)
        self._stopped.set()
        self._settled.set()
        super().close()
        self._replicas.close()

    def _updates(self, request: HeadRequest) -> Generator[Update]:
        if self.closing:
            raise ShuttingDown()
        self.start()
        while not self._settled.wait(0.0):
            yield Update("loading")
            self._settled.wait(TICK)
        request.model = self.model_of(request.options)
        with self._place(), ExitStack() as stack:
            reading = (
                stack.enter_context(closing(self._reading(request, request.tap))) if request.tap else None
            )
            failover = FailoverRequest(
                self._replicas, request.sent(), request.model, has_ended=self._stopped.is_set
            )
            if not self._sees_files:
                failover.send_content()
            try:
                for update in failover.updates(request.stop.is_set):
                    if update.transcript is not None and reading is not None:
                        yield from _until_read(reading, update)
                    request.note(update)
                    yield update
            finally:
                self._sees_files = self._sees_files and not failover.needs_content
                self._windows += failover.windows

    @contextmanager
    def _place(self) -> Generator[None]:
        """Counts a request while it runs. Raises Busy or ShuttingDown."""
        with self._lock:
            if self.closing:
                raise ShuttingDown()
            if self._at_work >= self.config.max_requests:
                raise Busy(
                    f"{self._at_work} recordings are being transcribed already.", "Try again in 20 seconds."
                )
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                self._lock.notify_all()

    def _reading(self, request: HeadRequest, tap: Tap) -> HeadReading:
        track = choice_of(request.options.track, request.options.language)
        return HeadReading(self.read(request.media, request.stop, track=track), tap, request.stop)

    def _ready(self) -> ReplicaFacts:
        self.start()
        self._settled.wait()
        if self.closing:
            raise ShuttingDown()
        if self._facts is None:
            raise self._fault or ShuttingDown()
        return self._facts

    def _watch(self) -> None:
        """Asks the replicas about themselves from time to time."""
        try:
            build_fence(self.config)
        except SetupError as error:
            self._fault = error
            self._settled.set()
            return
        while not self._stopped.is_set():
            try:
                self._facts, self._fault = self._replicas.facts(), None
                self._settled.set()
            except ReplicaLost:  # all are busy or starting: what is known stays
                pass
            except SetupError as error:
                if self._facts is None:
                    self._fault = error
                    self._settled.set()
            except Exception:
                _log.exception("the replicas could not be asked")
            self._stopped.wait(REFRESH_SECONDS if self._facts else LOOK_SECONDS)

    def _replica_count(self) -> dict[str, int]:
        try:
            return {"replicas": self._replicas.count()}
        except Exception:
            _log.exception("the replicas could not be counted")
            return {}


def _until_read(reading: HeadReading, last: Update) -> Generator[Update]:
    """Yields signs of life until the head has read the recording too."""
    while not reading.wait(TICK):
        yield Update(
            "transcribing",
            seconds_done=last.seconds_done,
            seconds_total=last.seconds_total,
            language=last.language,
            language_probability=last.language_probability,
        )
