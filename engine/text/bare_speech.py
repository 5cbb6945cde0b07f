"""Finds bare speech: detected speech that the words of a text cannot have taken.

Whisper may leave a sentence out. Attention and forced alignment then stretch the words beside the hole over it, or
strew them in it. Therefore a word covers no more speech than a word of its length can take, and what stays bare is
judged by its sum over neighbouring pieces.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from engine.regions import Span, uncovered

# Seconds that a word takes at most: a base, and more for each sign. Chosen on `completeness --part tune`.
WORD_SECONDS = 0.35
LETTER_SECONDS = 0.1
SYLLABLE_SECONDS = 0.3  # of a sign that is a syllable or more: an ideograph, a kana, a Hangul block
DIGIT_SECONDS = 0.6
MARGIN = 0.2  # seconds before and after a word that count as covered, since the times of words are inexact
JOINED = 0.5  # seconds; a pause in the speech that is shorter does not end a bare piece
NEAR = 2.0  # seconds between two pieces that are told as one stretch
# Least seconds of a piece, and the seconds over which such pieces are summed. Shorter pieces are breaths and the ends
# of words, of which a window holds many. A word that is strewn in a hole leaves pieces close together.
SUMS = ((0.2, 3.0), (0.4, 16.0))  # 16 s are a window
LEAST_SUM = 0.9  # seconds bare in all that count as left out; 1.0 misses one loss of five on `--part tune`
LEAST_REGION = 0.5  # seconds; a region of this length without any word counts as left out by itself
ENDS = (".", "?", "!", "…", "。", "？", "！", "।", "؟")


class TimedText(NamedTuple):
    """Holds a word and its start and end in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class BareStretch:
    """Holds neighbouring pieces of bare speech, (start, end) in seconds, in order.

    seconds  of speech in the pieces, without the pauses in them
    """

    pieces: tuple[Span, ...]
    seconds: float

    @property
    def start(self) -> float:
        return self.pieces[0][0]

    @property
    def end(self) -> float:
        return self.pieces[-1][1]


def bare_stretches(
    speech: Sequence[Span], words: Sequence[TimedText], least_sum: float = LEAST_SUM
) -> list[BareStretch]:
    """Returns the stretches of speech that were left out, in order.

    These hold pieces that are bare for LEAST_SUM seconds or more in all, by SUMS, or a region of LEAST_REGION seconds
    that no word touches.

    speech     detected speech in order
    words      in order of their starts
    least_sum  in place of LEAST_SUM
    """
    regions = _merged(speech, 0.0)
    ends = [end for _, end in regions]
    pieces: list[_Piece] = []
    known = set(regions)
    for span in uncovered(_merged(regions, JOINED), _with_margin(words)):
        inside = _speech_in(span, regions, first=bisect_right(ends, span[0]))
        if (seconds := _seconds(inside)) >= SUMS[0][0]:
            whole = any(part in known and _seconds([part]) >= LEAST_REGION for part in inside)
            pieces.append(_Piece(span, seconds, whole))
    stretches: list[BareStretch] = []
    for piece in _left_out(pieces, least_sum):
        if stretches and piece.span[0] - stretches[-1].end <= NEAR:
            last = stretches.pop()
            stretches.append(BareStretch((*last.pieces, piece.span), last.seconds + piece.seconds))
        else:
            stretches.append(BareStretch((piece.span,), piece.seconds))
    return stretches


class _Piece(NamedTuple):
    """Holds a piece of bare speech, the seconds of speech in it, and whether it holds a whole region."""

    span: Span
    seconds: float
    whole: bool


def _left_out(pieces: Sequence[_Piece], least_sum: float) -> list[_Piece]:
    """Returns the pieces that are whole regions, or that are bare for LEAST_SUM seconds with those around them."""
    left_out = {at for at, piece in enumerate(pieces) if piece.whole}
    for least, within in SUMS:
        long = [at for at, piece in enumerate(pieces) if piece.seconds >= least]
        first, total = 0, 0.0
        for last, at in enumerate(long):
            total += pieces[at].seconds
            while first < last and pieces[at].span[1] - pieces[long[first]].span[0] > within:
                total -= pieces[long[first]].seconds
                first += 1
            if total >= least_sum:
                left_out.update(long[first : last + 1])
    return [pieces[at] for at in sorted(left_out)]


def _seconds(spans: Sequence[Span]) -> float:
    return sum(end - start for start, end in spans)


def _speech_in(piece: Span, regions: Sequence[Span], first: int) -> list[Span]:
    """Returns the parts of the regions from `first` on that lie in a piece."""
    inside: list[Span] = []
    for start, end in islice(regions, first, None):
        if start >= piece[1]:
            break
        inside.append((max(start, piece[0]), min(end, piece[1])))
    return inside


def longest_seconds(text: str) -> float:
    """Returns the seconds that a word takes at most."""
    return WORD_SECONDS + sum(map(_sign_seconds, text))


def _sign_seconds(sign: str) -> float:
    kind = unicodedata.category(sign)
    if kind == "Nd" or sign in "%$€£¥":
        return DIGIT_SECONDS
    if kind == "Lo" and unicodedata.east_asian_width(sign) == "W":
        return SYLLABLE_SECONDS
    return LETTER_SECONDS if kind[0] == "L" else 0.0


def _merged(spans: Sequence[Span], pause: float) -> list[Span]:
    """Returns ordered spans as one if they overlap, or if less than a pause of so many seconds parts them."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and (start < merged[-1][1] or start - merged[-1][1] < pause):
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def covered_spans(words: Sequence[TimedText]) -> list[Span]:
    """Returns what each word covers. A word that is too long for its text covers one of its sides."""
    spans: list[Span] = []
    hole_behind = False  # the word before is too long and covers its start
    begins_sentence = True
    for text, start, end in words:
        longest = longest_seconds(text)
        too_long = end - start > longest
        # What is left out are sentences: it lies behind the word before, or before a word that begins one.
        covers_end = too_long and (hole_behind or begins_sentence)
        if covers_end:
            spans.append((end - longest, end))
        else:
            spans.append((start, min(end, start + longest)))
        hole_behind = too_long and not covers_end
        begins_sentence = text.rstrip().endswith(ENDS)
    return spans


def _with_margin(words: Sequence[TimedText]) -> list[Span]:
    """Returns what the words cover, in order, with MARGIN beside those of their edges that are not cut."""
    spans: list[Span] = []
    for (_, begin, until), (start, end) in zip(words, covered_spans(words), strict=True):
        spans.append((start - MARGIN * (start == begin), end + MARGIN * (end == until)))
    return sorted(spans)
