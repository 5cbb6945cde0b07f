"""Takes a whole text for that of one window, if Whisper's decoder finds it likely there.

Short speech in a language that the model hardly knows is recognised as something else altogether, and yet the
decoder can tell the right text from any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from engine.pipeline.window_feed import DecodedWindow
from engine.text_alignment.attention import TimeText, attend
from engine.text_alignment.given_text import TextWord
from engine.text_alignment.slots import Slot

# Mean log-probability of a token from which the text is that of the window. Right texts of Hindi have -1.3 to
# -1.9 (base), texts in another script or with other words less than -3.
LEAST_LOGPROB = -2.5


def take_as_whole(words: Sequence[TextWord], decoded: DecodedWindow, time_text: TimeText) -> list[Slot]:
    """Returns the words of a text with their places in a window; none if the text is not likely there."""
    spoken = [index for index, word in enumerate(words) if word.units and not word.hint]
    texts = [words[index].text.strip() for index in spoken]
    sound = decoded.result.encoded or decoded.window.samples
    attended = attend(sound, texts, decoded.result.language, time_text)
    if not attended:
        return []
    logprob = sum(word.logprob for word in attended) / sum(word.tokens for word in attended)
    if logprob < LEAST_LOGPROB:
        return []
    return [
        Slot(index, place=(word.start, word.end), assumed=exp(word.logprob / word.tokens))
        for index, word in zip(spoken, attended, strict=True)
    ]
