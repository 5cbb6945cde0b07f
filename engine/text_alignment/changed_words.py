"""Times the words of a transcript that a person has changed, and leaves all others as they are."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

import numpy as np

from engine.alignment.aligner import Utterance
from engine.installation import Installation
from engine.media.audio_source import AudioSource, ReadAudio
from engine.options import Options
from engine.pipeline.request_log import RequestFacts, logged
from engine.sampling import to_samples
from engine.scheduling.lane import Lane
from engine.stopwatch import Stopwatch
from engine.text.notices import Notice
from engine.text.phones import write_phones
from engine.text_alignment.attention import attend
from engine.text_alignment.window_alignment import LEAST_LOGPROB, LEAST_SCORE, PER_TOKEN, PROVEN
from engine.text_alignment.word_lengths import least_length, place_found
from engine.transcript import Transcript, Word
from engine.updates import Stage, Update

CONTEXT = 5  # words on each side of those that were changed
NEAR = 4.0  # seconds from a changed word within which others are context
MARGIN = 0.3  # seconds of sound around the words
LONGEST = 28.0  # seconds that are aligned at once; Whisper and the aligners take 30
# Seconds of sound between two stretches from which seeking is quicker than reading on: starting ffmpeg again takes
# about 0.15 s, in which it decodes a minute.
SKIPPED = 60.0
BLOCK_SECONDS = 5.0  # of a block, if reading begins at a stretch


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words of a transcript that are aligned together, by index; `last` is exclusive.

    changed      which of them are to be timed
    start, end   seconds of sound
    """

    first: int
    last: int
    changed: tuple[int, ...]
    start: float
    end: float
    language: str


class ChangedWords:
    """Times the changed words of one transcript: those whose times were shared out between their neighbours."""

    def __init__(
        self,
        models: Installation,
        read: ReadAudio,
        transcript: Transcript,
        options: Options,
        *,
        stop: Event,
        seeks: bool = False,
    ) -> None:
        """Prepares a request.

        stop   once set, ends the work before the next stretch
        seeks  whether `read` finds every second of the recording at once, so that only the stretches are read
        """
        self._models = models
        self._read = read
        self._transcript = transcript
        self._options = options
        self._stop = stop
        self._seeks = seeks
        self._watch = Stopwatch()
        self._total = transcript.duration

    def updates(self) -> Generator[Update]:
        """Yields the updates of the request, and always logs its outcome.

        Raises the errors of `Engine.stream_alignment`.
        """
        yield from logged(
            self._steps(),
            lambda: RequestFacts(
                audio_seconds=self._total,
                language=self._transcript.language,
                model=self._transcript.model,
                aligner=self._transcript.aligner,
                watch=self._watch,
            ),
        )

    def _steps(self) -> Generator[Update]:
        words = list(self._transcript.words)
        recognizer = self._models.recognizer(self._options.model)
        # The lane gets no window, but it counts this request among those that run.
        with self._models.scheduler.lane(recognizer, None, stop=self._stop) as lane:
            yield self._update("reading", 0.0)
            yield from self._retime(words, lane)

    def _retime(self, words: list[Word], lane: Lane) -> Generator[Update]:
        kept = 0  # changed words that keep their times
        for stretch, samples in self._sound(list(_stretches(self._transcript))):
            lane.check()
            if self._stop.is_set():
                return
            with self._watch.stage("align"):
                found = self._timed(stretch, samples, words)
            placed = place_found(words, found, self._total)
            kept += len(stretch.changed) - len(found.keys() & placed.keys())
            for index, word in placed.items():
                words[index] = word
            yield self._update("aligning", stretch.end)
        transcript = _with_words(self._transcript, words)
        if kept:
            notice = Notice.of("not_retimed", count=kept)
            # A transcript of an earlier version has warnings without notices.
            known = len(transcript.notices) == len(transcript.warnings)
            transcript = replace(
                transcript,
                warnings=(*transcript.warnings, notice.sentence),
                notices=(*transcript.notices, notice) if known else (),
            )
        yield replace(self._update("done", self._total), transcript=transcript)

    def _sound(self, stretches: list[_Stretch]) -> Iterator[tuple[_Stretch, np.ndarray]]:
        """Yields each stretch with its samples; holds little of the recording."""
        while stretches:
            start = stretches[0].start if self._seeks else 0.0
            read = partial(self._read, start=start, block_seconds=BLOCK_SECONDS) if start else self._read
            with closing(read()) as reader:
                yield from self._sound_from(to_samples(start), reader, stretches)

    def _sound_from(
        self, origin: int, reader: AudioSource, left: list[_Stretch]
    ) -> Iterator[tuple[_Stretch, np.ndarray]]:
        """Yields stretches with their samples, and removes them from `left`, until none is near or sound ends.

        origin  the sample of the recording at which the reader begins
        """
        held = np.zeros(0, np.float32)
        for block in self._watch.each("read", reader):
            held = np.concatenate([held, block])
            while left and to_samples(left[0].end) <= origin + len(held):
                yield left[0], _cut(left.pop(0), held, origin)
            if not left:
                return
            ahead = to_samples(left[0].start) - origin - len(held)
            if self._seeks and ahead > to_samples(SKIPPED):
                return
            drop = min(max(0, to_samples(left[0].start) - origin), len(held))
            held, origin = held[drop:], origin + drop
        while left:
            yield left[0], _cut(left.pop(0), held, origin)

    def _timed(self, stretch: _Stretch, samples: np.ndarray, words: Sequence[Word]) -> dict[int, Word]:
        """Returns the changed words of a stretch that agree with the sound, by index."""
        inside = range(stretch.first, stretch.last)
        texts = tuple(words[index].word.strip() for index in inside)
        if not len(samples):
            return {}
        likely = self._attended(stretch, samples, texts, words)
        by_attention = (
            self._models.aligners.choose(stretch.language, choice=self._options.aligner) == "attention"
        )
        if by_attention or not likely:
            return likely
        # A changed word is sought where attention finds it: until now it has only a share of its neighbours' time.
        timed = [likely.get(at, words[at]) for at in inside]
        spans = tuple((word.start - stretch.start, word.end - stretch.start) for word in timed)
        in_phones = stretch.language == PROVEN
        utterance = Utterance(samples, texts, stretch.language, anchors=spans, in_phones=in_phones)
        (aligned,) = self._models.aligners.align([utterance], stretch.language, choice=self._options.aligner)
        found = dict(zip(inside, aligned.times, strict=True))
        return {
            index: replace(
                words[index],
                start=found[index].start + stretch.start,
                end=found[index].end + stretch.start,
                timing="aligned",
                score=found[index].score,
                phones=write_phones(found[index].phones) if found[index].phones else None,
            )
            for index in likely
            if found[index].timing == "aligned" and (found[index].score or 0.0) >= LEAST_SCORE
        }

    def _attended(
        self, stretch: _Stretch, samples: np.ndarray, texts: Sequence[str], words: Sequence[Word]
    ) -> dict[int, Word]:
        """Returns the changed words that Whisper's decoder finds likely there, with attention's times."""
        recognizer = self._models.recognizer(self._options.model)
        attended = attend(samples, texts, stretch.language, recognizer.time_text)
        return {
            index: replace(
                words[index],
                start=word.start + stretch.start,
                end=word.end + stretch.start,
                timing="attention",
                phones=None,
            )
            for index, word in enumerate(attended, stretch.first)
            if index in stretch.changed and word.logprob >= LEAST_LOGPROB + PER_TOKEN * (word.tokens - 1)
        }

    def _update(self, stage: Stage, done: float) -> Update:
        return Update(
            stage=stage,
            seconds_done=min(done, self._total),
            seconds_total=self._total,
            language=self._transcript.language,
            language_probability=self._transcript.language_probability,
        )


def _stretches(transcript: Transcript) -> Iterator[_Stretch]:
    """Yields the changed words with their context; those near to each other together."""
    words = transcript.words
    languages = [segment.language for segment in transcript.segments for _ in segment.words]
    changed = [index for index, word in enumerate(words) if word.timing == "interpolated" and word.is_said]
    runs: list[list[int]] = []
    for index in changed:
        near = runs and index - runs[-1][-1] <= CONTEXT and languages[index] == languages[runs[-1][-1]]
        if near and words[index].end - words[runs[-1][0]].start + 2 * (NEAR + MARGIN) <= LONGEST:
            runs[-1].append(index)
        else:
            runs.append([index])
    for run in runs:
        from_time, until = words[run[0]].start, words[run[-1]].end
        beside = [
            index
            for index in range(max(0, run[0] - CONTEXT), min(len(words), run[-1] + CONTEXT + 1))
            if words[index].is_said
            and words[index].start >= from_time - NEAR
            and words[index].end <= until + NEAR
            and languages[index] == languages[run[0]]
        ]
        first, last = beside[0], beside[-1] + 1
        start = max(0.0, words[first].start - MARGIN)
        end = min(max(word.end for word in words[first:last]) + MARGIN, start + LONGEST)
        yield _Stretch(first, last, tuple(run), start, end, languages[run[0]])


def _cut(stretch: _Stretch, held: np.ndarray, origin: int) -> np.ndarray:
    first = max(0, to_samples(stretch.start) - origin)
    return held[first : max(first, to_samples(stretch.end) - origin)]


def _with_words(transcript: Transcript, words: Sequence[Word]) -> Transcript:
    segments = []
    at = 0
    reached = 0.0
    for segment in transcript.segments:
        own = []
        for word in words[at : at + len(segment.words)]:
            # A word that keeps its times may stand behind one that has new ones.
            start = max(word.start, reached)
            least = least_length(word) if word.timing == "interpolated" else 0.0
            own.append(replace(word, start=start, end=max(start + least, word.end)))
            reached = start
        at += len(own)
        if own:
            segment = replace(
                segment, words=tuple(own), start=own[0].start, end=max(word.end for word in own)
            )
        segments.append(segment)
    return replace(transcript, segments=tuple(segments))
