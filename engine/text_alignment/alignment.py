"""Runs one request that aligns a text with a recording, from start to end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from threading import Event

import numpy as np

from engine.diarization.speaker_choice import SpeakerChoice
from engine.errors import Incomplete, TextMismatch
from engine.installation import Installation
from engine.languages import LANGUAGES
from engine.media.audio_source import AudioSource, ReadAudio
from engine.media.sample_blocks import noted
from engine.media.waveform import WaveformMeter
from engine.options import Options
from engine.pipeline.language_summary import LanguageSummary
from engine.pipeline.open_recording import open_recording
from engine.pipeline.recording_packing import pack_recording
from engine.pipeline.request_log import RequestFacts, logged
from engine.pipeline.resumption import EarlierRun
from engine.pipeline.transcript_builder import TranscriptBuilder
from engine.pipeline.window_feed import DecodedWindow, Heartbeat, WindowFeed
from engine.recognition.prompts import decoding_options
from engine.recognition.recognizer import Recognizer
from engine.regions import SpeechRegion
from engine.scheduling.lane import Lane
from engine.stopwatch import Stopwatch
from engine.text.coverage import with_coverage, with_heard
from engine.text.notices import Notice
from engine.text_alignment.assembly import Assembly
from engine.text_alignment.cue_times import find_faults
from engine.text_alignment.given_text import GivenText, TextWord, words_of
from engine.text_alignment.names import hotwords_of
from engine.text_alignment.text_matcher import MatchedWindow, TextMatcher
from engine.text_alignment.whole_window import take_as_whole
from engine.text_alignment.window_alignment import WindowAligner
from engine.transcript import Mismatch, Segment
from engine.updates import Stage, Update
from engine.vad.detector import VoiceActivityDetector

LEAST_SHARE = 0.05  # of certain words, below which the text is not that of the recording
HOPELESS = 2000  # recognised units without anything of the text, some twelve minutes of speech


class TextAlignment:
    """Aligns one text with one recording; its state is shared with no other."""

    def __init__(
        self,
        models: Installation,
        read: ReadAudio,
        text: GivenText,
        options: Options,
        *,
        stop: Event,
        tap: Callable[[np.ndarray], None],
    ) -> None:
        """Prepares a request; `read` opens the recording, `stop` and `tap` are as for `Engine.stream`."""
        self._models = models
        self._read = read
        self._text = text
        self._stop, self._tap = stop, tap
        # The text is known: what the recogniser hears only has to lead to its place.
        self._options = replace(
            options,
            language=options.language or text.language,
            task="transcribe",
            beam_size=1,
            temperature_fallback=False,
            suppress_numerals=not any(map(str.isdigit, text.plain)),
            speakers="off",
        )
        self._language = LanguageSummary(self._options.language)
        self._builder = TranscriptBuilder(
            options.model or models.default, detects_speech=options.vad_sensitivity != "off"
        )
        self._recognizer: Recognizer = models.recognizer(options.model)
        self._speech: list[SpeechRegion] = []
        self._lacking: list[Mismatch] = []
        self._total = 0.0  # seconds of the recording, from its header
        self._meter = WaveformMeter()
        self._watch = Stopwatch()
        self._words: tuple[TextWord, ...] = ()
        # Once the language is known, since that decides what a word is:
        self._matcher: TextMatcher | None = None
        self._aligner: WindowAligner | None = None
        self._assembly: Assembly | None = None

    def updates(self) -> Generator[Update]:
        """Yields the updates, and always logs the outcome. Raises the errors of `Engine.stream_alignment`."""
        yield from logged(
            self._steps(),
            lambda: RequestFacts(
                audio_seconds=self._total,
                language=self._language.language,
                model=self._builder.model,
                aligner=self._main_aligner,
                watch=self._watch,
            ),
        )

    def _steps(self) -> Generator[Update]:
        with ExitStack() as stack:
            with self._watch.stage("read"):
                recording = open_recording(
                    self._read, SpeakerChoice.parse("off"), self._detector, stack=stack
                )
            self._total = recording.seconds
            for notice in recording.notices:
                self._builder.warn(notice)
            if self._options.language in LANGUAGES:
                self._begin(self._options.language or "")
                self._options = replace(self._options, hotwords=hotwords_of(self._words))
            decoding = replace(decoding_options(self._options), keep_encoded=True)
            self._recognizer.check_request(self._language.language, decoding)
            lane = stack.enter_context(
                self._models.scheduler.lane(
                    self._recognizer, self._options.language, decoding, stop=self._stop
                )
            )
            # Not earlier: a caller that sees an update must already have a lane.
            yield self._update("reading", 0.0)
            yield from self._align(lane, recording.reader)
            yield self._finish(recording.reader)

    def _begin(self, language: str) -> None:
        """Cuts the text into words of a language."""
        self._words = words_of(self._text, language)
        self._matcher = TextMatcher(self._words, language)
        self._aligner = WindowAligner(
            self._words, self._models.aligners, self._recognizer.time_text, self._options.aligner
        )
        self._assembly = Assembly(self._text, self._words, language)

    def _align(self, lane: Lane, reader: AudioSource) -> Generator[Update]:
        blocks = self._meter.tap(noted(self._watch.each("read", reader), self._tap))
        packed = pack_recording(
            blocks, self._detector(), self._options, levels=None, found=[self._speech], earlier=EarlierRun()
        )
        windows = self._watch.each("vad", packed)
        done = 0.0
        for step in WindowFeed(lane, windows, self._models.scheduler.windows_in_flight, self._watch):
            if isinstance(step, Heartbeat):
                done = max(done, step.silent_until)
                yield self._update("transcribing" if self._matcher else "detecting", done)
                continue
            for decoded in step:
                self._hear(decoded)
            done = max(done, step[-1].window.end)
            yield self._update("aligning", done)
            if found := self._settle():
                yield self._update("transcribing", done, found)
        found = self._settle(last=True)
        if self._assembly:
            found += self._numbered(self._assembly.end())
        if found:
            yield self._update("transcribing", done, found)

    def _hear(self, decoded: DecodedWindow) -> None:
        result = decoded.result
        if result.heard.words:
            self._language.add(result.language, result.probability, decoded.window.duration)
        self._language.follow(result.language, result.probability)
        if self._matcher is None:
            self._begin(result.language)
        assert self._matcher is not None, "the line above has made it"
        self._matcher.add(decoded)

    def _settle(self, last: bool = False) -> list[Segment]:
        """Returns the segments that are complete by now. Raises TextMismatch."""
        matcher = self._matcher
        if matcher is None:
            return []
        only = matcher.only_window if last else None
        with self._watch.stage("match"):
            matched = matcher.settle(last=last)
        if last or (not matcher.has_anchors and matcher.heard > HOPELESS):
            matched = self._believed(matcher, matched, only)
        found: list[Segment] = []
        for _, group in groupby(matched, key=lambda each: each.decoded.result.language):
            found += self._timed(list(group))
        return self._numbered(found)

    def _timed(self, matched: Sequence[MatchedWindow]) -> list[Segment]:
        """Times the words of windows of one language, and returns the segments that are complete."""
        assert self._aligner is not None and self._assembly is not None, "the text has been cut into words"
        language = matched[0].decoded.result.language
        windows = [each.decoded for each in matched]
        with self._watch.stage("align"):
            aligned, notices = self._aligner.align(windows, [each.slots for each in matched], language)
        for notice in notices:
            self._builder.warn(notice)
        found: list[Segment] = []
        for window in aligned:
            self._lacking += window.lacking
            found += self._assembly.add(window, language)
        return found

    def _numbered(self, segments: Sequence[Segment]) -> list[Segment]:
        first = len(self._builder.segments)
        numbered = [replace(segment, id=first + index) for index, segment in enumerate(segments)]
        self._builder.add(numbered)
        return numbered

    def _believed(
        self, matcher: TextMatcher, matched: list[MatchedWindow], only: DecodedWindow | None
    ) -> list[MatchedWindow]:
        """Returns the windows, if enough of the text was found in them. Raises TextMismatch."""
        if matcher.share >= LEAST_SHARE and matcher.heard:
            return matched
        if only and (slots := take_as_whole(self._words, only, self._recognizer.time_text)):
            return [MatchedWindow(only, slots)]
        if not matcher.heard:
            raise TextMismatch(
                "No speech was found in this recording, so that its text cannot be aligned.",
                "Check that it is the right recording.",
            )
        code = self._language.language or "en"
        raise TextMismatch(
            f"The recording does not say this text: only {matcher.share:.0%} of the words were found in order.",
            f"The speech was taken for {LANGUAGES[code].name}. Check the text, the recording and the language.",
        )

    def _finish(self, reader: AudioSource) -> Update:
        if reader.notice and self._options.strict:
            raise Incomplete(reader.notice.sentence, "Send it without `strict` to get what can be read.")
        for notice in (*reader.remarks, *filter(None, [reader.notice])):
            self._builder.warn(notice)
        if self._assembly is None:
            raise TextMismatch(
                "No speech was found in this recording, so that its text cannot be aligned.",
                "Check that it is the right recording.",
            )
        for notice in self._language.conclude():
            self._builder.warn(notice)
        for notice in self._findings(self._assembly):
            self._builder.warn(notice)
        transcript = self._builder.build(
            self._language.language,
            self._language.probability,
            reader.duration,
            self._speech,
            timings=self._watch.seconds,
        )
        transcript = with_coverage(
            replace(
                transcript,
                speakers=self._assembly.speakers(transcript.words),
                translation=self._text.translation,
            ),
            with_heard(transcript.coverage, self._lacking),
        )
        done = self._update("done", transcript.duration)
        return replace(done, seconds_total=transcript.duration, transcript=transcript)

    def _findings(self, assembly: Assembly) -> list[Notice]:
        """Returns what the reader should know of the text."""
        found = [Notice.of("unsaid", count=assembly.unsaid)] if assembly.unsaid else []
        if self._text.kind == "subtitles":
            found += find_faults(assembly.starts)
        return found

    def _detector(self) -> VoiceActivityDetector:
        return self._models.detector(self._options.vad)

    @property
    def _main_aligner(self) -> str:
        if main := self._builder.main_aligner:
            return main
        return self._models.aligners.choose(self._language.language or "en", choice=self._options.aligner)

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
        """Estimates the seconds until the end from the pace so far."""
        if not self._builder.segments or not 0 < done <= self._total:
            return None
        return self._watch.elapsed * (self._total - done) / done
