"""Decodes speech that the words of a window leave out, each hole alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.recognition.decoding import DecodedWord, DecodingRequest, DecodingResult
from engine.recognition.encoder import FRAME_RATE, Encoded, Encoder
from engine.recognition.hallucinations import MAX_NO_SPEECH
from engine.recognition.hole import Hole, letters_of
from engine.recognition.hole_filling import ALIKE, alike, fill_hole, find_misplaced, hole_before, put_behind
from engine.recognition.joined_words import joined_again, taken_apart
from engine.recognition.levelling import levelled
from engine.recognition.missed_speech import cut_span, find_holes, may_hold_words, without_hole
from engine.regions import Span

# Seconds of bare speech that get a second look, chosen on `completeness --part tune`. Fewer than those that are told,
# since a look that finds nothing changes nothing.
LEAST_BARE = {"transcribe": 0.6, "translate": 2.0}  # a translation may be much shorter than what was said
LONGEST = 8.0  # seconds decoded at once; with padding they are the shortest input of the encoder
LOOKS = 6  # in a window
LOOKED = 2.0  # times the length of a window: all its looks together, at most
LIKELY = -0.6  # mean log-probability of the tokens, from which a text fills a hole
LIKELY_IN_NOISE = -0.3  # the same, if Whisper is SURE that it hears no speech; else between the two
SURE = 0.9  # probability of no speech
MAX_SHARE = 0.95  # of a window; a longer span is not decoded, since it would be the same audio

Decode = Callable[[Encoded, Sequence[DecodingRequest]], list[DecodingResult]]


class _Looks:
    """Holds the words of a window, and which holes of theirs have been looked at."""

    def __init__(
        self,
        features: NDArray[np.float32],
        ask: DecodingRequest,
        speech: Sequence[Span],
        words: Sequence[DecodedWord],
    ) -> None:
        self.least = LEAST_BARE[ask.options.task]
        self.words = taken_apart(words)
        self._features, self._ask, self._speech = features, ask, speech
        self._seconds = features.shape[1] / FRAME_RATE
        self._left = LOOKED * self._seconds
        self._tried: list[Span] = []

    def next_hole(self) -> Hole | None:
        """Returns the longest hole that may hold words; else one behind which words lie that seem to fill it."""
        found = find_holes(self._speech, self.words, self._seconds, self.least)
        holes = [
            hole for hole in found if may_hold_words(hole, self._features) or _is_faint(hole, self._ask.faint)
        ]
        holes = holes or find_misplaced(self._speech, self.words, self.least)
        return max(holes, key=lambda hole: hole.seconds, default=None)

    def take(self, hole: Hole) -> Span | None:
        """Returns the span of a hole to be decoded; None if it was, or if the looks are used up."""
        span = cut_span(hole, self._features, LONGEST)
        length = span[1] - span[0]
        if len(self._tried) == LOOKS or span in self._tried or not 0 < length <= self._left:
            return None
        if length >= MAX_SHARE * self._seconds:
            return None
        self._tried.append(span)
        self._left -= length
        return span

    def fill(self, hole: Hole, span: Span, heard: DecodingResult) -> bool:
        """Puts what was heard into a hole, if it is likely and says more; returns whether it does."""
        filled = fill_hole(self.words, hole, span, heard.words) if _is_likely(heard) else None
        self.words = filled or self.words
        return filled is not None

    def free(self, hole: Hole, heard: DecodingResult) -> None:
        """Puts words behind a hole in which something else was heard, so that what was left out is told.

        It need not be likely, but no loop or the like, which tells nothing.
        """
        moved = self.words[hole.last :]
        if (
            heard.words
            and heard.fault is None
            and alike(letters_of(heard.words), letters_of(moved[: hole.moved])) < ALIKE
        ):
            self.words[hole.last :] = put_behind(moved, hole.moved, hole.ends[1])

    def joined(self) -> list[DecodedWord]:
        """Returns the words; a word of several parts is several if one of its holes is left."""
        words, beside = list(self.words), set[int]()
        for hole in find_holes(self._speech, words, self._seconds, self.least):
            beside |= {hole.first, hole.last}
            for at in {hole.first - 1, hole.last} & set(range(len(words))):
                words[at] = without_hole(words, at)
        return joined_again(words, apart=beside)


class SecondLook:
    """Completes the results of windows. Stateless.

    A look that finds nothing is a window's last, unless words before the hole may have been said behind it: then there
    is one look at all of it. All looks at a window are together no longer than LOOKED windows.
    """

    def __init__(self, encoder: Encoder, decode: Decode) -> None:
        """Takes a model's encoder, and how encoded windows are decoded."""
        self._encoder = encoder
        self._decode = decode

    def complete(
        self,
        features: NDArray[np.float32],
        ask: DecodingRequest,
        result: DecodingResult,
        speech: Sequence[Span],
    ) -> DecodingResult:
        """Returns the result of a window with words that it left out.

        Words over faint speech must be as likely as those of a look, and written without hotwords and prompt.

        features  (n_mels, frames) of the window, without padding
        speech    detected speech, (start, end) in window seconds
        """
        look = _Looks(features, ask, speech, _without_doubts(result, ask))
        while (hole := look.next_hole()) and (span := look.take(hole)):
            heard = self._decode_span(features, span, ask)
            if look.fill(hole, span, heard):
                continue
            # What was heard may have been written already, as words before the hole; then these lie behind it.
            rest = hole_before(look.words, hole, heard.words, speech, look.least)
            if rest and (span := look.take(rest)):
                if look.fill(rest, span, self._decode_span(features, span, ask)):
                    continue
            elif hole.moved:
                look.free(hole, heard)
            break
        return replace(result, words=tuple(look.joined()))

    def _decode_span(self, features: NDArray[np.float32], span: Span, ask: DecodingRequest) -> DecodingResult:
        """Decodes a part of a window alone; hotwords and prompts help only with speech that is heard without them."""
        first, last = (round(time * FRAME_RATE) for time in span)
        part = self._encoder.encode([levelled(features[:, first:last], float(features.max()))])
        once = replace(ask, options=replace(ask.options, fallback=False))  # a text by chance fills no hole
        (found,) = self._decode(part, [once.without_hints()])
        if ask.has_hints and _is_likely(found):
            (hinted,) = self._decode(part, [once])
            return hinted if _is_likely(hinted) else found
        return found


def _is_faint(hole: Hole, faint: Sequence[Span]) -> bool:
    """Returns whether most of a hole is faint speech, which detection has found clear; its level changes less."""
    inside = (min(end, hole.end) - max(start, hole.start) for start, end in faint)
    return max(inside, default=0.0) > (hole.end - hole.start) / 2


def _without_doubts(result: DecodingResult, ask: DecodingRequest) -> list[DecodedWord]:
    """Returns the words of a window without those over faint speech that are not likely, or may come from hints.

    A word that reaches beyond faint speech stays, since attention stretches words of its neighbours into it.
    """
    words = list(result.words)
    for start, end in ask.faint:
        over = [word for word in words if start <= word.start and word.end <= end]
        if ask.has_hints or not _are_likely(over, result.no_speech_prob):
            words = [word for word in words if word not in over]
    return words


def _is_likely(found: DecodingResult) -> bool:
    return found.fault is None and _are_likely(found.words, found.no_speech_prob)


def _are_likely(words: Sequence[DecodedWord], no_speech_prob: float) -> bool:
    tokens = sum(word.tokens for word in words)
    doubt = (no_speech_prob - MAX_NO_SPEECH) / (SURE - MAX_NO_SPEECH)
    least = LIKELY + min(max(doubt, 0.0), 1.0) * (LIKELY_IN_NOISE - LIKELY)
    return bool(tokens) and sum(word.logprob for word in words) / tokens >= least
