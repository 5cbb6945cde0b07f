"""The option `speakers`: what it takes, and what is said of anything else."""

from __future__ import annotations

import re

import pytest

from engine import Options
from engine.diarization.speaker_choice import SUGGESTIONS, SpeakerChoice
from engine.errors import InvalidOption
from engine.options import specs


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("off", SpeakerChoice("off")),
        ("AUTO", SpeakerChoice("auto")),
        (" channels ", SpeakerChoice("channels")),
        ("1", SpeakerChoice("auto", 1, 1)),
        ("2-4", SpeakerChoice("auto", 2, 4)),
        ("2 – 4", SpeakerChoice("auto", 2, 4)),
        ("50", SpeakerChoice("auto", 50, 50)),
    ],
)
def test_what_is_taken(text: str, choice: SpeakerChoice) -> None:
    assert Options(speakers=text).speaker_choice == choice
    assert SpeakerChoice.parse(choice.text) == choice
    assert Options(speakers=text).speakers == choice.text


def test_nothing_asked_is_off() -> None:
    assert Options().speakers == Options(speakers="").speakers == "off"


def test_a_number_may_come_as_one() -> None:
    assert Options(speakers=3).speakers == "3"


@pytest.mark.parametrize("text", ["0", "4-2", "51", "2-", "-2", "two", "true", "1.5", "999999999-1", "٣x"])
def test_anything_else_is_refused_with_what_is_known(text: str) -> None:
    with pytest.raises(InvalidOption, match=re.escape(repr(text))) as caught:
        Options(speakers=text)
    assert caught.value.field == "speakers"
    assert all(known in caught.value.hint for known in ("off", "auto", "channels", "2-4"))


def test_the_form_offers_what_the_option_takes() -> None:
    (spec,) = [spec for spec in specs() if spec.name == "speakers"]
    assert [SpeakerChoice.parse(value).text for value in spec.suggestions] == list(SUGGESTIONS)


@pytest.mark.parametrize(
    ("text", "may"),
    [("off", False), ("auto", True), ("channels", True), ("2", True), ("3-5", False), ("1", False)],
)
def test_two_channels_may_be_two_people_if_two_are_possible(text: str, may: bool) -> None:
    assert SpeakerChoice.parse(text).may_be_channels is may
