"""Sound that is still being recorded, read like a recording."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

import numpy as np

from engine.media.sample_blocks import finite
from engine.sampling import SAMPLE_RATE
from engine.text.notices import Notice

BLOCK_SECONDS = 0.25  # of the blocks that are read: so much later at most is the end of speech known
BEHIND_SECONDS = 120.0  # of sound that may wait to be read, 8 MB; then whoever adds sound waits


class LiveSound:
    """Takes samples from one thread while another one transcribes them; see `Engine.stream_live`.

    duration  seconds read so far
    received  seconds added so far
    """

    has_centre = False
    is_stereo = False

    def __init__(self) -> None:
        self.duration = self.received = 0.0
        self.notice: Notice | None = None
        self.remarks: list[Notice] = []
        self._blocks: deque[np.ndarray] = deque()
        self._rest: list[np.ndarray] = []  # samples that do not fill a block yet
        self._rest_samples = 0
        self._ended = False
        self._closed = False
        self._changed = threading.Condition()

    def put(self, samples: np.ndarray) -> bool:
        """Adds samples, float32 (n,) at 16 kHz; waits while too much is unread.

        Returns False if nothing is read any more, because the transcription has ended.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._takes_sound)
            if self._closed or self._ended:
                return False
            self._rest.append(finite(samples))
            self._rest_samples += len(samples)
            self.received += len(samples) / SAMPLE_RATE
            self._cut()
            self._changed.notify_all()
        return True

    @property
    def has_room(self) -> bool:
        """Whether `put` returns at once."""
        with self._changed:
            return self._takes_sound

    def end(self) -> None:
        """Says that no more sound comes."""
        with self._changed:
            self._ended = True
            if self._rest_samples:
                self._blocks.append(np.concatenate(self._rest))
                self._rest, self._rest_samples = [], 0
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Waits for sound, or for its end, but no longer than so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_news, seconds)

    @property
    def has_news(self) -> bool:
        """Whether reading on returns at once: there is a block, or the sound has ended."""
        with self._changed:
            return self._has_news

    def open(self) -> float | None:
        """Returns None: how long the sound will be is not known."""
        return None

    def close(self) -> None:
        """Ends the reading; `put` returns False from now on."""
        with self._changed:
            self._closed = True
            self._blocks.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yields blocks of BLOCK_SECONDS, waiting for each; the last one may be shorter."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._has_news)
                if not self._blocks:
                    return
                block = self._blocks.popleft()
                self._changed.notify_all()
            self.duration += len(block) / SAMPLE_RATE
            yield block

    @property
    def _takes_sound(self) -> bool:
        return self._closed or self._ended or len(self._blocks) < round(BEHIND_SECONDS / BLOCK_SECONDS)

    @property
    def _has_news(self) -> bool:
        return bool(self._blocks) or self._ended or self._closed

    def _cut(self) -> None:
        length = round(BLOCK_SECONDS * SAMPLE_RATE)
        if self._rest_samples < length:
            return
        joined = np.concatenate(self._rest)
        whole = len(joined) // length * length
        self._blocks.extend(joined[start : start + length] for start in range(0, whole, length))
        self._rest, self._rest_samples = [joined[whole:]], len(joined) - whole
