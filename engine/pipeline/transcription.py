"""One request's way through the engine: blocks of sound, windows of speech, words, segments."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from engine.errors import Incomplete, WordlightError
from engine.languages import LANGUAGES
from engine.log import log_request
from engine.media.audio_reader import AudioReader
from engine.media.waveform import WaveformMeter
from engine.options import MIXED, Options
from engine.recognition.hallucinations import Fault
from engine.recognition.language_tracker import MAX_UNSURE_WINDOWS
from engine.recognition.prompts import DecodingOptions
from engine.recognition.recognizer import DecodingResult, Recognizer
from engine.recognition.word_timestamps import DecodedWord
from engine.regions import SpeechRegion
from engine.stopwatch import Stopwatch
from engine.text import segments
from engine.text.clock import stretch
from engine.text.coverage import find_mismatches
from engine.transcript import Segment, Stage, Transcript, Update, Word
from engine.vad.detector import THRESHOLDS
from engine.windows import Window, pack_windows

if TYPE_CHECKING:
    from engine.installation import Installation
    from engine.scheduling.scheduler import Lane, WindowResult

SIGN_OF_LIFE = 0.5  # seconds between updates, so that a caller who wants to stop is heard
UNSURE = 0.5  # language probability below which the reader is told

# What the reader is told of a window whose text looks made up; of silence, that it is silent, says enough.
FAULTS: dict[Fault | None, str] = {
    "loop": "the text repeated itself; what was repeated is written once.",
    "repetition": "the text repeats itself, perhaps more often than was said.",
    "too fast": "there is more text than can be said in that time.",
    "unlikely": "the text is doubtful throughout.",
}


class Transcription:
    """The state of one request, shared with no other."""

    def __init__(self, models: Installation, media: Path, options: Options, stop: Event) -> None:
        """`stop` keeps its windows from any further batch once it is set."""
        self._models = models
        self._media = media
        self._stop = stop
        self._options = options
        self._mixed = options.language == MIXED
        self._language = None if self._mixed else options.language
        self._probability = 1.0 if self._language else 0.0
        self._spoken: dict[
            str, list[tuple[float, float]]
        ] = {}  # language -> (probability, seconds) of windows
        self._rungs: dict[str, int] = {}  # words timed by each rung of the ladder
        self._silent_until = 0.0  # seconds that hold nothing more to be written down
        self._total = 0.0  # seconds of the recording, as its header says
        self._segments: list[Segment] = []
        self._speech: list[SpeechRegion] = []
        self._warnings: dict[str, None] = {}  # in order, each once
        self._envelope = WaveformMeter()
        self._watch = Stopwatch()

    def updates(self) -> Generator[Update]:
        """Yields the updates of the request and logs its outcome, however it ends."""
        transcript = None
        outcome, code = "cancelled", None
        try:
            for update in self._steps():
                transcript = update.transcript
                if transcript:
                    outcome = "ok"
                yield update
        except WordlightError as error:
            outcome, code = "error", error.code
            raise
        except Exception:
            outcome, code = "error", "internal"
            raise
        finally:
            log_request(
                outcome=outcome,
                audio_seconds=transcript.duration if transcript else self._total,
                language=self._language,
                model=self._options.model or self._models.default,
                aligner=self._aligner,
                timings=self._watch.seconds,
                wall_seconds=self._watch.elapsed,
                error_code=code,
            )

    def _steps(self) -> Generator[Update]:
        with closing(AudioReader(self._media, self._models.config)) as decoding:
            with self._watch.stage("read"):
                self._total = decoding.open() or 0.0
            recognizer = self._models.recognizer(self._options.model)
            manner = DecodingOptions.of(self._options)
            for sentence in recognizer.check_request(self._language, manner):
                self._warn(sentence)
            scheduler = self._models.scheduler
            with scheduler.lane(recognizer, self._options.language, manner, self._stop) as lane:
                # Only now, so that who is told of the work has a place in it.
                yield self._update("reading", 0.0)
                yield from self._transcribe(lane, decoding)
                yield self._finish(recognizer, decoding)

    def _transcribe(self, lane: Lane, decoding: AudioReader) -> Generator[Update]:
        blocks = self._envelope.tap(self._watch.each("read", decoding))
        detector = self._models.detector(self._options.vad)
        rule = THRESHOLDS[self._options.vad_sensitivity]
        packed = pack_windows(blocks, detector, self._speech, rule, self._mixed)
        done = 0.0
        for batch in self._heard(lane, self._watch.each("vad", packed)):
            for language, group in groupby(batch, key=lambda it: it[1].language):
                alike = list(group)
                self._settle_language(language, alike)
                yield self._update("aligning", done)
                found = self._align([(window, served.heard) for window, served in alike])
                done = alike[-1][0].end
                yield self._update("transcribing", done, found)
            if not batch:
                done = max(done, self._silent_until)
                yield self._update("transcribing" if self._language else "detecting", done)

    def _heard(
        self, lane: Lane, windows: Iterator[Window | float]
    ) -> Iterator[list[tuple[Window, WindowResult]]]:
        """Yields windows with what was heard in them, in order; an empty list is a sign of life.

        Reads on while the scheduler is at work, but never further ahead than twice what is at work
        at a time, or than it takes to tell the language.
        """
        ahead = max(MAX_UNSURE_WINDOWS, 2 * self._models.scheduler.windows_in_flight)
        waiting: deque[Window] = deque()
        reading = True
        while True:
            while reading and len(waiting) < ahead and not lane.ready:
                lane.check()
                match next(windows, None):
                    case Window() as window:
                        with self._watch.stage("encode"):
                            lane.put(window.samples, window.speech)
                        waiting.append(window)
                    case None:
                        reading = False
                        lane.end()
                    case settled:
                        if not waiting:
                            self._silent_until = settled
                        yield []
            if not waiting:
                return
            yield []
            batch: list[tuple[Window, WindowResult]] = []
            while waiting and (lane.ready or not batch):
                served = lane.get(SIGN_OF_LIFE)
                if served is None:
                    break
                self._watch.add(served.seconds)
                batch.append((waiting.popleft(), served))
            if batch:
                yield batch

    def _settle_language(self, language: str, windows: Sequence[tuple[Window, WindowResult]]) -> None:
        """Takes in the language that some windows turned out to be in."""
        for window, served in windows:
            if served.heard.words:
                self._spoken.setdefault(language, []).append((served.probability, window.duration))
        if self._options.language in (None, MIXED):
            self._language, self._probability = language, windows[0][1].probability

    def _align(self, batch: Sequence[tuple[Window, DecodingResult]]) -> list[Segment]:
        assert self._language is not None
        windows, heard = zip(*batch, strict=True)
        with self._watch.stage("align"):
            timed, warnings = self._models.aligners.align(
                windows, [it.words for it in heard], self._language, self._options.task, self._options.aligner
            )
        for warning in warnings:
            self._warn(warning)
        found: list[Segment] = []
        for window, written, placed in zip(windows, heard, timed, strict=True):
            self._rungs[placed.aligner] = self._rungs.get(placed.aligner, 0) + len(placed.words)
            if written.fault in FAULTS:
                self._warn(f"At {stretch(window.start, window.end)} {FAULTS[written.fault]}")
            cut = self._cut(written, placed.words, len(self._segments) + len(found))
            found += [replace(segment, aligner=placed.aligner) for segment in cut]
        self._segments += found
        return found

    def _cut(self, heard: DecodingResult, words: Sequence[Word], first_id: int) -> list[Segment]:
        """Cuts a window's words into segments, each with the mean log-probability of its tokens."""
        cut = []
        at = 0
        for offset, group in enumerate(segments.split_into_segments(words)):
            attended = heard.words[at : at + len(group)]
            at += len(group)
            logprob = _mean_logprob(attended)
            cut.append(
                segments.make_segment(group, first_id + offset, heard.language, logprob, heard.no_speech_prob)
            )
        return cut

    def _finish(self, recognizer: Recognizer, decoding: AudioReader) -> Update:
        duration = decoding.duration
        detected = self._options.vad_sensitivity != "off"
        if decoding.warning and self._options.strict:
            raise Incomplete(decoding.warning, "Send it without `strict` to get what can be read.")
        if decoding.warning:
            self._warn(decoding.warning)
        if not self._segments:
            self._warn("No speech was found in this recording.")
        self._conclude_language()
        words = [word for segment in self._segments for word in segment.words]
        transcript = Transcript(
            language=self._language,
            language_probability=self._probability,
            duration=duration,
            segments=tuple(self._segments),
            model=recognizer.name,
            aligner=self._aligner,
            coverage=find_mismatches(self._speech, words) if detected else (),
            warnings=tuple(self._warnings),
            timings=dict(self._watch.seconds),
        )
        return replace(self._update("done", duration), seconds_total=duration, transcript=transcript)

    def _conclude_language(self) -> None:
        """Settles the language of the whole recording; noise has none."""
        if self._options.language not in (None, MIXED):
            return
        if not self._spoken:
            self._language, self._probability = None, 0.0
            return
        self._language, self._probability = _mainly(self._spoken)
        if self._probability < UNSURE:
            name = LANGUAGES[self._language].name
            self._warn(
                f"The language is uncertain: {name} is only {self._probability:.0%} likely. "
                "If it is another, choose it and transcribe again."
            )

    @property
    def _aligner(self) -> str:
        """Names the rung that timed most of the words."""
        if any(self._rungs.values()):
            return max(self._rungs, key=lambda rung: self._rungs[rung])
        language = self._language or "en"
        return self._models.aligners.choose(language, self._options.task, self._options.aligner)

    def _update(self, stage: Stage, done: float, found: Sequence[Segment] = ()) -> Update:
        return Update(
            stage=stage,
            seconds_done=min(done, self._total or done),
            seconds_total=self._total,
            language=self._language,
            language_probability=self._probability,
            segments=tuple(found),
            sound=self._envelope.waveform(self._speech) if found or stage == "done" else None,
            seconds_left=self._left(done),
        )

    def _left(self, done: float) -> float | None:
        """Estimates the seconds until the end, by the pace since the recording was opened."""
        if not self._segments or not done > 0 or self._total < done:
            return None
        return self._watch.elapsed * (self._total - done) / done

    def _warn(self, sentence: str) -> None:
        self._warnings[sentence] = None


def _mean_logprob(words: Sequence[DecodedWord]) -> float:
    return sum(word.logprob for word in words) / max(1, sum(word.tokens for word in words))


def _mainly(spoken: Mapping[str, Sequence[tuple[float, float]]]) -> tuple[str, float]:
    """Returns the language that is spoken longest, and its mean probability over that time.

    spoken  language -> (probability, seconds) of each window in it
    """
    seconds = {language: sum(length for _, length in windows) for language, windows in spoken.items()}
    language = max(seconds, key=lambda code: seconds[code])
    mean = sum(chance * length for chance, length in spoken[language]) / seconds[language]
    return language, mean
