"""Stretches of speech, as the detectors find them; apart from these, which need torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechRegion:
    """A stretch of speech, in seconds from the start of the file.

    heard  whether the network takes it for speech; no, where detection is off and it hears none in there
    """

    start: float
    end: float
    has_speech: bool = True
