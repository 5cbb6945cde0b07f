"""Joins the windows' local speakers into runs: stretches in which the same people speak.

Windows overlap by half, so that each stretch of 5 s (a zone) is heard twice. Local speakers of the two windows
are matched by when they speak. Cuts depend on the windows alone and not on which voices are found to be the
same later, so that a run is final 10 s after it was spoken.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.diarization.assignment import best_pairs
from engine.diarization.parts import Run
from engine.diarization.windows import FRAME_SECONDS, FRAMES, STEP_FRAMES, LocalActivity, frame_time

LONGEST = 30.0  # seconds; a longer run is cut, so that little sound is kept
AGREED = 0.1  # seconds for which two windows must hear a local speaker at once to match it

# Windows are least sure at their edges.
_TRUST = (np.hamming(FRAMES) + 0.01).astype(np.float32)


class RunTracker:
    """Takes windows in order and gives runs as they end."""

    def __init__(self) -> None:
        self._last: LocalActivity | None = None
        self._start = 0  # first frame of the open run
        self._now = 0  # frame up to which all is known
        self._voices: list[dict[int, int]] = []  # of the open run: each voice's local speaker by window

    @property
    def open_since(self) -> float:
        """Second before which no sound is needed for runs that have not ended."""
        return frame_time(self._start)

    def add(self, window: LocalActivity) -> Iterator[Run]:
        """Adds the next window; yields the runs that end in the zone that it completes."""
        yield from self._zone(self._last, window)
        self._last = window

    def finish(self) -> Iterator[Run]:
        """Yields the runs of the last window's second half."""
        yield from self._zone(self._last, None)
        yield from self._close()

    def _zone(self, before: LocalActivity | None, after: LocalActivity | None) -> Iterator[Run]:
        """Goes through a zone, which is the second half of `before` and the first of `after`."""
        pairs = _match(before, after)
        speaking = _speaking(before, after, pairs)
        changes = np.flatnonzero((speaking[1:] != speaking[:-1]).any(1)) + 1
        edges = [0, *changes.tolist(), len(speaking)]
        for begin, end in itertools.pairwise(edges):
            voices = [dict(pair) for on, pair in zip(speaking[begin], pairs, strict=True) if on]
            if begin or not self._continues(voices, before):
                yield from self._close()
                self._voices = voices
            self._now += end - begin
            if (self._now - self._start) * FRAME_SECONDS > LONGEST:
                yield from self._close()
                self._voices = voices

    def _continues(self, voices: list[dict[int, int]], window: LocalActivity | None) -> bool:
        """Adds to the open run's voices if those at a zone's start are the same, else returns False."""
        if window is None or len(voices) != len(self._voices):
            return False
        index = window.index
        known = {voice.get(index): voice for voice in self._voices}
        if any(voice.get(index) is None or voice[index] not in known for voice in voices):
            return False
        for voice in voices:
            known[voice[index]].update(voice)
        return True

    def _close(self) -> Iterator[Run]:
        if self._voices and self._now > self._start:
            voices = tuple(tuple(sorted(voice.items())) for voice in self._voices)
            yield Run(frame_time(self._start), frame_time(self._now), voices)
        self._start, self._voices = self._now, []


def _match(before: LocalActivity | None, after: LocalActivity | None) -> list[Mapping[int, int]]:
    """Returns the zone's voices, each as local speakers of one or both windows."""
    left = {speaker: before for speaker in before.speakers} if before else {}
    right = {speaker: after for speaker in after.speakers} if after else {}
    if before is None or after is None:
        one = before or after
        return [{one.index: speaker} for speaker in one.speakers] if one else []
    shared = FRAMES - STEP_FRAMES
    heard = before.probability[STEP_FRAMES:] * before.active[STEP_FRAMES:]
    heard_again = after.probability[:shared] * after.active[:shared]
    agreed = np.minimum(heard[:, :, None], heard_again[:, None, :]).sum(0) * FRAME_SECONDS
    voices: list[Mapping[int, int]] = []
    for one_, other in best_pairs(agreed):
        if agreed[one_, other] >= AGREED:
            left.pop(one_, None)
            right.pop(other, None)
            voices.append({before.index: one_, after.index: other})
    voices += [{before.index: speaker} for speaker in left]
    voices += [{after.index: speaker} for speaker in right]
    return voices


def _speaking(
    before: LocalActivity | None, after: LocalActivity | None, voices: list[Mapping[int, int]]
) -> NDArray[np.bool_]:
    """Returns (frames, voices): who speaks, as many at once as the two windows hear on average."""
    length = STEP_FRAMES if after else FRAMES - STEP_FRAMES
    trust = np.zeros(length, np.float32)
    number = np.zeros(length, np.float32)
    activity = np.zeros((length, len(voices)), np.float32)
    for window, first in ((before, STEP_FRAMES), (after, 0)):
        if window is None:
            continue
        part = slice(first, min(first + length, FRAMES))
        weight, size = _TRUST[part], part.stop - part.start
        trust[:size] += weight
        number[:size] += weight * window.active[part].sum(1)
        for column, voice in enumerate(voices):
            if (speaker := voice.get(window.index)) is not None:
                heard = window.probability[part, speaker] * window.active[part, speaker]
                activity[:size, column] += weight * heard
    wanted = np.rint(number / np.maximum(trust, 1e-9))
    rank = np.argsort(np.argsort(-activity, axis=1, kind="stable"), axis=1)
    return (rank < wanted[:, None]) & (activity > 0)
