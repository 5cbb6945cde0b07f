"""The engine's sample rate, and the conversion of seconds to samples."""

from __future__ import annotations

SAMPLE_RATE = 16_000  # Hz, the input of Whisper, the voice activity detectors and the aligners


def to_samples(seconds: float) -> int:
    """Returns the samples in `seconds`, rounded to the nearest whole number."""
    return round(seconds * SAMPLE_RATE)
