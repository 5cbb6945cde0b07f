"""One request of a head: what it asks for, and what the log has of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from deploy.cluster.messages import SentRecording, TranscriptionRequest
from engine.errors import InputError
from engine.options import Options
from engine.pipeline.checkpoint import Checkpoint
from engine.pipeline.request_log import RequestFacts
from engine.stopwatch import Stopwatch
from engine.text_alignment.given_text import GivenText
from engine.updates import Update

Tap = Callable[[np.ndarray], None]


@dataclass(slots=True)
class HeadRequest:
    """One request; the fields are as the arguments of `Engine.stream` and `Engine.stream_alignment`.

    model  that it is given to; "" until it is known
    """

    media: Path
    options: Options
    stop: threading.Event
    tap: Tap | None = None
    resume: tuple[Checkpoint, ...] = ()
    text: GivenText | None = None
    seeks: bool = False
    model: str = ""
    _watch: Stopwatch = field(default_factory=Stopwatch)
    _audio_seconds: float = 0.0
    _language: str | None = None
    _aligner: str | None = None
    _timings: Mapping[str, float] = field(default_factory=dict)

    def sent(self) -> TranscriptionRequest:
        """Returns the request as a replica gets it. Raises InputError if the recording is gone."""
        try:
            recording = SentRecording.of(self.media)
        except OSError as error:
            raise InputError("The recording is no longer on the server.", "Send it again.") from error
        return TranscriptionRequest(
            recording, replace(self.options, model=self.model), self.resume, self.text
        )

    def note(self, update: Update) -> None:
        """Notes for the log what an update tells of the request."""
        self._audio_seconds = update.seconds_total
        self._language = update.language
        if update.checkpoint is not None:
            self._timings = update.checkpoint.timings
        if update.transcript is not None:
            self._timings, self._aligner = update.transcript.timings, update.transcript.aligner

    def facts(self) -> RequestFacts:
        """Returns what the log has of the request so far."""
        self._watch.seconds.update(self._timings)
        return RequestFacts(
            audio_seconds=self._audio_seconds,
            language=self._language,
            model=self.model or None,
            aligner=self._aligner,
            watch=self._watch,
        )
