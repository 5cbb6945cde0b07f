"""WhisperX's own search for the path, to compare with ours."""

from __future__ import annotations

import numpy as np
import torch
from whisperx.alignment import backtrack, get_trellis, merge_repeats, merge_words

from tests.support.tone_model import VOCABULARY


def whisperx_words(emission: np.ndarray, words: str) -> list[tuple[int, int, int]]:
    """Returns WhisperX's (start, last letter's own frame + 1, end) of each word, in frames.

    WhisperX gives a letter all the blanks that follow it, and knows no letter of two frames: the second
    costs it as much as a wrong one, so that its path may end before the last letters do.
    """
    text = words.upper().replace(" ", "|")
    frames = torch.from_numpy(emission)
    # What the alphabet lacks is a column of its own, the best of the frame other than the blank.
    best = frames[:, [column for column in range(frames.shape[1]) if column != VOCABULARY["<pad>"]]].amax(1)
    tokens = [VOCABULARY.get(letter, frames.shape[1]) for letter in text]
    frames = torch.cat([frames, best[:, None]], dim=1)
    path = backtrack(get_trellis(frames, tokens, VOCABULARY["<pad>"]), frames, tokens, VOCABULARY["<pad>"])
    letters = merge_repeats(path, text)
    spoken = {letter.end: letter.start + 1 for letter in letters}
    return [(word.start, spoken[word.end], word.end) for word in merge_words(letters)]
