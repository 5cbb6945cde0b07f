"""What every aligner takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from engine.alignment.failure import AlignmentFailed
from engine.transcript import Timing

AlignerName = Literal["wav2vec2", "phonetic", "attention"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of audio and the words said in it.

    samples   (n,) float32, mono, 16 kHz, at most about 30 s
    words     as Whisper wrote them, punctuation included, without surrounding space, none empty
    language  Whisper's code
    anchors   where attention saw each word, (start, end) in seconds; empty where nobody looked
    """

    samples: np.ndarray
    words: tuple[str, ...]
    language: str
    anchors: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class WordTime:
    """Where one word lies: seconds from the utterance's first sample, `0 <= start <= end`."""

    start: float
    end: float
    timing: Timing
    score: float | None = None


class Aligner(Protocol):
    """Times the words of utterances; safe to call from several threads."""

    def align(self, utterances: Sequence[Utterance]) -> list[tuple[WordTime, ...] | AlignmentFailed]:
        """Returns for each utterance one WordTime a word, in order, or the reason why not.

        Starts never go back within an utterance. An utterance that fails does not raise and does not
        touch the others.
        """
        ...
