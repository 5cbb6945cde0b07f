"""A look hears a faint voice as well as the loud one beside it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.recognition.decoding import DecodingRequest
from engine.recognition.levelling import MAX_GAIN, REACH, levelled
from engine.recognition.recognizer import Recognizer
from tests.support.joined_sayings import joined, saying


def test_what_is_faint_is_raised_and_what_is_loud_stays() -> None:
    part = np.concatenate([np.full((80, 500), 1.0), np.full((80, 500), 0.7)], axis=1).astype(np.float32)
    found = levelled(part, 1.0)
    assert found.shape == part.shape and found.dtype == np.float32
    assert np.allclose(found[:, : 500 - REACH], 1.0) and np.allclose(found[:, 500 + 2 * REACH :], 1.0)
    assert np.all(np.diff(found[0] - part[0]) > -1e-6), "the gain jumps"


def test_silence_is_not_raised_to_speech() -> None:
    assert np.allclose(levelled(np.full((80, 300), -1.0, np.float32), 1.5), -1.0 + MAX_GAIN)


@pytest.mark.parametrize(
    ("names", "said"),
    [(("count", "sheila", "yankee"), "much difference"), (("hello", "yankee", "fox"), "new jersey")],
)
def test_a_voice_20_db_below_its_neighbours_is_written(
    recognizer: Recognizer, names: tuple[str, str, str], said: str
) -> None:
    first, second, third = names
    samples, spans = joined([saying(first), saying(second, -20), saying(third)])
    encoded = recognizer.encode([recognizer.features(samples)])
    (result,) = recognizer.decode(encoded, [DecodingRequest("en")], [[(spans[0][0], spans[-1][1])]])
    text = "".join(word.text for word in result.words).lower()
    assert said in text
