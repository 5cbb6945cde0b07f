"""Detects hallucinations: text of Whisper that was not said.

The thresholds of compression, log-probability and silence are openai-whisper's (`transcribe.py`).
openai-whisper compresses the whole text, in which a long correct part can hide a loop. Here each repeating
part is also compressed by itself.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from engine.languages import is_spaceless
from engine.recognition.decoding import Fault

MAX_COMPRESSION = 2.4  # bytes of text per byte of zlib: repetition compresses well
# The same ratio for a part that only repeats itself. Examples: 60 times one letter, 15 times "no, " or
# 10 times "thank you, ". Speakers seldom do that on purpose.
MAX_COMPRESSION_IN_A_ROW = 5.0
MIN_LOGPROB = -1.0  # mean log-probability of a token
MAX_NO_SPEECH = 0.6  # probability of no speech, trusted if the text is unlikely too
SILENT_LOGPROB = -0.8  # "you" over noise has -0.8 to -2.2, doubtful speech seldom under -0.8
MAX_RATE = {False: 35.0, True: 14.0}  # characters per second, in scripts with spaces and without
LEAST_TEXT = 20  # characters; the rate of a shorter text means little, since its window may lack margins
LONGEST_LOOP = 40  # tokens
LOOPS = 4  # repetitions in a row that make a loop
_IN_A_ROW = re.compile(rf"(.{{1,120}}?)\1{{{LOOPS - 1},}}", re.DOTALL)


def find_fault(
    text: str, seconds: float, language: str, logprob: float, no_speech_prob: float
) -> Fault | None:
    """Returns the gravest fault of a window's text; None if there is none.

    seconds         of audio in the window
    logprob         mean over the tokens
    no_speech_prob  the decoder's, at the first step
    """
    bare = text.strip()
    if not bare:
        return None
    loops = compression_ratio(bare) > MAX_COMPRESSION
    if no_speech_prob > MAX_NO_SPEECH and (logprob < SILENT_LOGPROB or loops):
        return "silence"
    if loops or has_repetition(bare):
        return "loop"
    if len(bare) > LEAST_TEXT and len(bare) > MAX_RATE[is_spaceless(language)] * seconds:
        return "too fast"
    return "unlikely" if logprob < MIN_LOGPROB else None


def is_hallucination(no_speech_prob: float) -> bool:
    """Returns whether text is a hallucination in a window without detected speech."""
    return no_speech_prob > MAX_NO_SPEECH


def has_repetition(text: str) -> bool:
    """Returns whether a part of the text repeats itself more often than people do."""
    stretches = (match[0] for match in _IN_A_ROW.finditer(text))
    return any(compression_ratio(stretch) > MAX_COMPRESSION_IN_A_ROW for stretch in stretches)


def compression_ratio(text: str) -> float:
    """Returns the bytes of the text per byte of its zlib compression."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def collapse_final_loop(tokens: Sequence[int]) -> list[int]:
    """Returns the tokens with a final loop once: "a b c b c b c b c" gives "a b c"."""
    for length in range(1, min(LONGEST_LOOP, len(tokens) // LOOPS) + 1):
        times = 1
        while tokens[-length * (times + 1) : -length * times] == tokens[-length:]:
            times += 1
        if times >= LOOPS and times * length > 2 * LOOPS:
            return list(tokens[: len(tokens) - length * (times - 1)])
    return list(tokens)
