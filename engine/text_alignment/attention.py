"""Gives the words of a text the times that attention found for the pieces that Whisper cuts the text into."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.recognition.decoding import DecodedWord
from engine.recognition.encoder import Encoded
from engine.transcript import join_texts

# Times a text in samples of a language, or in a window that has been encoded, by attention: `Recognizer.time_text`.
TimeText = Callable[[np.ndarray | Encoded, str, str], Sequence[DecodedWord]]


@dataclass(frozen=True, slots=True)
class AttendedWord:
    """A word of a text with its start and end in seconds, and how likely Whisper finds it there.

    logprob  of its tokens, and of pieces that reach into its neighbours
    tokens   their number
    """

    start: float
    end: float
    logprob: float
    tokens: int


def attend(
    sound: np.ndarray | Encoded, words: Sequence[str], language: str, time_text: TimeText
) -> list[AttendedWord]:
    """Returns the words of a text as attention finds them in sound, which is as `time_text` takes it.

    Returns no words if the text is longer than Whisper's context, or if its pieces cannot be told apart.
    """
    return _spread(words, time_text(sound, join_texts(words, language), language))


def _spread(words: Sequence[str], pieces: Sequence[DecodedWord]) -> list[AttendedWord]:
    """Returns the words that pieces make up; both are the same characters apart from spaces.

    Inside a piece, time goes by in even steps.
    """
    lengths = [len("".join(piece.text.split())) for piece in pieces]
    wanted = [len("".join(word.split())) for word in words]
    if sum(lengths) != sum(wanted) or not all(wanted) or not all(lengths):
        return []
    begins = [sum(lengths[:index]) for index in range(len(lengths))]
    found = []
    at = 0
    for length in wanted:
        first, last = (bisect_right(begins, place) - 1 for place in (at, at + length - 1))
        start = _moment(pieces[first], (at - begins[first]) / lengths[first])
        end = _moment(pieces[last], (at + length - begins[last]) / lengths[last])
        inside = pieces[first : last + 1]
        logprob, tokens = sum(piece.logprob for piece in inside), sum(piece.tokens for piece in inside)
        found.append(AttendedWord(start, max(start, end), logprob, tokens))
        at += length
    return found


def _moment(piece: DecodedWord, share: float) -> float:
    return piece.start + share * (piece.end - piece.start)
