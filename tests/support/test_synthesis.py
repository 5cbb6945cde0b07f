"""The benchmark's speech: its known word times are where its sound is."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.synthesis import SAMPLE_RATE, echoing, joined, noisy, speak, telephoned


@pytest.fixture(scope="module")
def said():
    first = speak("The old harbour stays quiet today.", "en-us", 150)
    return joined([first, speak("Nobody answers the heavy bell.", "en-us", 150)], (1.0, 2.0))


def _level(samples: np.ndarray, start: float, end: float) -> float:
    part = samples[max(0, round(start * SAMPLE_RATE)) : round(end * SAMPLE_RATE)]
    return float(np.sqrt(np.mean(part**2)))


def test_every_written_word_has_a_span_in_order(said):
    text = "The old harbour stays quiet today. Nobody answers the heavy bell."
    assert [word.text for word in said.words] == text.split()
    for word, after in zip(said.words, said.words[1:], strict=False):
        assert 0 < word.start < word.end <= after.start + 1e-6
    assert said.words[-1].end < said.duration


def test_sound_begins_where_a_word_after_a_pause_does(said):
    for word in (said.words[0], said.words[6]):
        assert _level(said.samples, word.start - 0.2, word.start - 0.01) < 0.001
        assert _level(said.samples, word.start, word.start + 0.1) > 0.01


def test_sound_ends_where_a_word_before_a_pause_does(said):
    for word in (said.words[5], said.words[-1]):
        assert _level(said.samples, word.end - 0.1, word.end) > 0.005
        assert _level(said.samples, word.end + 0.01, word.end + 0.2) < 0.001


def test_words_said_as_one_are_not_exact():
    words = {word.text: word for word in speak("We walk in the rain today.", "en-us").words}
    assert not words["in"].exact and not words["the"].exact
    assert words["walk"].exact and words["rain"].exact


@pytest.mark.parametrize("degrade", [lambda entry: noisy(entry, 5), telephoned, echoing])
def test_degrading_speech_leaves_its_times_and_length(said, degrade):
    worse = degrade(said)
    assert worse.words == said.words
    assert worse.samples.shape == said.samples.shape
    assert worse.samples.dtype == np.float32
    assert np.abs(worse.samples).max() <= 1.0
    assert not np.allclose(worse.samples, said.samples, atol=1e-3)


def test_noise_has_the_level_asked_for(said):
    speech = np.abs(said.samples) > 0.01
    ratios = []
    for snr in (5, 10):
        worse = noisy(said, snr)
        silence = _level(worse.samples, 0.1, 0.9)
        ratios.append(20 * np.log10(np.sqrt(np.mean(worse.samples[speech] ** 2)) / silence))
    assert ratios[1] > ratios[0] + 2
