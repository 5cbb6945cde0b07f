"""Windows are encoded as short as they are; where that leaves the language in doubt, whole."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from engine.recognition import recognizer as recognizer_module
from engine.recognition.encoder import BUCKET_LENGTHS, FRAME_RATE, FRAMES, MIN_PADDING, bucket_length
from engine.recognition.recognizer import Recognizer
from tests.support.recordings import CLIPS

RATE = 16_000  # Hz
ROUNDING = 0.05  # of a probability, by int8 in another batch; what is wrong differs by more


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_sound_has_nothing_after_it_as_far_as_30_s_have_room(device: str) -> None:
    for frames in range(1, FRAMES + 1):
        assert min(frames + MIN_PADDING, FRAMES) <= bucket_length(frames, BUCKET_LENGTHS[device]) <= FRAMES


@pytest.mark.parametrize(("seconds", "length"), [(0.2, 1000), (11.18, 1400), (30.0, FRAMES)])
def test_a_batch_is_as_long_as_its_longest_window(
    recognizer: Recognizer, seconds: float, length: int
) -> None:
    windows = [recognizer.features(np.zeros(round(entry * RATE), np.float32)) for entry in (0.1, seconds)]
    encoded = recognizer.encode(windows)
    assert encoded.features.shape[2] == recognizer.padded_length(windows[1]) == length
    assert encoded.frames == (10, round(seconds * FRAME_RATE))
    assert encoded.is_full_length is (length == FRAMES)


def test_a_window_in_doubt_is_told_by_its_whole_30_s(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Short clips in nine languages, some of which Whisper base is not sure of.
    sounds = [soundfile.read(path, dtype="float32")[0] for path in CLIPS.glob("*/*.wav")]
    clips = recognizer.encode([recognizer.features(sound) for sound in sounds])
    assert not clips.is_full_length
    doubt = recognizer_module.UNCERTAIN_LANGUAGE
    told = recognizer.detect_language(clips)
    monkeypatch.setattr(recognizer_module, "UNCERTAIN_LANGUAGE", 0.0)
    short = recognizer.detect_language(clips)
    monkeypatch.setattr(recognizer_module, "UNCERTAIN_LANGUAGE", 1.1)
    whole = recognizer.detect_language(clips)
    doubtful = [row for row, chances in enumerate(short) if max(chances.values()) < doubt]
    assert 0 < len(doubtful) < len(short)
    assert all(told[row] != short[row] for row in doubtful), "they were encoded again"
    for row, chances in enumerate(told):
        right, wrong = (whole, short) if row in doubtful else (short, whole)
        # Another batch rounds otherwise, by more or less on each kind of processor: the nearer one counts, where the
        # two differ by more than that.
        if apart(right[row], wrong[row]) > ROUNDING:
            assert apart(chances, right[row]) < apart(chances, wrong[row])


def apart(one: dict[str, float], two: dict[str, float]) -> float:
    """Returns the largest difference between two windows' probabilities of a language."""
    return max(abs(one[language] - two[language]) for language in one)
