"""Packs regions of speech into windows for Whisper.

Whisper hears 30 s at a time whatever it is given. A window holds speech alone, its pauses cut down
to what a listener needs, so that a meeting with 56 % speech takes little more than half as many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

import numpy as np

from engine.regions import SpeechRegion
from engine.sampling import SAMPLE_RATE, to_samples
from engine.vad.detector import Hysteresis, VoiceActivityDetector
from engine.windows import SourceSpan, Window

# Seconds that are packed together; a longer region is a window alone. Whisper has room for 30, but each token
# that is written attends to all of its window, so that cost grows faster than the window does.
CAPACITY = 16.0
MARGIN = 0.4  # seconds of real sound kept before and after speech
JOINED = 1.0  # seconds: a shorter pause is kept whole


class WindowPacker:
    """Collects audio and the speech found in it, and gives windows as they fill.

    Holds the samples from the earliest speech not yet given on, and no others.
    """

    def __init__(self, apart: bool = False) -> None:
        """`apart` lets a window end at every pause that is not kept whole, for each may be in a language
        of its own."""
        self._apart = apart
        self._samples = np.zeros(0, np.float32)
        self._origin = 0  # file position of the first sample held
        # (start, end) in samples of the file, for the next window; the last may end beyond what is heard so far.
        self._pieces: list[tuple[int, int]] = []
        self._regions: list[SpeechRegion] = []  # speech in those pieces

    def add_audio(self, block: np.ndarray) -> None:
        self._samples = np.concatenate([self._samples, block])

    def add(self, region: SpeechRegion) -> Iterator[Window]:
        """Adds the next region; yields the window that it no longer fits into."""
        start, end = max(to_samples(region.start - MARGIN), 0), to_samples(region.end + MARGIN)
        if self._pieces:
            begun, until = self._pieces[-1]
            joined = start - until < to_samples(JOINED)
            further = end - (until if joined else start)
            if self._filled + further > to_samples(CAPACITY) or (self._apart and not joined):
                # A short pause stays with what was said before it; no window ends or begins within speech.
                until = min(until, to_samples(region.start))
                self._pieces[-1] = begun, until
                start = max(start, until)
                yield from self.flush()
            elif joined:
                start, _ = self._pieces.pop()
        self._pieces.append((start, end))
        self._regions.append(region)

    def complete_until(self, known: float) -> float:
        """Returns up to where everything has been given on, where all speech up to `known` has been added."""
        return self._pieces[0][0] / SAMPLE_RATE if self._pieces else known

    def flush(self) -> Iterator[Window]:
        """Yields the window begun, if there is one."""
        heard = self._origin + len(self._samples)
        pieces = [(start, min(end, heard)) for start, end in self._pieces if start < heard]
        if pieces:
            yield self._window(pieces)
        self._pieces, self._regions = [], []

    def forget_before(self, time: float) -> None:
        """Drops the samples that no window will need, now that no region can begin before `time`."""
        keep_from = self._pieces[0][0] if self._pieces else to_samples(time - MARGIN)
        drop = min(max(keep_from - self._origin, 0), len(self._samples))
        self._samples = self._samples[drop:]
        self._origin += drop

    @property
    def _filled(self) -> int:
        return sum(end - start for start, end in self._pieces)

    def _window(self, spans: Sequence[tuple[int, int]]) -> Window:
        pieces, offset = [], 0
        for start, end in spans:
            pieces.append(SourceSpan(start / SAMPLE_RATE, end / SAMPLE_RATE, offset / SAMPLE_RATE))
            offset += end - start
        cut = [self._samples[start - self._origin : end - self._origin] for start, end in spans]
        return Window(np.concatenate(cut), tuple(pieces), tuple(self._speech_in(pieces)))

    def _speech_in(self, pieces: list[SourceSpan]) -> Iterator[tuple[float, float]]:
        for region in self._regions:
            if not region.has_speech:
                continue
            piece = next((it for it in reversed(pieces) if it.start <= region.start), pieces[0])
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
) -> Iterator[Window | float]:
    """Yields windows as they fill, appending every region of speech to `found`.

    After each block it yields the time up to which no window is to come, so that whoever reads a long silence
    is asked now and then whether to go on.

    known     the first regions, as an earlier run has found them
    finished  windows that the earlier run has finished; they are cut again and left out
    """
    packer = WindowPacker(apart)

    def heard() -> Iterator[np.ndarray]:
        for block in blocks:
            packer.add_audio(block)
            yield block

    windows = count()
    for item in detector.regions(heard(), rule, known):
        if isinstance(item, SpeechRegion):
            found.append(item)
            yield from (window for window in packer.add(item) if next(windows) >= finished)
        else:
            packer.forget_before(item)
            yield packer.complete_until(item)
    yield from (window for window in packer.flush() if next(windows) >= finished)
