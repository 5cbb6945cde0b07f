"""A window gets the same words, to the last digit, whatever shares its batch."""

from __future__ import annotations

import numpy as np
import pytest

from engine.recognition.decoding import DecodingRequest, DecodingResult
from engine.recognition.recognizer import Recognizer
from tests.support.recordings import RATE

SECONDS = 14
STARTS = (0.0, 5.0, 10.0, 12.5)  # seconds into the talk


@pytest.fixture(scope="module")
def windows(recognizer: Recognizer, talk: np.ndarray) -> list[np.ndarray]:
    cuts = (talk[round(start * RATE) :][: SECONDS * RATE] for start in STARTS)
    return [recognizer.features(cut) for cut in cuts]


def decoded(recognizer: Recognizer, windows: list[np.ndarray]) -> list[DecodingResult]:
    asks = [DecodingRequest("en")] * len(windows)
    return recognizer.decode(recognizer.encode(windows), asks, [[(0.0, SECONDS)]] * len(windows))


def test_a_window_is_decoded_and_timed_as_if_it_were_alone(
    recognizer: Recognizer, windows: list[np.ndarray]
) -> None:
    alone = [result for window in windows for result in decoded(recognizer, [window])]
    assert len({len(result.words) for result in alone}) > 1, "their texts differ in length"
    assert decoded(recognizer, windows) == alone
    assert decoded(recognizer, windows[::-1]) == alone[::-1]
