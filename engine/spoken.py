"""Which language is spoken: as the request says, found out once, or found out again all along."""

from __future__ import annotations

from collections.abc import Mapping

from engine.options import MIXED

# How many times as likely as the language so far another must be to take over, in a window of
# CLEAR seconds or more; in a shorter one, more by as much as it is shorter.
SWITCH = 8.0
CLEAR = 6.0


class Spoken:
    """The language of one request, window by window.

    language     of the window heard last; None until one has been heard
    probability  that it is this one
    """

    def __init__(self, language: str | None) -> None:
        """`language` is a code, MIXED, or None where it is one that has to be found out."""
        self._mixed = language == MIXED
        self.language = None if self._mixed else language
        self.probability = 0.0 if self.language is None else 1.0

    @property
    def listens(self) -> bool:
        """Tells whether `hear` wants the next window's probabilities."""
        return self._mixed or self.language is None

    def hear(self, probabilities: Mapping[str, float], seconds: float) -> None:
        """Takes in what the next window sounds like, of that length."""
        likeliest = max(probabilities, key=lambda code: probabilities[code])
        if self.language is not None:
            needed = SWITCH * max(1.0, CLEAR / seconds) * probabilities.get(self.language, 0.0)
            if probabilities[likeliest] < needed:
                likeliest = self.language
        self.language, self.probability = likeliest, probabilities[likeliest]
