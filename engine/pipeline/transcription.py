"""Runs one request from start to end: samples, windows, words, transcript."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import chain, groupby
from math import inf
from threading import Event

import numpy as np

from engine.diarization.turns import SpeakerCount
from engine.errors import Incomplete
from engine.installation import Installation
from engine.media.audio_source import AudioSource, ReadAudio
from engine.media.sample_blocks import noted
from engine.media.waveform import WaveformMeter
from engine.options import Options
from engine.pipeline.checkpoint import Checkpoint, FinishedWindow
from engine.pipeline.language_summary import LanguageSummary
from engine.pipeline.live_input import LiveInput
from engine.pipeline.open_recording import open_recording
from engine.pipeline.recording_packing import pack_recording
from engine.pipeline.request_log import RequestFacts, logged
from engine.pipeline.resumption import CheckpointMaker, EarlierRun, finished_window, note_language
from engine.pipeline.segment_cutting import cut_segments, empty_notice, fault_notice
from engine.pipeline.speaker_stage import ChannelSpeakers, NoSpeakers, SpeakerStage, VoiceSpeakers
from engine.pipeline.spread_lane import spread
from engine.pipeline.transcript_builder import TranscriptBuilder
from engine.pipeline.window_feed import DecodedWindow, Heartbeat, WindowFeed, WindowLane
from engine.pipeline.word_timing import time_decoded
from engine.recognition.prompts import decoding_options
from engine.regions import SpeechRegion
from engine.stopwatch import Stopwatch
from engine.transcript import Segment
from engine.updates import Stage, Update


class Transcription:
    """Runs one request; its state is shared with no other."""

    def __init__(
        self,
        models: Installation,
        read: ReadAudio,
        options: Options,
        *,
        stop: Event,
        resume: Sequence[Checkpoint] = (),
        tap: Callable[[np.ndarray], None] = lambda _: None,
        live: LiveInput | None = None,
    ) -> None:
        """Prepares a request.

        read    opens the recording
        stop    once set, no further window goes into a batch
        resume, tap  as in `Engine.stream`
        live    about what `read` opens, if it is still being recorded
        """
        self._models = models
        self._read = read
        self._stop = stop
        self._tap = tap
        self._live = live or LiveInput()
        self._options = options
        self._language = LanguageSummary(options.language)
        self._builder = TranscriptBuilder(
            options.model or models.default, detects_speech=options.vad_sensitivity != "off"
        )
        self._speakers: SpeakerStage = NoSpeakers(self._builder)
        self._levels: tuple[float, float] | None = None  # dB of channels that are transcribed one by one
        self._total = 0.0  # seconds of the recording, from its header
        self._meter = WaveformMeter()
        self._watch = Stopwatch()
        self._earlier = EarlierRun(resume)
        self._checkpoints = CheckpointMaker(self._earlier, self._builder, self._watch)

    def updates(self) -> Generator[Update]:
        """Yields the updates of the request, and always logs its outcome.

        Raises the errors of `Engine.stream`.
        """
        yield from logged(
            self._steps(),
            lambda: RequestFacts(
                audio_seconds=self._total,
                language=self._language.language,
                model=self._builder.model,
                aligner=self._aligner,
                watch=self._watch,
            ),
        )

    def _steps(self) -> Generator[Update]:
        with ExitStack() as stack:
            reader = self._open(stack)
            recognizer = self._models.recognizer(self._options.model)
            decoding = decoding_options(self._options)
            recognizer.check_languages(self._options.allowed_languages)
            for notice in recognizer.check_request(self._language.language, decoding):
                self._builder.warn(notice)
            self._restore()
            scheduler, language = self._models.scheduler, self._options.language
            allowed = self._options.allowed_languages
            tracker = self._earlier.tracker(language, allowed, waits=not self._live.is_live)
            self._live.begin(scheduler, recognizer, self._options, decoding)
            stack.callback(self._live.close)
            helpers = None if self._live.is_live else self._models.helpers
            with (
                scheduler.lane(recognizer, language, decoding, stop=self._stop, tracker=tracker) as own,
                spread(own, helpers, self._options, scheduler.batch_size * scheduler.workers) as lane,
            ):
                self._speakers = self._speaker_stage(stack)
                for checkpoint in self._earlier.checkpoints:
                    self._speakers.restore(checkpoint)
                # Not earlier: a caller that sees an update must already have a lane.
                yield self._update("reading", self._earlier.until)
                yield from self._transcribe(lane, reader)
                for _ in self._speakers.wait():
                    lane.check()
                    yield self._update("diarizing", self._total)
                yield self._finish(reader)

    def _restore(self) -> None:
        """Adds the languages, notices and timings of the earlier run."""
        self._earlier.restore(self._language, self._builder, self._watch)
        self._checkpoints = CheckpointMaker(self._earlier, self._builder, self._watch)

    def _open(self, stack: ExitStack) -> AudioSource:
        with self._watch.stage("read"):
            recording = open_recording(
                self._read,
                self._options.speaker_choice,
                partial(self._models.detector, self._options.vad),
                stack=stack,
            )
        self._total, self._levels = recording.seconds, recording.levels
        for notice in recording.notices:
            self._builder.warn(notice)
        return recording.reader

    def _speaker_stage(self, stack: ExitStack) -> SpeakerStage:
        choice = self._options.speaker_choice
        if self._levels is not None:
            return ChannelSpeakers(self._builder)
        if choice.mode == "off":
            return self._speakers
        count = SpeakerCount(choice.minimum, choice.maximum)
        return VoiceSpeakers(self._builder, stack.enter_context(self._models.diarization.feed(count)))

    def _transcribe(self, lane: WindowLane, reader: AudioSource) -> Generator[Update]:
        speakers = self._speakers
        blocks = speakers.tap(self._meter.tap(noted(self._watch.each("read", reader), self._tap)))
        packed = pack_recording(
            blocks,
            self._models.detector(self._options.vad),
            self._options,
            levels=self._levels,
            found=speakers.regions,
            earlier=self._earlier,
            pause=self._live.pause,
        )
        windows = self._watch.each("vad", packed)
        done = self._earlier.until
        in_flight = self._models.scheduler.windows_in_flight
        feed = WindowFeed(
            lane,
            windows,
            in_flight,
            self._watch,
            may_read=lambda: self._live.may_read(speakers.may_read),
            wait=lambda seconds: self._live.wait(seconds, speakers.may_read),
            offer=lambda speech: self._live.offer(speech, self._language.language),
        )
        for step in feed:
            if isinstance(step, Heartbeat):
                done = max(done, step.silent_until)
                yield self._update("transcribing" if self._language.language else "detecting", done)
                continue
            batches = [list(group) for _, group in groupby(step, key=lambda decoded: decoded.result.language)]
            for batch in batches:
                for decoded in batch:
                    note_language(self._language, finished_window(decoded))
                language = batch[0].result.language
                self._language.follow(language, batch[0].result.probability)
                yield self._update("aligning", done)
                finished, shown = self._align(batch, language)
                done = max(done, batch[-1].window.end)
                # Segments of other channels may come before those of the step's later batches.
                released_until = feed.complete_until if batch is batches[-1] else 0.0
                shown += speakers.release(released_until)
                self._live.settle(finished, shown, until=batch[-1].window.end)
                yield self._progress(done, finished, shown, released_until=released_until)
        if released := speakers.release(inf):
            yield self._progress(done, (), released, released_until=inf)

    def _progress(
        self,
        done: float,
        finished: Sequence[FinishedWindow],
        shown: Sequence[Segment],
        *,
        released_until: float,
    ) -> Update:
        """Returns the update of finished windows, with a checkpoint."""
        checkpoint = self._checkpoints.make(
            finished, done, self._speakers.regions, shown=len(shown), released_until=released_until
        )
        return replace(self._update("transcribing", done, shown), checkpoint=checkpoint)

    def _align(
        self, batch: Sequence[DecodedWindow], language: str
    ) -> tuple[list[FinishedWindow], list[Segment]]:
        """Returns the finished windows, and the segments to show."""
        with self._watch.stage("align"):
            spoken = self._language.language or language
            timed, notices = time_decoded(batch, spoken, self._models.aligners, self._options)
        for notice in notices:
            self._builder.warn(notice)
        finished: list[FinishedWindow] = []
        shown: list[Segment] = []
        for decoded, placed in zip(batch, timed, strict=True):
            window, result = decoded.window, decoded.result.heard
            if fault := fault_notice(window, result):
                self._builder.warn(fault)
            script = self._options.script
            cut = cut_segments(result, placed.words, len(self._builder.segments), script)
            found = [replace(segment, aligner=placed.aligner) for segment in cut]
            finished.append(finished_window(decoded, found))
            shown += self._speakers.take(window.channel, found)
        return finished, shown

    def _finish(self, reader: AudioSource) -> Update:
        if reader.notice and self._options.strict:
            raise Incomplete(reader.notice.sentence, "Send it without `strict` to get what can be read.")
        for notice in (*reader.remarks, *filter(None, [reader.notice])):
            self._builder.warn(notice)
        if not self._builder.segments:
            self._builder.warn(empty_notice(self._speech))
        for notice in self._language.conclude():
            self._builder.warn(notice)
        self._builder.aligner = self._aligner
        transcript = self._builder.build(
            self._language.language,
            self._language.probability,
            reader.duration,
            self._speakers.regions[0],
            timings=self._watch.seconds,
        )
        transcript, news = self._speakers.conclude(transcript)
        done = self._update("done", transcript.duration)
        return replace(done, seconds_total=transcript.duration, transcript=transcript, speaker_news=news)

    @property
    def _aligner(self) -> str:
        """Returns the aligner that timed most words, or the one that would."""
        if main := self._builder.main_aligner:
            return main
        language = self._language.language or "en"
        return self._models.aligners.choose(language, self._options.task, self._options.aligner)

    def _update(self, stage: Stage, done: float, found: Sequence[Segment] = ()) -> Update:
        return Update(
            stage=stage,
            seconds_done=done,
            seconds_total=self._total and max(self._total, done),  # a file may state too little
            language=self._language.language,
            language_probability=self._language.probability,
            segments=tuple(found),
            sound=self._meter.waveform(self._speech) if found or stage == "done" else None,
            seconds_left=self._seconds_left(done),
            speaker_news=self._speakers.news(),
            provisional=self._live.news(),
        )

    @property
    def _speech(self) -> list[SpeechRegion]:
        """The regions of speech of all channels, in order."""
        first, *others = self._speakers.regions
        return sorted(chain(first, *others), key=lambda region: region.start) if others else first

    def _seconds_left(self, done: float) -> float | None:
        """Estimates the seconds until the end from the pace so far."""
        begun_at = self._earlier.until
        if not self._builder.segments or not done > begun_at or self._total < done:
            return None
        return self._watch.elapsed * (self._total - done) / (done - begun_at)
