"""One transcription on the page: from the engine's updates to the page's messages and the stored result."""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from engine import Engine, Options, Segment, Transcript, Update, WordlightError
from engine.errors import StorageFull
from engine.media.playable_copy import PlayableCopy
from engine.pipeline.transcript_builder import TranscriptBuilder
from engine.regions import SpeechRegion
from engine.text.notices import Notice
from engine.text.speaker_labels import labelled
from engine.updates import WAVEFORM_RATE, SpeakerNews, Waveform
from page import messages
from page.code_snippets import snippets
from page.layout import PageParts
from page.stop_signals import StopSignal, StopSignals
from page.transcript_store import Outcome, TranscriptStore
from server.caller_limits import CallerLimits

_log = logging.getLogger("wordlight.page")

Changes = dict[Any, Any]  # component -> its new value or gr.update()
RunState = Literal["loading", "showing", "done", "stopped", "failed"]


@dataclass(slots=True, kw_only=True)
class PageContext:
    """What the page's handlers share."""

    engine: Engine
    parts: PageParts
    stops: StopSignals
    store: TranscriptStore
    limits: CallerLimits


class PageRun:
    """One transcription as the page shows it; it replaces what the page showed before once its audio is read.

    state      "showing" once it has replaced that
    is_stored  whether its result is stored; None while there is no result
    """

    def __init__(self, context: PageContext, source: Path, options: Mapping[str, Any]) -> None:
        self.token = TranscriptStore.new_token()
        self.state: RunState = "loading"
        self.is_stored: bool | None = None
        self._context = context
        self._source = source
        self._options = options
        self._clicked = self._started = time.monotonic()
        self._segments: list[Segment] = []
        self._speakers: SpeakerNews | None = None  # the latest
        self._relabelled = False  # whether words that are shown have got other labels
        self._sound: Waveform | None = None
        self._last = Update("loading")
        self._copy: PlayableCopy | None = None

    def steps(
        self, options: Options, stop: StopSignal, note: Callable[[Update], None] = lambda _: None
    ) -> Generator[Changes]:
        """Yields the changes of each update; once `stop` is set, ends early with what has been found.

        It also yields what has been found before it raises an error of the engine. If the generator is closed,
        because the page was closed or reloaded, what has been found is stored for a reader who comes back.

        note  called with each update first; what it raises ends the run
        """
        store = self._context.store
        with (
            store.mark_running(self.token),
            store.folder.temporary("copy-") as folder,
            closing(PlayableCopy(Path(folder, "copy.m4a"))) as self._copy,
        ):
            yield from self._steps(options, stop, note)

    def _steps(
        self, options: Options, stop: StopSignal, note: Callable[[Update], None]
    ) -> Generator[Changes]:
        try:
            assert self._copy is not None, "`steps` makes it"
            tap = self._copy.write
            with closing(self._context.engine.stream(self._source, options, stop, tap=tap)) as updates:
                for update in updates:
                    note(update)
                    changes = self._show(update)
                    if stop.is_set() and self.state != "done":
                        yield changes | self._stop("left" if stop.left else "stopped")
                        return
                    yield changes
        except WordlightError:
            self.state = "failed"
            if self._segments:
                yield self._finish(self._partial(), "stopped")
            raise
        finally:
            if self.state in ("loading", "showing"):
                self._store_result(self._partial(), "left")

    def _stop(self, outcome: Outcome) -> Changes:
        has_result = self.state == "showing"
        self.state = "stopped"
        return self._finish(self._partial(), outcome) if has_result else {}

    def _show(self, update: Update) -> Changes:
        self._last = update
        self._sound = update.sound or self._sound
        results = self._context.parts.results
        if update.stage == "loading":
            self._started = time.monotonic()
        changes: Changes = {results.status: self._status(update)}
        if self.state == "loading" and update.stage not in ("loading", "reading"):
            self.state = "showing"
            changes[results.transcript] = self._words(0)
        if update.segments:
            known = len(self._segments)
            self._segments.extend(update.segments)
            changes[results.transcript] = self._words(known)
        if update.speaker_news:
            changes |= self._hear_of_speakers(update.speaker_news)
        if update.transcript:
            self._segments = list(update.transcript.segments)
            self.state = "done"
            changes |= self._finish(update.transcript, "done")
        return changes

    def _hear_of_speakers(self, news: SpeakerNews) -> Changes:
        """Corrects the labels of words that are shown already."""
        self._speakers = news
        if not news.changes or not self._segments:
            return {}
        self._relabelled = True
        labels = [word.speaker for segment in self._segments for word in segment.words]
        for change in news.changes:
            count = change.last_word + 1 - change.first_word
            labels[change.first_word : change.last_word + 1] = [change.speaker] * count
        ends = list(accumulate(len(segment.words) for segment in self._segments))
        self._segments = labelled(self._segments, labels)
        first = bisect_right(ends, news.changes[0].first_word)
        return {self._context.parts.results.transcript: self._words(first)}

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
        message |= messages.speaker_message(self._segments, self._speakers, self._relabelled)
        return message | {"media": str(self._source)} | ({"meta": meta} if meta else {})

    def _finish(self, transcript: Transcript, outcome: Outcome) -> Changes:
        return {self._context.parts.results.transcript: self._store_result(transcript, outcome)}

    def _store_result(self, transcript: Transcript, outcome: Outcome) -> dict[str, Any]:
        """Stores the result; returns the page's message of it, which says if the disk is full."""
        store = self._context.store
        meta = messages.page_meta(transcript, time.monotonic() - self._clicked) | {
            "state": outcome,
            "heard": self._last.seconds_done,
            "token": self.token,
            "kept_until": time.time() + store.keep_seconds,
            "options": dict(self._options),
            "snippets": snippets(self._source, self._options),
            "sound": _drawable(self._sound),
            "checked": self._checked,
            "copy": self._add_copy(),
        }
        message = self._words(0, meta)
        self.is_stored = False
        try:
            store.save(self.token, outcome, self._source, message=message)
            self.is_stored = True
        except StorageFull:
            # The page still shows the transcript, and says that it is not stored.
            _log.exception("a transcript cannot be stored: the disk is full")
            message["meta"] |= {"token": None, "kept_until": None}
        return message

    def _add_copy(self) -> str | None:
        """Stores the playable copy; returns its path, or None if there is none."""
        if self._copy is None or not self._copy.finish():
            return None
        place = self._context.store.add_copy(self.token, self._source, self._copy.path)
        return str(place) if place else None

    def _partial(self) -> Transcript:
        """Returns what has been found so far as a transcript."""
        update = self._last
        builder = TranscriptBuilder(
            self._options.get("model") or self._context.engine.models()[0],
            detects_speech=self._checked is not None,
        )
        builder.add(self._segments)
        builder.warn(Notice.of("stopped", heard=update.seconds_done))
        speech = self._sound.speech if self._sound else ()
        transcript = builder.build(
            update.language,
            update.language_probability,
            update.seconds_total or update.seconds_done,
            speech=[SpeechRegion(start, end) for start, end in speech],
            heard_until=update.seconds_done,
        )
        return replace(transcript, speakers=self._speakers.speakers if self._speakers else ())

    @property
    def _checked(self) -> float | None:
        """The seconds up to which words and speech can be compared; None if speech is not detected."""
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
