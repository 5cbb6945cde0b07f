"""Tracks the language spoken in a recording, window by window."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.languages import MIXED

# Another language takes over if it is this many times as likely as the current one, in a window of
# CLEAR_SECONDS or more. In a shorter window the ratio grows in proportion.
SWITCH_RATIO = 8.0
CLEAR_SECONDS = 6.0
# The same for a recording in several languages, which is cut where they may change.
PART_SWITCH_RATIO = 3.0
CLEAR_PART_SECONDS = 2.0

# For a recording in one language that is to be detected:
SURE_PROBABILITY = 0.8  # probability at which one window decides; music and jingles seldom reach it
MAX_UNSURE_WINDOWS = 3  # windows that are examined if no window is sure
REVISABLE_WINDOWS = 6  # windows in which the language can still change, since a greeting may be in another
WINDOWS_TO_CHANGE = 2  # windows in a row in another language that change it
OTHER_PROBABILITY = 0.9  # probability from which a single window is reported as clearly in another language


class LanguageTracker:
    """Tracks the language of one request.

    language     of the next windows; None until a language is decided
    probability  of that language, 0 to 1
    decided      whether the language is known; if not, the windows since then wait for the next one
    """

    def __init__(self, language: str | None, allowed: Collection[str] = (), *, waits: bool = True) -> None:
        """Takes what is known of the recording.

        language  a code, MIXED, or None to detect it
        allowed   codes of the languages that may be spoken; none if any may
        waits     whether windows of unsure language wait for later ones; if not, each is decided at once
        """
        self._waits = waits
        self._allowed = allowed
        self._mixed = language == MIXED
        self._given = language is not None and not self._mixed
        self.language = language if self._given else None
        self.probability = 1.0 if self._given else 0.0
        self.decided = self._given
        self._heard = 0  # windows
        # Probabilities and seconds of the windows since the last decision.
        self._doubtful: list[tuple[Mapping[str, float], float]] = []

    @classmethod
    def settled(
        cls, language: str, probability: float, *, requested: str | None, allowed: Collection[str] = ()
    ) -> LanguageTracker:
        """Returns the tracker of a recording whose language no further window changes.

        requested  the language of the request, as `language` of a new tracker; MIXED is none that settles
        """
        tracker = cls(requested, allowed)
        tracker.language, tracker.probability, tracker.decided = language, probability, True
        tracker._heard = REVISABLE_WINDOWS
        return tracker

    @property
    def wants_probabilities(self) -> bool:
        """Returns whether `update` wants the next window's probabilities."""
        return self._mixed or (not self._given and (not self.decided or self._heard < REVISABLE_WINDOWS))

    @property
    def watches(self) -> bool:
        """Returns whether windows in another language are to be reported: neither given nor followed is theirs."""
        return not self._mixed and not self._given

    def other_language(self, probabilities: Mapping[str, float], seconds: float, used: str) -> str | None:
        """Returns the language of a window if it is clearly another than the one that is used for it."""
        if not self.watches:
            return None
        probabilities = self._among_allowed(probabilities)
        likeliest = _likeliest(probabilities)
        needed = max(OTHER_PROBABILITY, self._ratio(seconds) * probabilities.get(used, 0.0))
        return likeliest if likeliest != used and probabilities[likeliest] >= needed else None

    def update(self, probabilities: Mapping[str, float], seconds: float) -> None:
        """Adds the language probabilities of the next window, which lasts `seconds`."""
        self._heard += 1
        probabilities = self._among_allowed(probabilities)
        likeliest = _likeliest(probabilities)
        if self.language is not None:
            needed = self._ratio(seconds) * probabilities.get(self.language, 0.0)
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
            if sure or len(self._doubtful) >= enough or (self.language is None and not self._waits):
                self.decide()
            elif (
                not self._waits
            ):  # this window is taken for the same language, and the next one may change it
                self.decided = True

    def decide(self) -> None:
        """Decides from the windows so far, if any is undecided."""
        if self._doubtful:
            found = _together(self._doubtful)
            likeliest = _likeliest(found)
            self._become(likeliest, found[likeliest])

    def _ratio(self, seconds: float) -> float:
        """Returns how many times as likely another language must be in a window of so many seconds."""
        if self._mixed:
            return PART_SWITCH_RATIO * max(1.0, CLEAR_PART_SECONDS / seconds)
        return SWITCH_RATIO * max(1.0, CLEAR_SECONDS / seconds)

    def _among_allowed(self, probabilities: Mapping[str, float]) -> Mapping[str, float]:
        """Returns the probabilities of the languages that may be spoken, which add up to 1."""
        if not self._allowed:
            return probabilities
        found = {code: probabilities.get(code, 0.0) for code in self._allowed}
        whole = sum(found.values())
        return {code: chance / whole if whole else 1 / len(found) for code, chance in found.items()}

    def _become(self, language: str, probability: float) -> None:
        self.language, self.probability = language, probability
        self.decided, self._doubtful = True, []


def _likeliest(probabilities: Mapping[str, float]) -> str:
    return max(probabilities, key=lambda code: probabilities[code])


def _together(heard: list[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """Returns the mean probabilities of several windows, weighted by their seconds."""
    whole = sum(seconds for _, seconds in heard)
    codes = {code for probabilities, _ in heard for code in probabilities}
    return {
        code: sum(chances.get(code, 0.0) * seconds for chances, seconds in heard) / whole for code in codes
    }
