"""The one sample rate of the engine, and seconds in samples."""

from __future__ import annotations

SAMPLE_RATE = 16_000  # Hz, as Whisper, the voice activity detectors and the aligners want it


def to_samples(seconds: float) -> int:
    """Returns the nearest whole number of samples."""
    return round(seconds * SAMPLE_RATE)
