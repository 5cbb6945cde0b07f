"""What Whisper makes up is told from what it heard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import soundfile

from engine.recognition.decoding import DecodingRequest
from engine.recognition.hallucinations import collapse_final_loop, find_fault
from engine.recognition.recognizer import Recognizer
from tests.support.recordings import CLIPS, clip

RATE = 16_000  # Hz
TIME = np.arange(20 * RATE) / RATE  # seconds


def noise(scale: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, scale, len(TIME))


def swell() -> np.ndarray:
    return 1 + np.sin(4 * np.pi * TIME)


SOUNDS: dict[str, Callable[[], np.ndarray]] = {
    "silence": lambda: np.zeros(len(TIME)),
    "white noise": lambda: noise(0.1),
    "brown noise": lambda: np.cumsum(noise(0.002)),
    "a tone": lambda: 0.3 * np.sin(2 * np.pi * 440 * TIME),
    "a chord": lambda: sum(
        0.1 * np.sin(2 * np.pi * f * TIME) * (1 + np.sin(4 * np.pi * TIME)) for f in (220, 277, 330)
    ),
    "a drum": lambda: noise(0.3) * (np.sin(4 * np.pi * TIME) > 0.9),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_what_is_not_speech_gets_no_words(recognizer: Recognizer, name: str) -> None:
    encoded = recognizer.encode([recognizer.features(SOUNDS[name]().astype(np.float32))])
    for language in ("en", "de"):
        (heard,) = recognizer.decode(encoded, [DecodingRequest(language)])
        assert heard.words == ()
        assert heard.fault == "silence"


def test_speech_among_them_keeps_its_words(recognizer: Recognizer) -> None:
    speech, _ = soundfile.read(clip("en/quick_brown_fox"), dtype="float32")
    windows = [speech, SOUNDS["white noise"]().astype(np.float32), speech]
    encoded = recognizer.encode([recognizer.features(entry) for entry in windows])
    first, second, third = recognizer.decode(encoded, [DecodingRequest("en")] * 3)
    assert second.words == ()
    assert [word.text for word in first.words] == [word.text for word in third.words] != []
    assert first.fault is third.fault is None


@pytest.mark.parametrize("path", sorted(CLIPS.glob("*/*.wav")), ids=lambda path: path.stem)
def test_no_clip_of_speech_is_taken_for_silence_or_a_loop(recognizer: Recognizer, path) -> None:
    samples, _ = soundfile.read(path, dtype="float32")
    (heard,) = recognizer.decode(
        recognizer.encode([recognizer.features(samples)]), [DecodingRequest(path.parent.name)]
    )
    assert heard.words
    assert heard.fault in (None, "unlikely")


HEARD = "Demain matin, nous partons vers la montagne, la musique de cette fête était beaucoup trop forte."


@pytest.mark.parametrize(
    ("text", "seconds", "language", "logprob", "no_speech", "expected"),
    [
        ("", 30, "en", -3.0, 0.9, None),
        ("Thank you.", 2, "en", -0.3, 0.9, None),
        ("Thank you.", 2, "en", -1.2, 0.9, "silence"),
        ("Thank you.", 2, "en", -1.2, 0.1, "unlikely"),
        ("It is what it is. " * 12, 30, "en", -0.2, 0.1, "loop"),
        (f"{HEARD} {'F' * 90}", 14, "fr", -0.1, 0.1, "loop"),
        (f"{HEARD} {'de la fête ' * 20}", 14, "fr", -0.1, 0.1, "loop"),
        (f"{HEARD} {'F' * 90}", 14, "fr", -0.1, 0.9, "loop"),  # what comes before it is no silence
        (f"{HEARD} {'Merci. ' * 9}", 14, "fr", -0.1, 0.1, None),
        (f"{HEARD} {'non, ' * 12} jamais.", 14, "fr", -0.1, 0.9, None),
        ("1 cm x 2 " * 12, 30, "nn", -0.2, 0.9, "silence"),
        ("We walked along the river and talked about the old house. " * 2, 2, "en", -0.2, 0.1, "too fast"),
        ("春眠不覚暁処処聞啼鳥夜来風雨声花落知多少春望国破山河在", 1.5, "zh", -0.2, 0.1, "too fast"),
        ("We walked along the river and talked about the old house.", 3, "en", -0.2, 0.1, None),
    ],
)
def test_the_gravest_fault_is_named(
    text: str, seconds: float, language: str, logprob: float, no_speech: float, expected: str | None
) -> None:
    assert find_fault(text, seconds, language, logprob, no_speech) == expected


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([], []),
        ([1, 2, 3], [1, 2, 3]),
        ([1, *[2, 3, 4] * 5], [1, 2, 3, 4]),
        ([9, 8, *[7] * 12], [9, 8, 7]),
        ([5, 6] * 3, [5, 6] * 3),  # three times may be meant
        ([1, 1, 1, 1], [1, 1, 1, 1]),  # no, no, no, no
    ],
)
def test_a_loop_is_said_once(tokens: list[int], expected: list[int]) -> None:
    assert collapse_final_loop(tokens) == expected
