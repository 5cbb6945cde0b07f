"""Signs that Whisper did not write down what was said, but made it up.

The first three are openai-whisper's, with its thresholds; the rest of the field has them from there. It looks
for repetition in the text as a whole, where much that is well heard hides a loop behind it; here a stretch that
repeats itself is looked at alone, too, with a threshold of its own.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from engine.languages import is_spaceless
from engine.recognition.decoding import Fault

MAX_COMPRESSION = 2.4  # bytes of text for one byte of gzip: what repeats itself packs well
# The same of a stretch that is nothing but repetition, where it comes to a length: 60 of one letter, "no, " 15 times,
# "thank you, " 10 times. On purpose that is seldom said.
MAX_COMPRESSION_IN_A_ROW = 5.0
MIN_LOGPROB = -1.0  # mean log-probability of a token
MAX_NO_SPEECH = 0.6  # probability that nobody speaks, believed where the text is unlikely too
SILENT_LOGPROB = -0.8  # "you" over noise has -0.8 to -2.2, doubtful speech seldom under -0.8
MAX_RATE = {False: 35.0, True: 14.0}  # characters a second, in scripts with spaces and without
LEAST_TEXT = 20  # characters below which the rate says nothing: margins may be cut from a short window
LONGEST_LOOP = 40  # tokens
LOOPS = 4  # times in a row that make a loop of what was found to be one
_IN_A_ROW = re.compile(rf"(.{{1,120}}?)\1{{{LOOPS - 1},}}", re.DOTALL)


def find_fault(
    text: str, seconds: float, language: str, logprob: float, no_speech_prob: float
) -> Fault | None:
    """Returns what is wrong with the text of a window, the gravest first; None where nothing is.

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
    """Tells whether text is made up where speech detection hears nobody, however likely the text is."""
    return no_speech_prob > MAX_NO_SPEECH


def has_repetition(text: str) -> bool:
    """Tells whether any stretch of a text repeats itself for longer than is said on purpose."""
    stretches = (match[0] for match in _IN_A_ROW.finditer(text))
    return any(compression_ratio(stretch) > MAX_COMPRESSION_IN_A_ROW for stretch in stretches)


def compression_ratio(text: str) -> float:
    """Returns how many bytes of text go into one byte of zlib's."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def collapse_final_loop(tokens: Sequence[int]) -> list[int]:
    """Returns the tokens with a loop at their end said once: "a b c b c b c b c" becomes "a b c"."""
    for length in range(1, min(LONGEST_LOOP, len(tokens) // LOOPS) + 1):
        times = 1
        while tokens[-length * (times + 1) : -length * times] == tokens[-length:]:
            times += 1
        if times >= LOOPS and times * length > 2 * LOOPS:
            return list(tokens[: len(tokens) - length * (times - 1)])
    return list(tokens)
