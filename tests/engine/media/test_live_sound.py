"""Sound that is being recorded is read whole and in order, within bounds."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from engine.media.live_sound import BEHIND_SECONDS, BLOCK_SECONDS, LiveSound
from engine.sampling import SAMPLE_RATE, to_samples
from tests.support.waiting import eventually


@pytest.mark.parametrize("length", [1, 700, 4000, 9001])
def test_every_sample_comes_once_and_in_order(length: int) -> None:
    sound, samples = LiveSound(), np.linspace(-1, 1, 3 * SAMPLE_RATE + 5, dtype=np.float32)
    for start in range(0, len(samples), length):
        assert sound.put(samples[start : start + length])
    sound.end()
    blocks = list(sound)
    assert np.array_equal(np.concatenate(blocks), samples)
    assert {len(block) for block in blocks[:-1]} == {to_samples(BLOCK_SECONDS)}
    assert sound.duration == len(samples) / SAMPLE_RATE


def test_numbers_that_are_no_sound_become_silence() -> None:
    sound = LiveSound()
    sound.put(np.array([0.5, np.nan, np.inf, -1e9], np.float32))
    sound.end()
    assert np.concatenate(list(sound)).tolist() == [0.5, 0, 0, 0]


def test_there_is_news_of_a_block_and_of_the_end_and_not_of_less() -> None:
    sound = LiveSound()
    sound.put(np.zeros(10, np.float32))
    sound.wait(0.0)
    assert not sound.has_news
    sound.put(np.zeros(to_samples(BLOCK_SECONDS), np.float32))
    assert sound.has_news
    next(iter(sound))
    assert not sound.has_news
    sound.end()
    assert sound.has_news


def test_whoever_adds_too_much_waits_for_the_reader() -> None:
    sound = LiveSound()
    second = np.zeros(SAMPLE_RATE, np.float32)
    added: list[int] = []

    def add() -> None:
        while sound.put(second):
            added.append(len(second))

    thread = threading.Thread(target=add)
    thread.start()
    most = round(BEHIND_SECONDS) + 1
    assert eventually(lambda: len(added) >= most - 1)
    assert len(added) <= most
    blocks = iter(sound)
    for _ in range(round(2 / BLOCK_SECONDS)):
        next(blocks)
    assert eventually(lambda: len(added) >= most)
    sound.close()
    thread.join(60)
    assert not thread.is_alive() and not sound.put(second)
