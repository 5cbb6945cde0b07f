"""What a transcription reads: a file's audio, or sound that is being recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from engine.media.reading_plan import Channels
from engine.text.notices import Notice


class AudioSource(Protocol):
    """Yields blocks of float32 (n,), or (n, 2) for left and right, at 16 kHz, once.

    duration  seconds read so far
    notice    at the end, a notice for the user if sound is missing
    remarks   at the end, further notices
    """

    duration: float
    notice: Notice | None
    remarks: list[Notice]

    def __iter__(self) -> Iterator[np.ndarray]: ...

    @property
    def is_stereo(self) -> bool:
        """Whether there are two channels, left and right; known after `open`."""
        ...

    @property
    def has_centre(self) -> bool:
        """Whether it is surround sound with a centre channel; known after `open`."""
        ...

    def open(self) -> float | None:
        """Reads the first block; returns the duration if it is stated, in seconds."""
        ...

    def close(self) -> None:
        """Ends the iteration; safe at any time, repeatedly and from any thread."""
        ...


class ReadAudio(Protocol):
    """Opens one recording as often as it is called."""

    def __call__(
        self, *, channels: Channels = "mixed", block_seconds: float = ..., start: float = 0.0
    ) -> AudioSource:
        """Returns a reader; the arguments are those of `AudioReader`."""
        ...
