"""Packs speech regions into windows for Whisper, as in WhisperX's "cut & merge".

Whisper always reads 30 s. A window holds only speech and short pauses, so that a meeting with 56 % speech
takes little more than half as many windows. Method: Bain et al. 2023, arXiv:2303.00747.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from math import inf

import numpy as np

from engine.regions import KnownUntil, Span, SpeechRegion
from engine.sampling import SAMPLE_RATE, to_samples
from engine.vad.detector import Hysteresis, VoiceActivityDetector
from engine.vad.faint_speech import FaintSpeech
from engine.windows import OpenSpeech, SourceSpan, Window

# Seconds packed together; a longer region is a window by itself. Whisper has room for 30, but each decoded
# token attends to the whole window, so the cost grows faster than the window's length.
CAPACITY = 16.0
MARGIN = 0.4  # seconds of sound kept before and after speech
JOINED = 1.0  # seconds; a shorter pause is kept whole
OPEN_SECONDS = 0.5  # seconds of sound after which an open region counts as speech; detection lags some 0.03 s
# For a recording in several languages:
PART_PAUSE = 0.3  # seconds; people seldom change the language without a pause of this length
PAUSE_LEVEL = 0.03  # of the loudest frame, -30 dB; in noise a pause is louder, and only the detector finds it
PAUSE_FRAME = 320  # samples, 20 ms
MIN_PART = 2.0  # seconds of speech; Whisper can tell its language. A shorter part stays with the next


class WindowPacker:
    """Collects audio and its speech regions, and yields windows as they fill.

    The packer keeps only the samples from the earliest speech that is not in a window yet.
    """

    def __init__(self, apart: bool = False) -> None:
        """Takes no audio yet.

        apart  ends a window at every pause of PART_PAUSE seconds or more after MIN_PART seconds of speech, and at
               every pause of JOINED seconds or more, since each part may be in another language
        """
        self._apart = apart
        self._samples = np.zeros(0, np.float32)
        self._origin = 0  # file position of the first sample held
        # (start, end) in samples of the file, for the next window; the last may end beyond the audio so far.
        self._pieces: list[tuple[int, int]] = []
        self._taken = 0  # file position up to which sound is in windows
        self._regions: list[SpeechRegion] = []  # speech in those pieces

    def add_audio(self, block: np.ndarray) -> None:
        """Adds a block of samples, (n,) float32 at 16 kHz."""
        self._samples = np.concatenate([self._samples, block])

    def add(self, region: SpeechRegion) -> Iterator[Window]:
        """Adds the next region; yields the current window if the region does not fit."""
        for part in self._split(region) if self._apart else [region]:
            yield from self._add(part)

    def _add(self, region: SpeechRegion) -> Iterator[Window]:
        start = max(to_samples(region.start - MARGIN), self._taken)  # no sound is in two windows
        end = to_samples(region.end + MARGIN)
        if self._pieces:
            begun, until = self._pieces[-1]
            joined = start - until < to_samples(JOINED)
            further = end - (until if joined else start)
            parted = self._apart and (not joined or self._ends_part(region))
            if self._filled + further > to_samples(CAPACITY) or parted:
                # A short pause stays with the speech before it, or is shared by two parts that may differ in
                # language. No window starts or ends within speech.
                middle = (self._regions[-1].end + region.start) / 2
                until = min(until, to_samples(middle if self._apart else region.start))
                self._pieces[-1] = begun, until
                start = max(start, until)
                yield from self.flush()
            elif joined:
                start, _ = self._pieces.pop()
        self._pieces.append((start, end))
        self._regions.append(region)

    def _ends_part(self, region: SpeechRegion) -> bool:
        """Returns whether a part that is long enough to tell its language ends before the next region."""
        spoken = sum(each.end - each.start for each in self._regions)
        return spoken >= MIN_PART and region.start - self._regions[-1].end >= PART_PAUSE

    def _split(self, region: SpeechRegion) -> list[SpeechRegion]:
        """Cuts a region at its pauses of PART_PAUSE seconds or more, which detectors bridge."""
        start, end = to_samples(region.start), to_samples(region.end)
        samples = self._samples[max(start - self._origin, 0) : max(end - self._origin, 0)]
        count = len(samples) // PAUSE_FRAME
        if not count:
            return [region]
        level = np.sqrt(np.mean(samples[: count * PAUSE_FRAME].reshape(count, PAUSE_FRAME) ** 2, axis=1))
        quiet = np.flatnonzero(level < PAUSE_LEVEL * level.max())
        runs = np.split(quiet, np.flatnonzero(np.diff(quiet) > 1) + 1)
        least = PART_PAUSE * SAMPLE_RATE / PAUSE_FRAME
        parts, begun = [], region.start
        for run in (run for run in runs if len(run) >= least and run[0] > 0 and run[-1] < count - 1):
            # Never more than the margins cover: what is quiet may yet be speech.
            middle = region.start + (run[0] + run[-1] + 1) / 2 * PAUSE_FRAME / SAMPLE_RATE
            half = min(len(run) * PAUSE_FRAME / SAMPLE_RATE / 2, MARGIN)
            parts.append(replace(region, start=begun, end=float(middle - half)))
            begun = float(middle + half)
        return [*parts, replace(region, start=begun)]

    def complete_until(self, known: float) -> float:
        """Returns the seconds up to which all speech is in windows, with `known` searched."""
        return self._pieces[0][0] / SAMPLE_RATE if self._pieces else known

    @property
    def seconds_since_speech(self) -> float:
        """Seconds of sound after the last region that is in no window yet; 0 if there is no such region."""
        heard = (self._origin + len(self._samples)) / SAMPLE_RATE
        return heard - self._regions[-1].end if self._regions else 0.0

    def flush(self, before: float = inf) -> Iterator[Window]:
        """Yields the current window, if there is one; it ends before the next region, which begins after `before`."""
        until = self._origin + len(self._samples)
        if before < inf:
            until = min(until, to_samples(before))
        pieces = [(start, min(end, until)) for start, end in self._pieces if start < until]
        if pieces:
            self._taken = pieces[-1][1]
            yield self._window(pieces)
        self._pieces, self._regions = [], []

    def forget_before(self, time: float) -> None:
        """Drops samples that no window needs if no region can begin before `time` seconds."""
        keep_from = self._pieces[0][0] if self._pieces else to_samples(time - MARGIN)
        drop = min(max(keep_from - self._origin, 0), len(self._samples))
        self._samples = self._samples[drop:]
        self._origin += drop

    def open_speech(self, known: float) -> OpenSpeech | None:
        """Returns the speech that is in no window yet, if there is any; none begins after `known` seconds but that.

        An open region begins at `known`, and so does the silence after a closed one.
        """
        until = self._origin + len(self._samples)
        begun = self._pieces[0][0] if self._pieces else max(to_samples(known - MARGIN), self._taken)
        if not self._pieces and until - to_samples(known) < to_samples(OPEN_SECONDS):
            return None
        cut = self._samples[max(begun - self._origin, 0) :]
        return OpenSpeech(begun / SAMPLE_RATE, until / SAMPLE_RATE, cut) if len(cut) else None

    @property
    def samples_held(self) -> int:
        """How many samples are kept for windows to come."""
        return len(self._samples)

    @property
    def _filled(self) -> int:
        return sum(end - start for start, end in self._pieces)

    def _window(self, spans: Sequence[tuple[int, int]]) -> Window:
        pieces, offset = [], 0
        for start, end in spans:
            pieces.append(SourceSpan(start / SAMPLE_RATE, end / SAMPLE_RATE, offset / SAMPLE_RATE))
            offset += end - start
        cut = [self._samples[start - self._origin : end - self._origin] for start, end in spans]
        faint = tuple(_speech_in(pieces, [region for region in self._regions if region.is_faint]))
        return Window(
            np.concatenate(cut), tuple(pieces), tuple(_speech_in(pieces, self._regions)), faint=faint
        )


def _speech_in(pieces: Sequence[SourceSpan], regions: Iterable[SpeechRegion]) -> Iterator[Span]:
    """Yields where a window of these pieces has speech, in window seconds."""
    for region in regions:
        if not region.has_speech:
            continue
        piece = next((span for span in reversed(pieces) if span.start <= region.start), pieces[0])
        start = max(region.start - piece.start, 0.0)
        end = min(region.end - piece.start, piece.duration)
        if start < end:
            yield piece.offset + start, piece.offset + end


def pack_windows(
    blocks: Iterable[np.ndarray],
    detector: VoiceActivityDetector,
    found: list[SpeechRegion],
    rule: Hysteresis = Hysteresis(),
    apart: bool = False,
    known: Sequence[SpeechRegion] = (),
    finished: int = 0,
    pause: float | None = None,
    faint: bool = True,
) -> Iterator[Window | KnownUntil | OpenSpeech]:
    """Yields windows as they fill, and appends every speech region to `found`.

    After each block it also yields the seconds before which no further window begins, so that the caller can
    stop during a long silence.

    blocks    (n,) float32 at 16 kHz
    apart     as in `WindowPacker`
    known     the first regions, from an earlier run
    finished  number of windows that the earlier run has finished; they are left out
    pause     seconds after a region's end in which its window ends too, for words that are wanted soon; None to
              fill windows. With it, speech that is in no window yet is yielded too, after each block
    faint     looks for speech that louder sound hides from the detector

    Raises OutOfMemory.
    """
    packer = WindowPacker(apart)

    def heard() -> Iterator[np.ndarray]:
        for block in blocks:
            packer.add_audio(block)
            yield block

    if faint and detector.reach:
        regions = FaintSpeech(detector, rule).regions(heard(), known)
    else:
        regions = detector.regions(heard(), rule, known)
    windows = count()
    for item in regions:
        if isinstance(item, SpeechRegion):
            found.append(item)
            yield from (window for window in packer.add(item) if next(windows) >= finished)
        else:
            packer.forget_before(item.seconds)
            if pause is not None and packer.seconds_since_speech >= pause:
                ended = packer.flush(before=item.seconds)
                yield from (window for window in ended if next(windows) >= finished)
            if pause is not None and (speech := packer.open_speech(item.seconds)):
                yield speech
            yield KnownUntil(packer.complete_until(item.seconds))
    yield from (window for window in packer.flush() if next(windows) >= finished)
