"""Takes one request through the ends of replicas: another one goes on after the last finished window."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from deploy.cluster.answer_reader import AnswerReader
from deploy.cluster.messages import Failure, RecordingElsewhere, ReplicaLost, TranscriptionRequest
from deploy.cluster.replicas import Replicas
from engine.engine import TICK
from engine.errors import TEMPORARY, ShuttingDown, WordlightError
from engine.pipeline.checkpoint import Checkpoint
from engine.updates import Update

# Replicas that may end in a row before one has finished a further window of the recording. The recording may be what
# ends them, and each end delays others; but if replicas are ended all the time, each loss says little.
MAX_LOSSES = 8
# What another replica may be spared. If a replica dies or memory is short, its ffmpeg may end first.
ELSEWHERE = (ReplicaLost, *TEMPORARY)
PAUSE_SECONDS = 1.0  # after a loss, until the next replica is asked
SILENCE_SECONDS = (
    2 * TICK
)  # after which the head gives a sign of life by itself; a replica at work gives more

_log = logging.getLogger("wordlight.cluster")


class FailoverRequest:
    """One request, and what replicas have finished of it."""

    def __init__(
        self, replicas: Replicas, request: TranscriptionRequest, model: str, *, has_ended: Callable[[], bool]
    ) -> None:
        """Prepares a request; `has_ended` says whether the head has ended all work."""
        self._replicas = replicas
        self._request = request
        self._model = model
        self._has_ended = has_ended
        self._last = Update("reading", request.resume[-1].until if request.resume else 0.0)
        self._checkpoints: list[Checkpoint] = list(request.resume)
        self._shown = 0  # segments of an alignment that have been yielded
        self._losses = 0
        self.windows = 0  # finished

    def updates(self, is_stopped: Callable[[], bool]) -> Generator[Update]:
        """Yields updates as `Engine.stream` does; while a replica is replaced, they only repeat the state.

        is_stopped  says whether the caller wants no more; the work is cancelled then, and signs of life go on

        Raises the errors that replicas report, ShuttingDown if the head has ended all work, and WordlightError if
        too many replicas end at one window.
        """
        while self._last.transcript is None:
            if self._has_ended():
                raise ShuttingDown()
            if is_stopped():
                yield self._sign_of_life()
                time.sleep(TICK)
                continue
            try:
                yield from self._attempt(is_stopped)
            except RecordingElsewhere:
                self.send_content()
            except ELSEWHERE as error:
                if self._has_ended():
                    raise ShuttingDown() from error
                self._note_loss(error)
                yield self._sign_of_life()
                time.sleep(PAUSE_SECONDS)

    def send_content(self) -> None:
        """Makes the next replicas get the content of the recording, and not only its path."""
        recording = self._request.recording
        content = self._replicas.store(Path(recording.path))
        self._request = replace(self._request, recording=replace(recording, content=content))

    @property
    def needs_content(self) -> bool:
        """Returns whether replicas get the content of the recording."""
        return self._request.recording.content is not None

    def _attempt(self, is_stopped: Callable[[], bool]) -> Generator[Update]:
        request = replace(self._request, resume=tuple(self._checkpoints))
        with closing(AnswerReader(self._replicas.transcribe(request, self._model))) as answer:
            while not self._has_ended() and not is_stopped():
                reply = answer.next(SILENCE_SECONDS)
                if isinstance(reply, Failure):
                    raise reply.error
                yield self._sign_of_life() if reply is None else self._taken(reply)
                if self._last.transcript is not None:
                    return

    def _taken(self, update: Update) -> Update:
        """Notes what an update has finished; returns it as it is to be yielded."""
        if update.checkpoint is not None:
            self._checkpoints.append(update.checkpoint)
            self.windows += len(update.checkpoint.windows)
            self._losses = 0
        elif self._request.text is not None:
            # An alignment has no checkpoints: the next replica begins again, and brings its segments again.
            update = replace(
                update, segments=tuple(each for each in update.segments if each.id >= self._shown)
            )
            self._shown += len(update.segments)
        done = max(update.seconds_done, self._last.seconds_done)
        self._last = replace(update, seconds_done=done)
        return self._last

    def _sign_of_life(self) -> Update:
        last = self._last
        return Update(
            last.stage,
            seconds_done=last.seconds_done,
            seconds_total=last.seconds_total,
            language=last.language,
            language_probability=last.language_probability,
            seconds_left=last.seconds_left,
        )

    def _note_loss(self, error: Exception) -> None:
        self._losses += 1
        _log.warning("a replica was lost, %d in a row: %s", self._losses, type(error).__name__)
        if self._losses >= MAX_LOSSES:
            if isinstance(error, WordlightError):
                raise error
            raise WordlightError(
                f"{self._losses} servers in a row ended while they transcribed this recording.",
                "Send it in parts, or ask the operator for the cluster's log.",
            ) from error
