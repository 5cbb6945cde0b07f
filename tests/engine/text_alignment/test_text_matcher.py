"""Windows of a running recognition are given their words of a text, whenever the results come."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from engine.pipeline.window_feed import DecodedWindow
from engine.recognition.decoding import DecodedWord, DecodingResult
from engine.sampling import SAMPLE_RATE
from engine.scheduling.batch import WindowResult
from engine.text_alignment.given_text import words_of
from engine.text_alignment.text_formats import read_text
from engine.text_alignment.text_matcher import TextMatcher
from engine.windows import SourceSpan, Window

WHO = "farmer baker doctor teacher sailor painter lawyer driver gardener engineer singer miller banker hunter".split()
DID = "carried found bought painted forgot sold repaired opened counted borrowed dropped cleaned".split()
HOW = "old heavy green broken small yellow empty narrow wooden silver".split()
WHAT = "basket bridge letter bottle window bicycle ladder blanket camera lantern piano carpet engine mirror".split()
WHERE = ("near the harbour", "behind the station", "in the kitchen", "after the storm", "on the island")
WHEN = ("yesterday", "every summer", "in the morning", "last week", "on sunday")
MISHEARD = 0.12  # of the words
CHAPTER = 12  # paragraphs
PARAGRAPH = 5  # sentences
WINDOW = 35  # words
SECOND = 0.4  # seconds of a word


def sentence(rng: random.Random) -> list[str]:
    """Returns a sentence that shares most of its words with others, and most of its places."""
    return (
        f"{rng.choice(WHEN)} the {rng.choice(WHO)} {rng.choice(DID)} the {rng.choice(HOW)} {rng.choice(WHAT)} "
        f"{rng.choice(WHERE)} and the {rng.choice(WHO)} {rng.choice(DID)} the {rng.choice(WHAT)}"
    ).split()


def chapter(rng: random.Random) -> list[list[str]]:
    return [[word for _ in range(PARAGRAPH) for word in sentence(rng)] for _ in range(CHAPTER)]


def windows_of(said: Sequence[str], rng: random.Random) -> list[DecodedWindow]:
    """Returns the windows of a recording in which some words are misheard."""
    heard = [rng.choice(WHO + DID + WHAT) if rng.random() < MISHEARD else word for word in said]
    windows = []
    for first in range(0, len(heard), WINDOW):
        part = heard[first : first + WINDOW]
        words = tuple(
            DecodedWord(f" {word}", at * SECOND, (at + 1) * SECOND, probability=0.9, logprob=-0.1, tokens=1)
            for at, word in enumerate(part)
        )
        length = len(part) * SECOND
        samples = np.zeros(round(length * SAMPLE_RATE), np.float32)
        window = Window(
            samples, (SourceSpan(first * SECOND, first * SECOND + length, 0.0),), ((0.0, length),)
        )
        result = WindowResult(DecodingResult(words, "en", 0.0), "en", 1.0, {})
        windows.append(DecodedWindow(window, result))
    return windows


def found(windows: Sequence[DecodedWindow], text: str, together: int) -> dict[int, Window]:
    """Returns the window of each word of the text, if so many windows come at a time."""
    matcher = TextMatcher(words_of(read_text(text), "en"), "en")
    matched = []
    for number, window in enumerate(windows, start=1):
        matcher.add(window)
        if number % together == 0:
            matched += matcher.settle()
    matched += matcher.settle(last=True)
    return {
        slot.word: each.decoded.window
        for each in matched
        for slot in each.slots
        if slot.word is not None and not slot.left_out
    }


@pytest.mark.parametrize("together", [1, 2, 5])
@pytest.mark.parametrize("seed", range(2))
def test_a_text_that_is_not_right_does_not_lead_astray_what_is(seed: int, together: int) -> None:
    """The text lacks a paragraph, has one more, and two of its chapters have changed places."""
    rng = random.Random(seed)
    chapters = [chapter(rng) for _ in range(5)]
    said = [word for each in chapters for paragraph in each for word in paragraph]
    places = iter(range(len(said)))
    numbered = [[[(word, next(places)) for word in paragraph] for paragraph in each] for each in chapters]
    del numbered[0][1]
    numbered[3].insert(1, [(word, -1) for word in chapter(rng)[0]])
    numbered[1], numbered[2] = numbered[2], numbered[1]
    tokens = [token for each in numbered for paragraph in each for token in paragraph]

    windows = found(windows_of(said, rng), " ".join(word for word, _ in tokens), together)

    moved = {place for each in numbered[1:3] for paragraph in each for _, place in paragraph}
    stayed = [(index, place) for index, (_, place) in enumerate(tokens) if place >= 0 and place not in moved]
    right = [
        index
        for index, place in stayed
        if index in windows and windows[index].start - 1 <= place * SECOND <= windows[index].end + 1
    ]
    assert len(right) >= 0.96 * len(stayed)
