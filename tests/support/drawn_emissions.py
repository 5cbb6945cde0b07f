"""Emissions drawn by hand, where the right alignment is known."""

from __future__ import annotations

import numpy as np
import torch

from engine.alignment.wav2vec2.ctc import Alphabet
from tests.support.tone_model import VOCABULARY

BLANK, SEPARATOR = 0, 4
ENGLISH = Alphabet.of_vocabulary(VOCABULARY, len(VOCABULARY), ["<pad>"], ["|"])


def spell(words: str, alphabet: Alphabet = ENGLISH, language: str = "en") -> list[tuple[int, ...]]:
    return [alphabet.spell(word, language) for word in words.split()]


def draw(
    words: str, seed: int, silence: int = 0, held: int = 2, alphabet: Alphabet = ENGLISH, size: int = 32
) -> np.ndarray:
    """Draws the emission of a model that hears `words` well: letters of up to `held` frames, blanks
    within words, up to `silence` frames of blanks around words, some noise everywhere."""
    rng = np.random.default_rng(seed)
    labels = [BLANK] * rng.integers(1, silence + 2)
    for index, spelling in enumerate(spell(words, alphabet)):
        if index and alphabet.separator is not None:
            labels += [BLANK] * rng.integers(0, silence + 1) + [SEPARATOR] * rng.integers(1, held + 1)
            labels += [BLANK] * rng.integers(0, silence + 1)
        for place, column in enumerate(spelling):
            labels += [BLANK] * (rng.integers(1, 4) if place else 0) + [column] * rng.integers(1, held + 1)
    labels += [BLANK] * rng.integers(0, silence + 1)
    logits = rng.normal(0, 1, (len(labels), size)).astype(np.float32)
    logits[np.arange(len(labels)), labels] += rng.uniform(7, 12, len(labels))
    return torch.from_numpy(logits).log_softmax(-1).numpy()
