"""Provisional words follow the speech that goes on, and leave when it has its final words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from engine import Options
from engine.pipeline.live_input import DRAFT_STEP, LiveDrafts
from engine.recognition.decoding import DecodedWord, DecodingOptions, DecodingRequest, DecodingResult
from engine.updates import Provisional
from engine.windows import OpenSpeech
from tests.support.fake_whisper import Model, working
from tests.support.waiting import eventually

GONE = Provisional(2.0, 2.0, "")


class Speaking(Model):
    """Hears two words in everything."""

    def decode(self, encoded: Any, asks: Sequence[DecodingRequest], speech: Any) -> list[DecodingResult]:
        super().decode(encoded, asks, speech)
        words = [DecodedWord(text, 0.0, 1.0, 1.0, logprob=0.0, tokens=1) for text in (" Good", " day")]
        return [DecodingResult(tuple(words), ask.language, 0.0) for ask in asks]


@pytest.fixture
def drafts() -> Iterator[LiveDrafts]:
    model = Speaking()
    model.free()
    with working(model, batch_size=2) as scheduler:
        yield LiveDrafts(scheduler, model, Options(), DecodingOptions())  # type: ignore[arg-type]


def speech(start: float, end: float) -> OpenSpeech:
    return OpenSpeech(start, end, np.full(10, 1, np.float32))


def told(drafts: LiveDrafts) -> Provisional:
    """Returns the next news."""
    found: list[Provisional | None] = []
    assert eventually(lambda: bool(found.append(drafts.news()) or found[-1]))
    assert found[-1] is not None
    return found[-1]


def test_each_second_of_new_sound_gives_new_words(drafts: LiveDrafts) -> None:
    drafts.offer(speech(1.0, 1.0 + DRAFT_STEP / 2), "en")
    assert drafts.news() is None
    drafts.offer(speech(1.0, 2.5), "en")
    assert told(drafts) == Provisional(1.0, 2.5, "Good day")
    drafts.offer(speech(1.0, 2.75), "en")
    assert drafts.news() is None
    drafts.offer(speech(1.0, 3.5), "en")
    assert told(drafts).end == 3.5 and drafts.news() is None


def test_words_that_turn_out_to_be_none_are_taken_back(drafts: LiveDrafts) -> None:
    drafts.offer(speech(0.0, 2.0), "en")
    told(drafts)
    drafts.settle(
        2.0, is_shown=False, has_words=True
    )  # its segments are held back, until their speaker is known
    assert drafts.news() is None
    drafts.settle(2.0, is_shown=False, has_words=False)
    assert drafts.news() == GONE and drafts.news() is None


def test_segments_take_the_place_of_provisional_words(drafts: LiveDrafts) -> None:
    drafts.offer(speech(0.0, 2.0), "en")
    told(drafts)
    drafts.settle(2.0, is_shown=True, has_words=True)
    drafts.settle(4.0, is_shown=False, has_words=False)
    assert drafts.news() is None


def test_a_draft_of_speech_that_has_final_words_is_dropped(drafts: LiveDrafts) -> None:
    drafts.offer(speech(0.0, 2.0), "en")
    drafts.settle(2.2, is_shown=True, has_words=True)
    assert drafts.news() is None
    drafts.offer(speech(3.0, 4.5), "en")
    assert told(drafts).start == 3.0
