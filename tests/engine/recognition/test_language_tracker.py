"""The language of a recording is found out by more than its first window where that is not sure."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.languages import MIXED
from engine.recognition.language_tracker import (
    MAX_UNSURE_WINDOWS,
    REVISABLE_WINDOWS,
    SURE_PROBABILITY,
    LanguageTracker,
)

SECONDS = 24.0


def probabilities(language: str, chance: float) -> dict[str, float]:
    rest = {"en": 0.0, "de": 0.0, "cy": 0.0, "la": 0.0} | {language: chance}
    others = [code for code in rest if code != language]
    return rest | dict.fromkeys(others, (1 - chance) / len(others))


def heard(windows: Sequence[tuple[str, float]]) -> LanguageTracker:
    spoken = LanguageTracker(None)
    for language, chance in windows:
        if spoken.wants_probabilities:
            spoken.update(probabilities(language, chance), SECONDS)
    return spoken


def test_a_sure_first_window_settles_it_at_once() -> None:
    spoken = heard([("de", SURE_PROBABILITY)])
    assert spoken.decided and (spoken.language, spoken.probability) == ("de", pytest.approx(SURE_PROBABILITY))


@pytest.mark.parametrize(
    ("windows", "language"),
    [
        ([("la", 0.4), ("en", 0.95)], "en"),
        ([("cy", 0.5), ("la", 0.4), ("en", 0.9)], "en"),
        ([("de", 0.6), ("de", 0.6), ("de", 0.6)], "de"),
        ([("cy", 0.5), ("en", 0.7), ("en", 0.7)], "en"),
    ],
)
def test_an_unsure_one_waits_for_the_next(windows: list[tuple[str, float]], language: str) -> None:
    assert not heard(windows[:1]).decided
    spoken = heard(windows)
    assert spoken.decided and spoken.language == language


def test_after_so_many_windows_it_is_settled_however_unsure() -> None:
    assert not heard([("la", 0.3)] * (MAX_UNSURE_WINDOWS - 1)).decided
    assert heard([("la", 0.3)] * MAX_UNSURE_WINDOWS).decided


def test_a_recording_that_ends_before_is_in_what_is_likeliest() -> None:
    spoken = heard([("la", 0.3), ("en", 0.6)])
    assert not spoken.decided
    spoken.decide()
    assert spoken.decided and spoken.language == "en"
    assert spoken.probability == pytest.approx((0.6 + 0.7 / 3) / 2)


def test_a_greeting_in_another_language_does_not_decide() -> None:
    spoken = heard([("de", 0.95), ("en", 0.95)])
    assert not spoken.decided, "one window is no reason yet"
    spoken.update(probabilities("en", 0.95), SECONDS)
    assert spoken.decided and spoken.language == "en"


def test_one_odd_window_among_others_changes_nothing() -> None:
    spoken = heard([("en", 0.9), ("de", 0.95), ("en", 0.9)])
    assert spoken.decided and spoken.language == "en"


def test_doubt_later_on_changes_nothing() -> None:
    spoken = heard([("en", 0.9), ("cy", SURE_PROBABILITY - 0.1), ("cy", SURE_PROBABILITY - 0.1)])
    assert spoken.decided and spoken.language == "en"


def test_it_listens_to_the_first_windows_and_no_longer() -> None:
    spoken = heard([("en", 0.9)] * (REVISABLE_WINDOWS + 5) + [("de", 0.99)] * 5)
    assert not spoken.wants_probabilities and spoken.language == "en"
    assert not LanguageTracker("en").wants_probabilities and LanguageTracker("en").decided


def test_a_language_that_changes_is_followed_from_window_to_window() -> None:
    spoken = LanguageTracker(MIXED)
    for language in ("en", "de", "de", "en"):
        spoken.update(probabilities(language, 0.95), SECONDS)
        assert spoken.decided and spoken.language == language and spoken.wants_probabilities
    spoken.update(probabilities("de", 0.6), 0.5)
    assert spoken.language == "en", "a short window has to be surer"


def test_languages_that_may_not_be_spoken_are_not_considered() -> None:
    spoken = LanguageTracker(None, ("de", "fr"))
    spoken.update({"nl": 0.8, "de": 0.15, "fr": 0.01, "en": 0.04}, SECONDS)
    assert spoken.decided and spoken.language == "de" and spoken.probability > 0.9
    mixed = LanguageTracker(MIXED, ("de", "fr"))
    mixed.update({"en": 1.0}, SECONDS)
    assert mixed.language in ("de", "fr")


def test_a_window_that_is_clearly_in_another_language_is_told() -> None:
    spoken = heard([("en", 0.9)])
    assert spoken.other_language(probabilities("de", 0.97), SECONDS, "en") == "de"
    assert spoken.other_language(probabilities("de", 0.85), SECONDS, "en") is None
    assert spoken.other_language(probabilities("de", 0.95), 0.5, "en") is None, "too short to tell"
    assert spoken.other_language(probabilities("en", 0.97), SECONDS, "en") is None
    for known in ("en", MIXED):
        assert LanguageTracker(known).other_language(probabilities("de", 0.99), SECONDS, "en") is None


def test_windows_that_do_not_wait_are_each_decided() -> None:
    tracker = LanguageTracker(None, waits=False)
    languages = []
    for language, chance in [("en", 0.5), ("de", 0.9), ("en", 0.6), ("de", 0.9), ("de", 0.9)]:
        tracker.update(probabilities(language, chance), 6.0)
        assert tracker.decided
        languages.append(tracker.language)
    assert languages == ["en", "en", "en", "en", "de"]
