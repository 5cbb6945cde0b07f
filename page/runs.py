"""One transcription as the page shows and keeps it: from the engine's updates to the page's messages."""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from engine import Engine, Options, Segment, Transcript, Update, WordlightError
from engine.errors import StorageFull
from engine.pipeline.transcript_builder import TranscriptBuilder
from engine.regions import SpeechRegion
from engine.text.notices import Notice
from engine.updates import WAVEFORM_RATE, Waveform
from page import messages
from page.code_snippets import snippets
from page.kept import Kept, State
from page.layout import PageParts
from page.stop_signals import StopSignal, StopSignals
from server.access import Access

_log = logging.getLogger("wordlight.page")

Changes = dict[Any, Any]  # component -> its new value or gr.update()


class PageContext:
    """Everything that the page's work needs beside the recordings themselves."""

    def __init__(
        self, engine: Engine, parts: PageParts, stops: StopSignals, kept: Kept, access: Access
    ) -> None:
        self.engine = engine
        self.access = access
        self.parts = parts
        self.stops = stops
        self.kept = kept


class PageRun:
    """One transcription as the page shows it. What was there before goes when its first sound is at work."""

    def __init__(self, desk: PageContext, source: Path, options: Mapping[str, Any]) -> None:
        self.token = Kept.token()
        self.stopped = self.found = self.kept = False
        self._desk = desk
        self._source = source
        self._options = options
        self._clicked = self._started = time.monotonic()
        self._began = False
        self._segments: list[Segment] = []
        self._sound: Waveform | None = None
        self._last = Update("loading")

    def steps(
        self, options: Options, told_to_stop: StopSignal, note: Callable[[Update], None] = lambda _: None
    ) -> Generator[Changes]:
        """Yields the changes of each update; ends early, with what has been found, once told to stop.

        So it does if the work fails on the way, before it raises the error.

        `note` is told of each update first; what it raises ends the run.

        Where it is closed from outside, because the page has been left or loaded anew, what has been found
        is kept for whoever comes back.
        """
        with self._desk.kept.working(self.token):
            yield from self._steps(options, told_to_stop, note)

    def _steps(
        self, options: Options, told_to_stop: StopSignal, note: Callable[[Update], None]
    ) -> Generator[Changes]:
        finished = False
        try:
            with closing(self._desk.engine.stream(self._source, options, told_to_stop)) as updates:
                for update in updates:
                    note(update)
                    changes = self._show(update)
                    finished = update.transcript is not None
                    self.stopped = told_to_stop.is_set() and not finished
                    if self.stopped:
                        finished = True
                        if self._began:
                            changes |= self._finish(
                                self._partial(), "left" if told_to_stop.left else "stopped"
                            )
                    yield changes
                    if self.stopped:
                        break
        except WordlightError:
            finished = True
            if self._segments:
                yield self._finish(self._partial(), "stopped")
            raise
        finally:
            if not finished:
                self._keep(self._partial(), "left")

    def _show(self, update: Update) -> Changes:
        self._last = update
        self._sound = update.sound or self._sound
        results = self._desk.parts.results
        if update.stage == "loading":
            self._started = time.monotonic()
        changes: Changes = {results.status: self._status(update)}
        if not self._began and update.stage not in ("loading", "reading"):
            self._began = True
            changes[results.transcript] = self._words(0)
        if update.segments:
            known = len(self._segments)
            self._segments.extend(update.segments)
            changes[results.transcript] = self._words(known)
        if update.transcript:
            self._segments = list(update.transcript.segments)
            changes |= self._finish(update.transcript, "done")
        return changes

    def _status(self, update: Update) -> dict[str, Any]:
        progress = messages.progress(update)
        known = {
            "done": progress.seconds_done,
            "total": progress.seconds_total,
            "left": progress.seconds_left,
        }
        return {
            "state": "working",
            "key": f"stage_{update.stage}",
            "part": progress.part,
            "progress": known if progress.seconds_total else None,
            "run": self.token,
            "name": self._source.name,
        }

    def _words(self, new_from: int, meta: dict[str, Any] | None = None) -> dict[str, Any]:
        message = messages.transcript_message(self.token, self._segments, new_from, done=meta is not None)
        return message | {"media": str(self._source)} | ({"meta": meta} if meta else {})

    def _finish(self, transcript: Transcript, state: State) -> Changes:
        return {self._desk.parts.results.transcript: self._keep(transcript, state)}

    def _keep(self, transcript: Transcript, state: State) -> dict[str, Any]:
        kept = self._desk.kept
        meta = messages.page_meta(transcript, time.monotonic() - self._clicked) | {
            "state": state,
            "heard": self._last.seconds_done,
            "token": self.token,
            "kept_until": time.time() + kept.keep_seconds,
            "options": dict(self._options),
            "snippets": snippets(self._source, self._options),
            "sound": _drawable(self._sound),
            "checked": self._checked,
        }
        message = self._words(0, meta)
        self.found = True
        try:
            kept.put(self.token, state, self._source, message)
            self.kept = True
        except StorageFull:
            # It is shown all the same, and the page says that it is nowhere else.
            _log.exception("a transcript cannot be kept: the disk is full")
            message["meta"] |= {"token": None, "kept_until": None}
        return message

    def _partial(self) -> Transcript:
        """Returns what has been found so far as a transcript; speech is known from further on."""
        update = self._last
        builder = TranscriptBuilder(
            self._options.get("model") or self._desk.engine.models()[0],
            detects_speech=self._checked is not None,
        )
        builder.add(self._segments)
        builder.warn(Notice.of("stopped", heard=update.seconds_done))
        speech = self._sound.speech if self._sound else ()
        return builder.build(
            update.language,
            update.language_probability,
            update.seconds_total or update.seconds_done,
            [SpeechRegion(start, end) for start, end in speech],
            heard_until=update.seconds_done,
        )

    @property
    def _checked(self) -> float | None:
        """The seconds up to which words and speech have been compared; None where no speech was looked for."""
        detected = self._options.get("vad_sensitivity") != "off"
        return self._last.seconds_done if self._sound and detected else None


def _drawable(sound: Waveform | None) -> dict[str, Any] | None:
    if sound is None:
        return None
    return {
        "rate": WAVEFORM_RATE,
        "peaks": b64encode(sound.peaks).decode(),
        "speech": [list(part) for part in sound.speech],
    }
