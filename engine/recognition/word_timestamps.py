"""Times words by Whisper's cross-attention, which needs no further weights.

CTranslate2 smooths the model's alignment heads with a median filter and runs dynamic time warping over them,
as openai-whisper's `timing.py` does. This file turns its path into words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.languages import is_spaceless
from engine.recognition.decoding import DecodedWord
from engine.recognition.faster_whisper_parts import Tokenizer

FRAME_SECONDS = 0.02  # seconds per attention frame
LEAD = 0.07  # seconds by which attention is ahead of the sound; chosen on `word_timing --part tune`

_OPENING = frozenset("\"'“‘¿¡([{«„「『（《【")


def time_words(
    tokenizer: Tokenizer,
    tokens: Sequence[int],
    path: Sequence[tuple[int, int]],
    probabilities: Sequence[float],
) -> list[DecodedWord]:
    """Turns one window's warping path into words, in window seconds.

    tokens         text tokens (n,)
    path           (token index, frame index) pairs in order, from CTranslate2's `align`
    probabilities  of each token (n,)
    """
    _, pieces = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    pieces = pieces[:-1]
    if not pieces or not path:
        return []
    token_index, frame_index = np.array(path).T
    first = np.r_[True, np.diff(token_index) > 0]  # path positions that enter a token
    entered = (
        np.append(frame_index[first], frame_index[-1] + 1) * FRAME_SECONDS + LEAD
    )  # seconds, (n + 1 or more,)
    edges = np.r_[0, np.cumsum([len(piece) for piece in pieces])]
    words = []
    for piece, begin, end in zip(pieces, edges[:-1], edges[1:], strict=True):
        chances = np.maximum(np.array(probabilities[begin:end]), 1e-10)
        times = entered[min(begin, len(entered) - 1)], entered[min(end, len(entered) - 1)]
        words.append(
            DecodedWord(
                text=tokenizer.decode(piece),
                start=float(times[0]),
                end=float(times[1]),
                probability=float(chances.mean()),
                logprob=float(np.log(chances).sum()),
                tokens=len(piece),
            )
        )
    return _merge(words, is_spaceless(tokenizer.language_code))


def _merge(words: Sequence[DecodedWord], spaceless: bool) -> list[DecodedWord]:
    """Joins pieces of one word: punctuation, combining marks, foreign words.

    Foreign words are joined in scripts without spaces, so that joining the words gives the text back.
    """
    merged: list[DecodedWord] = []
    for word in words:
        if merged and _belongs(merged[-1].text, word.text, spaceless):
            merged[-1] = _joined(merged[-1], word)
        else:
            merged.append(word)
    return [word for word in merged if word.text.strip()]


def _belongs(before: str, text: str, spaceless: bool) -> bool:
    """Returns whether a piece of text continues the word before."""
    bare, previous = text.strip(), before.strip()
    if not bare or not _spoken(previous):
        return True
    if not _spoken(bare):
        apart = spaceless or text.startswith(" ")
        return not (apart and all(c in _OPENING for c in bare))
    foreign = _latin(previous[-1]) and _latin(bare[0])
    if text.startswith(" "):
        return spaceless and foreign
    return not spaceless or foreign or unicodedata.category(bare[0]).startswith("M")


def _spoken(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _joined(one: DecodedWord, two: DecodedWord) -> DecodedWord:
    """Joins two pieces; punctuation changes neither the times nor the probability."""
    solid = [word for word in (one, two) if _spoken(word.text)] or [one, two]
    weight = sum(word.tokens for word in solid)
    return DecodedWord(
        text=one.text + two.text,
        start=solid[0].start,
        end=solid[-1].end,
        probability=sum(word.probability * word.tokens for word in solid) / weight,
        logprob=one.logprob + two.logprob,
        tokens=one.tokens + two.tokens,
        parts=_parts(one, two),
    )


def _parts(one: DecodedWord, two: DecodedWord) -> tuple[DecodedWord, ...]:
    """Returns the words in a word and the piece behind it; none if it stays one. A sign goes with what is before it."""
    if not _spoken(one.text):
        return ()
    *before, last = one.parts or (one,)
    if _spoken(two.text):
        return (*before, last, two)
    longer = replace(
        last, text=last.text + two.text, logprob=last.logprob + two.logprob, tokens=last.tokens + two.tokens
    )
    return (*before, longer) if one.parts else ()
