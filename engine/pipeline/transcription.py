"""Takes one request through the engine: blocks of samples, windows of speech, words, segments."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from threading import Event

from engine.errors import Incomplete, WordlightError
from engine.installation import Installation
from engine.languages import MIXED
from engine.log import log_request
from engine.media.audio_reader import AudioReader
from engine.media.waveform import WaveformMeter
from engine.options import Options
from engine.pipeline.checkpoint import Checkpoint, FinishedWindow
from engine.pipeline.language_summary import LanguageSummary
from engine.pipeline.transcript_builder import TranscriptBuilder
from engine.pipeline.window_feed import DecodedWindow, Heartbeat, WindowFeed
from engine.pipeline.word_timing import time_windows
from engine.recognition.decoding import DecodedWord, DecodingResult, Fault
from engine.recognition.language_tracker import LanguageTracker
from engine.recognition.prompts import decoding_options
from engine.regions import SpeechRegion
from engine.scheduling.lane import Lane
from engine.stopwatch import Stopwatch
from engine.text import segments
from engine.text.clock import stretch
from engine.transcript import Segment, Transcript, Word
from engine.updates import Stage, Update
from engine.vad.detector import THRESHOLDS
from engine.vad.packing import pack_windows

# Warnings for windows with suspected hallucinations. Silence needs none.
FAULTS: dict[Fault | None, str] = {
    "loop": "the text repeated itself; what was repeated is written once.",
    "repetition": "the text repeats itself, perhaps more often than was said.",
    "too fast": "there is more text than can be said in that time.",
    "unlikely": "the text is doubtful throughout.",
}


class Transcription:
    """The state of one request, shared with no other."""

    def __init__(
        self,
        models: Installation,
        media: Path,
        options: Options,
        stop: Event,
        *,
        resume: Sequence[Checkpoint] = (),
    ) -> None:
        """No window of it goes into a further batch once `stop` is set; `resume` is as in `Engine.stream`."""
        self._models = models
        self._media = media
        self._stop = stop
        self._options = options
        self._language = LanguageSummary(options.language)
        self._builder = TranscriptBuilder(
            options.model or models.default, detects_speech=options.vad_sensitivity != "off"
        )
        self._speech: list[SpeechRegion] = []
        self._total = 0.0  # seconds of the recording, as its header says
        self._meter = WaveformMeter()
        self._watch = Stopwatch()
        self._resume = resume
        self._begun_at = resume[-1].until if resume else 0.0  # seconds of the file
        self._noted_speech = sum(len(each.speech) for each in resume)  # regions that checkpoints hold
        self._noted_warnings = 0  # likewise

    def updates(self) -> Generator[Update]:
        """Yields the updates of the request and logs its outcome, however it ends."""
        transcript: Transcript | None = None
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
                language=self._language.language,
                model=self._builder.model,
                aligner=self._aligner,
                timings=self._watch.seconds,
                wall_seconds=self._watch.elapsed,
                error_code=code,
            )

    def _steps(self) -> Generator[Update]:
        with closing(AudioReader(self._media, self._models.config)) as reader:
            with self._watch.stage("read"):
                self._total = reader.open() or 0.0
            recognizer = self._models.recognizer(self._options.model)
            decoding = decoding_options(self._options)
            for warning in recognizer.check_request(self._language.language, decoding):
                self._builder.warn(warning)
            self._restore()
            scheduler, tracker = self._models.scheduler, self._tracker()
            with scheduler.lane(
                recognizer, self._options.language, decoding, self._stop, tracker=tracker
            ) as lane:
                # Not earlier: a caller that sees an update must already have a lane.
                yield self._update("reading", self._begun_at)
                yield from self._transcribe(lane, reader)
                yield self._finish(reader)

    def _restore(self) -> None:
        """Takes in what an earlier run has finished."""
        for checkpoint in self._resume:
            for window in checkpoint.windows:
                self._note_window(window)
            self._builder.add(checkpoint.segments)
            for warning in checkpoint.warnings:
                self._builder.warn(warning)
        if self._resume:
            self._watch.add(self._resume[-1].timings)
        self._noted_warnings = len(self._builder.warnings) if self._resume else 0

    def _tracker(self) -> LanguageTracker:
        """Returns a tracker that has seen the windows of the earlier run."""
        tracker = LanguageTracker(self._options.language)
        for window in self._finished_windows():
            if window.languages is not None:
                tracker.update(window.languages, window.seconds)
        return tracker

    def _finished_windows(self) -> Iterator[FinishedWindow]:
        return (window for checkpoint in self._resume for window in checkpoint.windows)

    def _transcribe(self, lane: Lane, reader: AudioReader) -> Generator[Update]:
        blocks = self._meter.tap(self._watch.each("read", reader))
        detector = self._models.detector(self._options.vad)
        threshold = THRESHOLDS[self._options.vad_sensitivity]
        packed = pack_windows(
            blocks,
            detector,
            self._speech,
            threshold,
            apart=self._options.language == MIXED,
            known=[region for checkpoint in self._resume for region in checkpoint.speech],
            finished=sum(1 for _ in self._finished_windows()),
        )
        windows = self._watch.each("vad", packed)
        done = self._begun_at
        for step in WindowFeed(lane, windows, self._models.scheduler.windows_in_flight, self._watch):
            if isinstance(step, Heartbeat):
                done = max(done, step.silent_until)
                yield self._update("transcribing" if self._language.language else "detecting", done)
                continue
            for language, group in groupby(step, key=lambda decoded: decoded.result.language):
                batch = list(group)
                finished = tuple(_finished(decoded) for decoded in batch)
                for window in finished:
                    self._note_window(window)
                self._language.follow(language, finished[0].probability)
                yield self._update("aligning", done)
                found = self._align(batch, language)
                done = batch[-1].window.end
                checkpoint = self._checkpoint(finished, done, found)
                yield replace(self._update("transcribing", done, found), checkpoint=checkpoint)

    def _note_window(self, window: FinishedWindow) -> None:
        if window.has_words:
            self._language.add(window.language, window.probability, window.seconds)
        self._language.follow(window.language, window.probability)

    def _checkpoint(
        self, windows: tuple[FinishedWindow, ...], until: float, found: Sequence[Segment]
    ) -> Checkpoint:
        speech, warnings = self._speech[self._noted_speech :], self._builder.warnings[self._noted_warnings :]
        # A resumed run comes only later to regions that are noted already.
        self._noted_speech = max(self._noted_speech, len(self._speech))
        self._noted_warnings += len(warnings)
        timings = dict(self._watch.seconds)
        return Checkpoint(windows, until, tuple(found), tuple(speech), warnings, timings)

    def _align(self, batch: Sequence[DecodedWindow], language: str) -> list[Segment]:
        windows = [decoded.window for decoded in batch]
        results = [decoded.result.heard for decoded in batch]
        with self._watch.stage("align"):
            timed, warnings = time_windows(
                windows,
                [result.words for result in results],
                self._language.language or language,
                self._models.aligners,
                self._options.task,
                self._options.aligner,
            )
        for warning in warnings:
            self._builder.warn(warning)
        found: list[Segment] = []
        for window, result, placed in zip(windows, results, timed, strict=True):
            if result.fault in FAULTS:
                self._builder.warn(f"At {stretch(window.start, window.end)} {FAULTS[result.fault]}")
            cut = _cut(result, placed.words, len(self._builder.segments) + len(found))
            found += [replace(segment, aligner=placed.aligner) for segment in cut]
        self._builder.add(found)
        return found

    def _finish(self, reader: AudioReader) -> Update:
        if reader.warning and self._options.strict:
            raise Incomplete(reader.warning, "Send it without `strict` to get what can be read.")
        if reader.warning:
            self._builder.warn(reader.warning)
        if not self._builder.segments:
            self._builder.warn("No speech was found in this recording.")
        if uncertain := self._language.conclude():
            self._builder.warn(uncertain)
        self._builder.aligner = self._aligner
        transcript = self._builder.build(
            self._language.language,
            self._language.probability,
            reader.duration,
            self._speech,
            timings=self._watch.seconds,
        )
        done = self._update("done", transcript.duration)
        return replace(done, seconds_total=transcript.duration, transcript=transcript)

    @property
    def _aligner(self) -> str:
        """The aligner that timed most words, or the one that would time them."""
        if main := self._builder.main_aligner:
            return main
        language = self._language.language or "en"
        return self._models.aligners.choose(language, self._options.task, self._options.aligner)

    def _update(self, stage: Stage, done: float, found: Sequence[Segment] = ()) -> Update:
        return Update(
            stage=stage,
            seconds_done=min(done, self._total or done),
            seconds_total=self._total,
            language=self._language.language,
            language_probability=self._language.probability,
            segments=tuple(found),
            sound=self._meter.waveform(self._speech) if found or stage == "done" else None,
            seconds_left=self._seconds_left(done),
        )

    def _seconds_left(self, done: float) -> float | None:
        """Estimates the seconds until the end, by the pace since the recording was opened."""
        if not self._builder.segments or not done > self._begun_at or self._total < done:
            return None
        return self._watch.elapsed * (self._total - done) / (done - self._begun_at)


def _finished(decoded: DecodedWindow) -> FinishedWindow:
    result = decoded.result
    return FinishedWindow(
        seconds=decoded.window.duration,
        language=result.language,
        probability=float(result.probability),
        has_words=bool(result.heard.words),
        languages=result.languages,
    )


def _cut(result: DecodingResult, words: Sequence[Word], first_id: int) -> list[Segment]:
    """Cuts a window's words into segments, each with the mean log-probability of its tokens."""
    cut: list[Segment] = []
    at = 0
    for offset, group in enumerate(segments.split_into_segments(words)):
        decoded = result.words[at : at + len(group)]
        at += len(group)
        logprob = _mean_logprob(decoded)
        cut.append(
            segments.make_segment(group, first_id + offset, result.language, logprob, result.no_speech_prob)
        )
    return cut


def _mean_logprob(words: Sequence[DecodedWord]) -> float:
    return sum(word.logprob for word in words) / max(1, sum(word.tokens for word in words))
