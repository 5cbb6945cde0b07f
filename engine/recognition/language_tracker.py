"""Which language is spoken: as the request says, found out early on, or found out again all along."""

from __future__ import annotations

from collections.abc import Mapping

from engine.languages import MIXED

# How many times as likely as the language so far another must be to take over, in a window of
# CLEAR seconds or more; in a shorter one, more by as much as it is shorter.
SWITCH_RATIO = 8.0
CLEAR_SECONDS = 6.0

# Where a recording has one language, which is to be found out:
SURE_PROBABILITY = 0.8  # probability with which a window settles it; music, or a jingle, seldom has as much
MAX_UNSURE_WINDOWS = 3  # windows that are looked at where none is sure
REVISABLE_WINDOWS = 6  # windows among which another language may yet take over: a greeting is no talk
WINDOWS_TO_CHANGE = 2  # windows in a row that another language takes to do so


class LanguageTracker:
    """The language of one request, window by window.

    language     of the windows to be written next; None until one has been heard
    probability  that it is this one
    settled      whether it is known; else the windows heard since wait for the next
    """

    def __init__(self, language: str | None) -> None:
        """`language` is a code, MIXED, or None where it is one that has to be found out."""
        self._mixed = language == MIXED
        self._given = language is not None and not self._mixed
        self.language = language if self._given else None
        self.probability = 1.0 if self._given else 0.0
        self.decided = self._given
        self._heard = 0  # windows
        self._doubtful: list[tuple[Mapping[str, float], float]] = []  # since it was settled, with seconds

    @property
    def wants_probabilities(self) -> bool:
        """Tells whether `hear` wants the next window's probabilities."""
        return self._mixed or (not self._given and (not self.decided or self._heard < REVISABLE_WINDOWS))

    def update(self, probabilities: Mapping[str, float], seconds: float) -> None:
        """Takes in what the next window sounds like, of that length."""
        self._heard += 1
        likeliest = _likeliest(probabilities)
        if self.language is not None:
            needed = SWITCH_RATIO * max(1.0, CLEAR_SECONDS / seconds) * probabilities.get(self.language, 0.0)
            if probabilities[likeliest] < needed or not (
                self._mixed or probabilities[likeliest] >= SURE_PROBABILITY
            ):
                likeliest = self.language
        if self._mixed:
            self._become(likeliest, probabilities[likeliest])
        elif likeliest == self.language:
            self.decided, self._doubtful = True, []
        else:
            self._doubtful.append((probabilities, seconds))
            found = _together(self._doubtful)
            enough = WINDOWS_TO_CHANGE if self.language is not None else MAX_UNSURE_WINDOWS
            sure = (
                self.language is None
                and max(probabilities[likeliest], found[_likeliest(found)]) >= SURE_PROBABILITY
            )
            self.decided = False
            if sure or len(self._doubtful) >= enough:
                self.decide()

    def decide(self) -> None:
        """Decides by what has been heard, since nothing more will be or there has been enough."""
        if self._doubtful:
            found = _together(self._doubtful)
            likeliest = _likeliest(found)
            self._become(likeliest, found[likeliest])

    def _become(self, language: str, probability: float) -> None:
        self.language, self.probability = language, probability
        self.decided, self._doubtful = True, []


def _likeliest(probabilities: Mapping[str, float]) -> str:
    return max(probabilities, key=lambda code: probabilities[code])


def _together(heard: list[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """Returns the mean probabilities of several windows, each counted by its seconds."""
    whole = sum(seconds for _, seconds in heard)
    codes = {code for probabilities, _ in heard for code in probabilities}
    return {
        code: sum(chances.get(code, 0.0) * seconds for chances, seconds in heard) / whole for code in codes
    }
