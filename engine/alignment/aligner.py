"""The interface of all aligners, with their input and output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from engine.alignment.failure import AlignmentFailed
from engine.transcript import Timing

AlignerName = Literal["wav2vec2", "phonetic", "attention"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """Holds a part of a recording and its spoken words.

    samples   (n,) float32, mono, 16 kHz, at most about 30 s
    words     as Whisper wrote them, with punctuation, without surrounding space, none empty
    language  Whisper's code
    anchors   attention's (start, end) of each word in seconds; empty if unknown
    rivals    by a word's index: other words that may have been said in its place, "" for silence
    in_phones whether the phones of the words are wanted, from an aligner that knows them
    """

    samples: np.ndarray
    words: tuple[str, ...]
    language: str
    anchors: tuple[tuple[float, float], ...] = ()
    rivals: Mapping[int, str] = field(default_factory=dict)
    in_phones: bool = False


@dataclass(frozen=True, slots=True)
class WordTime:
    """Holds one word's times: seconds from the utterance's first sample, start <= end.

    said    whether the word agrees with the sound better than its rival; None if the aligner compares none
    phones  the word's phones in order with their seconds, which add up to the word; none if not asked for
    """

    start: float
    end: float
    timing: Timing
    score: float | None = None
    said: bool | None = None
    phones: tuple[tuple[str, float], ...] = ()


class Aligner(Protocol):
    """Times the words of utterances. Thread-safe."""

    def align(self, utterances: Sequence[Utterance]) -> list[tuple[WordTime, ...] | AlignmentFailed]:
        """Returns for each utterance the times of its words, in order, or the failure.

        Starts never go back within an utterance. An utterance that fails raises nothing and does not affect
        the others.
        """
        ...
