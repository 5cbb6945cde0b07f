"""Decodes a window again if its words leave detected speech bare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.recognition.decoding import DecodingRequest, DecodingResult, Fault
from engine.recognition.encoder import FRAME_RATE, Encoded, Encoder
from engine.recognition.missed_speech import missed_speech, replace_words, split_words
from engine.regions import Span
from engine.text.bare_speech import MARGIN

MAX_SHARE = 0.95  # share of a window; a longer stretch is not decoded alone, since it would be the same audio
DEPTH = 6  # second looks within one another, each at a shorter stretch; one sentence of several may be found by each
LEAST_GAIN = 0.3  # seconds of bare speech that another text must cover to be preferred
DOUBTFUL: tuple[Fault | None, ...] = ("silence", "unlikely", "too fast")  # such a text fills no gap

Decode = Callable[[Encoded, Sequence[DecodingRequest]], list[DecodingResult]]


class SecondLook:
    """Completes the results of a batch: first by decoding padded to 30 s, then stretch by stretch."""

    def __init__(self, encoder: Encoder, decode: Decode) -> None:
        """Takes a model's encoder, and how its windows are decoded."""
        self._encoder = encoder
        self._decode = decode

    def complete(
        self,
        encoded: Encoded,
        asks: Sequence[DecodingRequest],
        results: Sequence[DecodingResult],
        *,
        speech: Sequence[Sequence[Span]],
        depth: int = DEPTH,
    ) -> list[DecodingResult]:
        """Returns the results with the words that were left out.

        speech  detected speech of each window, (start, end) in window seconds
        depth   further levels of second looks
        """
        completed = list(results)
        rows = [row for row, result in enumerate(results) if missed_speech(speech[row], result.words)]
        if rows and not encoded.is_full_length:
            self._look_at_windows(encoded, asks, completed, rows=rows, speech=speech)
        for row in rows:
            ask, length = asks[row], encoded.frames[row] / FRAME_RATE
            for stretch in missed_speech(speech[row], completed[row].words):
                span = max(0.0, stretch.start - MARGIN), min(length, stretch.end + MARGIN)
                if span[1] - span[0] < MAX_SHARE * length:
                    part = self._encoder.encode([encoded.part(row, *span)])
                    found = self._look_at_span(part, ask, span, speech[row], depth=depth)
                    completed[row] = _filled(completed[row], found, span)
            completed[row] = replace(completed[row], second_look=True)
        return completed

    def _look_at_windows(
        self,
        encoded: Encoded,
        asks: Sequence[DecodingRequest],
        results: list[DecodingResult],
        *,
        rows: Sequence[int],
        speech: Sequence[Sequence[Span]],
    ) -> None:
        """Decodes some windows padded to 30 s, and takes the results in place if they cover more speech."""
        full = self._encoder.encode_full_length(encoded, rows)
        for row, found in zip(rows, self._decode(full, [asks[row] for row in rows]), strict=True):
            before, now = (_bare(speech[row], result) for result in (results[row], found))
            if now <= before - LEAST_GAIN and found.fault not in DOUBTFUL:
                results[row] = found

    def _look_at_span(
        self, part: Encoded, ask: DecodingRequest, span: Span, speech: Sequence[Span], *, depth: int
    ) -> DecodingResult:
        """Decodes a part of a window alone, and what that leaves bare again."""
        heard = self._decode(part, [ask])
        if depth <= 1:
            return heard[0]
        inside = [
            (max(start, span[0]) - span[0], min(end, span[1]) - span[0])
            for start, end in speech
            if start < span[1] and end > span[0]
        ]
        return self.complete(part, [ask], heard, speech=[inside], depth=depth - 1)[0]


def _bare(speech: Sequence[Span], result: DecodingResult) -> float:
    """Returns the seconds of speech that a result leaves bare."""
    return sum(stretch.seconds for stretch in missed_speech(speech, result.words))


def _filled(result: DecodingResult, found: DecodingResult, span: Span) -> DecodingResult:
    """Returns the result with the words found in a span, if these are likely and more than it has there."""
    _, there, _ = split_words(result.words, span)
    more = sum(len(word.text) for word in found.words) > sum(len(word.text) for word in there)
    if not more or found.fault in DOUBTFUL:
        return result
    words = tuple(replace_words(result.words, span, found.words))
    fault = found.fault if result.fault in (None, "silence") else result.fault
    return replace(result, words=words, fault=fault)
