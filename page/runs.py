"""One transcription on the page: from the engine's updates to the page's messages and the stored result."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from engine import Segment, Transcript, Update
from engine.errors import StorageFull
from engine.media.playable_copy import PlayableCopy
from engine.pipeline.transcript_builder import TranscriptBuilder
from engine.regions import SpeechRegion
from engine.text.notices import Notice
from engine.text.speaker_labels import labelled
from engine.updates import WAVEFORM_RATE, SpeakerNews, Waveform
from page import messages
from page.code_snippets import snippets
from page.corrected_start import CorrectedStart
from page.transcript_store import Outcome, TranscriptStore

_log = logging.getLogger("wordlight.page")

RunState = Literal["working", "done", "stopped", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """What a reader asked for.

    token    of the transcript, which is the id of its job
    source   the recording
    options  that are not at their defaults, as the page's fields have them
    model    of the installation, if the options name none
    began    seconds since the epoch; None if the work is not done in one go
    aligns   whether a text is aligned
    translates  whether a model of the installation translates, so that the page offers it
    """

    token: str
    source: Path
    options: Mapping[str, Any]
    model: str
    began: float | None = None
    aligns: bool = False
    translates: bool = True


class PageRun:
    """One transcription as pages show it. Thread-safe: one thread works at it, others read it.

    state      "working" until it has ended
    asked      how it is to end before its time, once somebody wants that
    is_stored  whether its result is stored; None while there is no result
    copy       gets the samples as they are read, for browsers; None while nothing is read
    """

    def __init__(self, request: PageRequest, store: TranscriptStore) -> None:
        self.state: RunState = "working"
        self.asked: Outcome | None = None
        self.is_stored: bool | None = None
        self.copy: PlayableCopy | None = None
        self._request = request
        self._store = store
        self._lock = threading.Lock()
        self._segments: list[Segment] = []
        self._start = CorrectedStart()
        self._speakers: SpeakerNews | None = None  # the latest
        self._labels = 0  # how often words that may be shown have got other labels
        self._sound: Waveform | None = None
        self._last = Update("loading")
        self._message: dict[str, Any] | None = None  # of the result
        # A page that was open over a restart of the server must not take other news for what it has seen.
        self._life = secrets.token_hex(4)
        self._changes = 0

    @property
    def token(self) -> str:
        return self._request.token

    @property
    def has_words(self) -> bool:
        return bool(self._segments)

    @property
    def is_finished(self) -> bool:
        return self.state != "working"

    def replay(
        self, earlier: Iterable[Mapping[str, Any]], corrected: Mapping[str, Any] | None = None
    ) -> None:
        """Takes over what the run had found before it was interrupted, as its events have it.

        corrected  the stored message, if a reader has corrected the words since; they stay as corrected
        """
        for data in earlier:
            self._take(Update.from_dict(data))
        if corrected:
            self._start = CorrectedStart.of(corrected, self._segments)
        self._changes += 1

    def take(self, update: Update) -> None:
        """Takes in what the engine has found."""
        with self._lock:
            before = self._status(), len(self._segments), self._labels
            self._take(update)
            self._changes += before != (self._status(), len(self._segments), self._labels)

    def finish(self, transcript: Transcript | None, outcome: Outcome, *, shown: bool = True) -> None:
        """Stores the result, or what has been found so far if it is None, and the playable copy.

        shown  whether pages may take this for the end; else they wait for what the job says
        """
        copy = self._add_copy()
        with self._lock:
            if transcript:
                self._segments = list(transcript.segments)
            message = self._result(transcript or self._partial(), outcome, copy)
            if shown or not self.is_stored:
                self._message, self.state = message, outcome
            self._changes += 1

    def snapshot(self, words: int, labels: int) -> dict[str, Any]:
        """Returns the state and what a page that knows so many words has not got.

        labels  how many changes of earlier words' labels the page knows
        """
        with self._lock:
            shown = {
                "state": self.state,
                "version": f"{self._life}-{self._changes}",
                "labels": self._labels,
                "media": str(self._request.source),
                "name": self._request.source.name,
            }
            if self._message:
                return shown | {"message": self._message}
            shown["status"] = self._status()
            if self._segments or self._last.stage not in ("loading", "reading"):
                shown["message"] = self._words(words, relabelled=labels != self._labels and words > 0)
            return shown

    def _take(self, update: Update) -> None:
        self._last = update
        self._sound = update.sound or self._sound
        self._segments.extend(update.segments)
        if update.speaker_news:
            self._hear_of_speakers(update.speaker_news)

    def _hear_of_speakers(self, news: SpeakerNews) -> None:
        """Corrects the labels of words that are shown already."""
        self._speakers = news
        if not news.changes or not self._segments:
            return
        self._labels += 1
        labels = [word.speaker for segment in self._segments for word in segment.words]
        for change in news.changes:
            count = change.last_word + 1 - change.first_word
            labels[change.first_word : change.last_word + 1] = [change.speaker] * count
        self._segments = labelled(self._segments, labels)

    def _status(self) -> dict[str, Any]:
        progress = messages.progress(self._last)
        known = {
            "done": progress.seconds_done,
            "total": progress.seconds_total,
            "left": progress.seconds_left,
        }
        return {
            "state": "working",
            "key": f"stage_{self._last.stage}",
            "part": progress.part,
            "progress": known if progress.seconds_total else None,
            "run": self.token,
            "name": self._request.source.name,
            "aligns": self._request.aligns,
        }

    def _words(self, known: int, relabelled: bool) -> dict[str, Any]:
        segments = self._start.applied(self._segments)
        ends = list(accumulate(len(segment.words) for segment in segments))
        message = messages.transcript_message(self.token, segments, bisect_right(ends, known), done=False)
        return message | messages.speaker_message(segments, self._speakers, relabelled)

    def _add_copy(self) -> str | None:
        """Stores the playable copy; returns its path, or None if there is none."""
        if self.copy is None or not self.copy.finish():
            return None
        place = self._store.add_copy(self.token, self._request.source, self.copy.path)
        return str(place) if place else None

    def _result(self, transcript: Transcript, outcome: Outcome, copy: str | None) -> dict[str, Any]:
        """Stores the result; returns the page's message of it, which says if the disk is full.

        copy  the path of the playable copy, if there is one
        """
        store, request = self._store, self._request
        stored = store.load(self.token)
        transcript = self._start.corrected(transcript, self._speakers)
        taken = time.time() - request.began if request.began is not None else 0.0
        meta = messages.page_meta(transcript, taken) | {
            "state": outcome,
            "heard": self._last.seconds_done,
            "token": self.token,
            "kept_until": time.time() + store.keep_seconds,
            "revision": stored["message"]["meta"].get("revision", 0) + 1 if stored else 0,
            "options": dict(request.options),
            "snippets": snippets(request.source, request.options, request.aligns),
            "sound": _drawable(self._sound),
            "checked": self._checked,
            "copy": copy,
            "translates": request.translates,
        }
        message = messages.transcript_message(self.token, transcript.segments, 0, done=True)
        message |= messages.speaker_message(transcript.segments, self._speakers, self._labels > 0)
        message["meta"] = {**meta, **self._start.meta}
        if stored:
            message["meta"] |= _kept_of(stored["message"]["meta"], message["meta"])
        self.is_stored = False
        try:
            store.save(self.token, outcome, request.source, message=message)
            self.is_stored = True
        except StorageFull:
            # The page still shows the transcript, and says that it is not stored.
            _log.exception("a transcript cannot be stored: the disk is full")
            if copy and not stored:  # no transcript names it, with which it would be deleted
                Path(copy).unlink(missing_ok=True)
                copy = None
            message["meta"] |= {"token": None, "kept_until": None, "copy": copy}
        return message

    def _partial(self) -> Transcript:
        """Returns what has been found so far as a transcript."""
        update = self._last
        builder = TranscriptBuilder(
            self._request.options.get("model") or self._request.model,
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
        detected = self._request.options.get("vad_sensitivity") != "off"
        return self._last.seconds_done if self._sound and detected else None


def _kept_of(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a reader has given a transcript, other than its words, before the transcription went on."""
    named = {"name": before["name"]} if "name" in before else {}
    translation = before.get("transcript", {}).get("translation")
    return named | {"transcript": now["transcript"] | ({"translation": translation} if translation else {})}


def _drawable(sound: Waveform | None) -> dict[str, Any] | None:
    if sound is None:
        return None
    return {
        "rate": WAVEFORM_RATE,
        "peaks": b64encode(sound.peaks).decode(),
        "speech": [list(part) for part in sound.speech],
    }
