"""The live side of a transcription: waiting for sound, and provisional words of speech that has not ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.languages import MIXED
from engine.media.live_sound import LiveSound
from engine.options import Options
from engine.pipeline.checkpoint import FinishedWindow
from engine.recognition.decoding import DecodingOptions, DecodingResult
from engine.scheduling.batch import BatchRecognizer
from engine.scheduling.drafts import Draft
from engine.scheduling.scheduler import Scheduler
from engine.text.script_names import SCRIPTS
from engine.text.scripts import write_text
from engine.transcript import Segment, join_texts
from engine.updates import Provisional
from engine.windows import OpenSpeech

# Seconds without speech after which live speech is decoded; within a sentence pauses are shorter.
LIVE_PAUSE = 0.6
DRAFT_STEP = 1.0  # seconds of new sound between two drafts


class LiveInput:
    """What a transcription does otherwise while its sound is being recorded; without a sound, nothing."""

    def __init__(self, sound: LiveSound | None = None, provisional: bool = False) -> None:
        """Takes the sound, if it is live, and whether provisional words are wanted."""
        self._sound = sound
        self._wanted = provisional
        self._drafts: LiveDrafts | None = None

    @property
    def is_live(self) -> bool:
        """Whether the sound is still being recorded."""
        return self._sound is not None

    @property
    def pause(self) -> float | None:
        """Seconds without speech after which a window ends; None to fill windows."""
        return LIVE_PAUSE if self.is_live else None

    def begin(
        self, scheduler: Scheduler, recognizer: BatchRecognizer, options: Options, decoding: DecodingOptions
    ) -> None:
        """Prepares to draft, if that is wanted and the scheduler drafts."""
        if self._wanted and scheduler.drafts:
            self._drafts = LiveDrafts(scheduler, recognizer, options, decoding)

    def close(self) -> None:
        """Drops the draft that waits, if one does."""
        if self._drafts:
            self._drafts.drop()

    def may_read(self, others: Callable[[], bool]) -> bool:
        """Returns whether there is sound to read, and whatever else takes it has room for more."""
        return others() and (self._sound is None or self._sound.has_news)

    def wait(self, seconds: float, others: Callable[[], bool]) -> None:
        """Waits for sound, or for room for it, at most so many seconds."""
        if self._sound is not None and others():
            self._sound.wait(seconds)
        else:
            time.sleep(seconds)

    def offer(self, speech: OpenSpeech, language: str | None) -> None:
        """Takes speech that has not ended, and of which no window waits."""
        if self._drafts:
            self._drafts.offer(speech, language)

    def settle(self, finished: Sequence[FinishedWindow], shown: Sequence[Segment], until: float) -> None:
        """Notes that the speech before `until` seconds has its final words, of which some are shown now."""
        if self._drafts:
            has_words = any(window.segments for window in finished)
            self._drafts.settle(until, is_shown=bool(shown), has_words=has_words)

    def news(self) -> Provisional | None:
        """Returns the provisional words, if they have changed since the last call."""
        return self._drafts.news() if self._drafts else None


class LiveDrafts:
    """Makes provisional words of the speech that is going on: one draft at a time, of all of it."""

    def __init__(
        self, scheduler: Scheduler, recognizer: BatchRecognizer, options: Options, decoding: DecodingOptions
    ) -> None:
        self._scheduler = scheduler
        self._recognizer = recognizer
        self._options = options
        self._decoding = replace(decoding, beam_size=1, fallback=False)
        self._draft: Draft | None = None
        self._speech: OpenSpeech | None = None  # of the last draft
        self._settled = 0.0  # seconds before which all words are final
        self._is_shown = False  # whether provisional words are shown
        self._is_void = False  # whether they turned out to be none

    def offer(self, speech: OpenSpeech, language: str | None) -> None:
        """Queues a draft if none is at work and there is enough new sound."""
        last = self._speech
        known_until = last.end if last and last.start == speech.start else speech.start
        if self._draft is not None or speech.end - known_until < DRAFT_STEP:
            return
        self._speech = speech
        self._draft = Draft(
            recognizer=self._recognizer,
            features=self._recognizer.features(speech.samples),
            options=self._decoding,
            language=None if self._options.language == MIXED else language,
            among=self._options.allowed_languages,
        )
        self._scheduler.draft(self._draft)

    def drop(self) -> None:
        """Forgets the draft."""
        if self._draft is not None:
            self._scheduler.drop_draft(self._draft)
            self._draft = None

    def settle(self, until: float, *, is_shown: bool, has_words: bool) -> None:
        self._settled = max(self._settled, until)
        if self._draft is not None and self._speech is not None and self._speech.start < until:
            self.drop()
        if is_shown:
            self._is_shown = False  # the segments take their place
        elif not has_words and self._is_shown:
            self._is_shown, self._is_void = False, True

    def news(self) -> Provisional | None:
        if self._is_void:
            self._is_void = False
            return Provisional(self._settled, self._settled, "")
        if self._draft is None or self._speech is None or not self._draft.done.is_set():
            return None
        heard, self._draft = self._draft.heard, None
        # Doubtful text comes and goes from one draft to the next; the final decoding tries again.
        if heard is None or heard.fault is not None or not heard.words:
            return None
        self._is_shown = True
        return Provisional(self._speech.start, self._speech.end, self._text(heard))

    def _text(self, heard: DecodingResult) -> str:
        text = join_texts((word.text.strip() for word in heard.words), heard.language)
        script = self._options.script
        is_written = script != "auto" and heard.language in SCRIPTS[script][1]
        return write_text(text, script) if is_written else text
