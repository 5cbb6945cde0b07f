"""What two channels are taken for, by their levels and their likeness; no network is asked here."""

from __future__ import annotations

import numpy as np
import pytest

from engine.media.channel_contents import measure_channels, mute_leaks

RATE = 16_000  # Hz
RANDOM = np.random.default_rng(7)


def voice(seconds: float, level: float = 0.1) -> np.ndarray:
    """Noise that comes and goes four times a second, as syllables do."""
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(level * RANDOM.normal(size=len(time)) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)))


def in_turns(seconds: float = 40.0, each: float = 5.0) -> np.ndarray:
    """Two people, one on each side, who take turns."""
    sides = np.zeros((round(seconds * RATE), 2))
    for number in range(round(seconds / each)):
        at = round(number * each * RATE)
        said = voice(each)
        sides[at : at + len(said), number % 2] = said
    return sides


def with_noise(sides: np.ndarray, level: float = 3e-4) -> np.ndarray:
    return (sides + RANDOM.normal(0, level, sides.shape)).astype(np.float32)


@pytest.mark.parametrize("echo", [0.0, 0.05, 0.15])
def test_two_people_who_take_turns_look_like_a_call(echo: float) -> None:
    sides = in_turns()
    contents = measure_channels(with_noise(sides + echo * sides[:, ::-1]))
    assert contents.looks_like_a_call
    assert not contents.surely_no_call and not contents.are_copies


def no_calls() -> dict[str, np.ndarray]:
    one, two = voice(40.0), voice(40.0)
    late = np.roll(one, 24)  # 1.5 ms later, as on the farther of two microphones
    return {
        "dual mono": np.stack([one, one], axis=1),
        "inverted": np.stack([one, -one], axis=1),
        "panned": np.stack([one, 0.1 * one], axis=1),
        "one side": np.stack([one, 0 * one], axis=1),
        "two panned a bit": in_turns() @ np.array([[1.0, 0.5], [0.5, 1.0]]),
        "two microphones": np.stack([one + 0.8 * np.roll(two, 30), two + 0.8 * late], axis=1),
        "wide music": np.stack([one + 0.5 * two, two + 0.5 * one], axis=1),
        "both at once": np.stack([one, two], axis=1),
    }


@pytest.mark.parametrize("kind", no_calls())
def test_anything_else_does_not(kind: str) -> None:
    contents = measure_channels(with_noise(no_calls()[kind], 1e-4))
    assert not contents.looks_like_a_call


@pytest.mark.parametrize("kind", ["dual mono", "inverted", "panned", "one side"])
def test_copies_are_known_even_if_channels_are_asked_for(kind: str) -> None:
    assert measure_channels(with_noise(no_calls()[kind], 1e-4)).are_copies


def test_a_call_in_which_the_second_person_is_silent_so_far_is_not_decided() -> None:
    contents = measure_channels(with_noise(np.stack([voice(40.0), np.zeros(40 * RATE)], axis=1)))
    assert not contents.looks_like_a_call and not contents.surely_no_call


def test_nothing_and_less_than_a_frame_are_no_call() -> None:
    for samples in (0, 100):
        assert not measure_channels(np.zeros((samples, 2), np.float32)).looks_like_a_call


def test_an_echo_is_muted_and_speech_of_both_is_not() -> None:
    sides = in_turns(20.0)
    both = voice(2.0)
    sides[2 * RATE : 4 * RATE, 1] += 0.5 * both  # a faint answer while the other speaks
    echoed = with_noise(sides + 0.04 * sides[:, ::-1], 1e-5)
    levels = measure_channels(echoed).levels
    muted = mute_leaks(echoed, levels)
    echo = muted[round(0.2 * RATE) : round(1.8 * RATE), 1]
    assert np.abs(echo).max() == 0.0
    spoken = slice(2 * RATE, 4 * RATE)
    assert np.array_equal(muted[spoken, 1], echoed[spoken, 1])
    assert np.array_equal(muted[: 5 * RATE, 0], echoed[: 5 * RATE, 0])
