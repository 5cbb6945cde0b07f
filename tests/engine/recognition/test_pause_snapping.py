"""Word edges at pauses: moved where sound tells, left where it does not, never impossible."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.recognition.pause_snapping import MAX_MOVE, MAX_WORD, PER_LETTER, snap_to_pauses
from engine.sampling import SAMPLE_RATE

NEAR = 0.03  # seconds: the sound is smoothed over three frames


def sound(*parts: tuple[float, float]) -> np.ndarray:
    """Returns noise of given loudness, (seconds, loudness) one after another."""
    rng = np.random.default_rng(0)
    blocks = [rng.standard_normal(round(length * SAMPLE_RATE)) * loud for length, loud in parts]
    return np.concatenate(blocks).astype(np.float32)


def test_words_on_both_sides_of_a_pause_end_and_begin_there() -> None:
    samples = sound((0.5, 0.1), (0.4, 0.0001), (0.5, 0.1))
    one, two = snap_to_pauses(samples, ["one", "two"], [(0.0, 0.6), (0.85, 1.4)])
    assert one == (0.0, pytest.approx(0.5, abs=NEAR))
    assert two == (pytest.approx(0.9, abs=NEAR), 1.4)


def test_silence_that_attention_gave_to_a_word_is_taken_from_it() -> None:
    samples = sound((0.5, 0.1), (2.0, 0.0001), (0.5, 0.1))
    one, two = snap_to_pauses(samples, ["one", "two"], [(0.0, 2.45), (2.45, 3.0)])
    assert one[1] == pytest.approx(0.5, abs=NEAR)
    assert two[0] == pytest.approx(2.5, abs=NEAR)


def test_silence_before_and_after_all_speech_is_no_words() -> None:
    samples = sound((1.0, 0.0001), (0.6, 0.1), (1.0, 0.0001))
    (found,) = snap_to_pauses(samples, ["word"], [(0.9, 2.0)])
    assert found == (pytest.approx(1.0, abs=NEAR), pytest.approx(1.6, abs=NEAR))


def test_of_two_pauses_between_the_same_words_the_longer_one_counts() -> None:
    samples = sound((0.8, 0.1), (0.12, 0.0001), (0.08, 0.1), (0.2, 0.0001), (0.6, 0.1))
    one, two = snap_to_pauses(samples, ["first", "second"], [(0.0, 0.95), (0.95, 1.8)])
    assert one[1] == pytest.approx(1.0, abs=NEAR) and two[0] == pytest.approx(1.2, abs=NEAR)


def test_a_word_in_silence_moves_to_where_speech_is() -> None:
    samples = sound((1.0, 0.0001), (0.6, 0.1), (1.0, 0.0001), (0.6, 0.1))
    spans = [(0.1, 0.4), (0.4, 1.6), (1.75, 1.9), (2.6, 3.2)]
    first, second, third, fourth = snap_to_pauses(samples, ["so", "there", "was", "nobody"], spans)
    assert first[0] == pytest.approx(1.0, abs=NEAR) and first[1] == second[0] < second[1]
    assert third[1] == pytest.approx(1.6, abs=NEAR) and second[1] == third[0] < third[1]
    assert fourth == pytest.approx((2.6, 3.2), abs=NEAR)


def test_an_edge_further_from_a_pause_than_attention_errs_stays() -> None:
    samples = sound((1.0, 0.1), (0.3, 0.0001), (1.0, 0.1))
    spans = [(0.0, 1.0 - MAX_MOVE - 0.1), (1.3 + MAX_MOVE + 0.1, 2.3)]
    assert snap_to_pauses(samples, ["words", "words"], spans) == [pytest.approx(span) for span in spans]


def test_a_pause_inside_a_word_leaves_it_whole() -> None:
    samples = sound((0.6, 0.1), (0.15, 0.0001), (0.6, 0.1))
    assert snap_to_pauses(samples, ["stop-start"], [(0.0, 1.35)]) == [(0.0, pytest.approx(1.35))]


def test_a_closed_mouth_is_no_pause() -> None:
    samples = sound((0.5, 0.1), (0.06, 0.0001), (0.5, 0.1))
    assert snap_to_pauses(samples, ["up", "town"], [(0.0, 0.45), (0.45, 1.06)]) == [(0.0, 0.45), (0.45, 1.06)]


def test_no_word_lasts_longer_than_it_can_be_said() -> None:
    samples = sound((20.0, 0.1))
    first, last = snap_to_pauses(samples, ["a", "b"], [(0.0, 10.0), (10.0, 20.0)])
    longest = MAX_WORD + PER_LETTER
    assert first == (pytest.approx(10.0 - longest), 10.0), "what comes before all speech is none"
    assert last == (10.0, pytest.approx(10.0 + longest))
    assert snap_to_pauses(samples, ["£1,250.50"], [(0.0, 5.0)]) == [(0.0, 5.0)]


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(SAMPLE_RATE, np.float32)])
def test_silence_and_nothing_move_no_edge(samples: np.ndarray) -> None:
    assert snap_to_pauses(samples, [], []) == []
    assert snap_to_pauses(samples, ["so"], [(0.2, 0.6)]) == [(0.2, 0.6)]


def test_starts_stay_in_order_whatever_the_sound() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        parts = [(float(rng.uniform(0.02, 0.5)), float(rng.choice([0.0001, 0.1]))) for _ in range(12)]
        samples = sound(*parts)
        edges = np.sort(rng.uniform(0, len(samples) / SAMPLE_RATE, 9))
        spans = [(float(a), float(b)) for a, b in pairwise(edges)]
        found = snap_to_pauses(samples, ["word"] * 8, spans)
        assert all(start <= end for start, end in found)
        assert all(one[1] <= two[0] for one, two in pairwise(found)), "no word begins in another"
        assert [start for start, _ in found] == sorted(start for start, _ in found)
