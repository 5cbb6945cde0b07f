"""The language of a whole recording, from the languages of its windows."""

from __future__ import annotations

from engine.languages import MIXED
from engine.text.notices import Notice

UNSURE = 0.5  # probability of the language below which the transcript has a warning


class LanguageSummary:
    """Collects which languages are spoken, for how long, and how probable each was.

    language     Whisper's code; None while it is not known, and for a recording without speech
    probability  of that language, 0 to 1; 1 if the request gave it
    """

    def __init__(self, requested: str | None) -> None:
        """`requested` is a code, MIXED, or None to detect the language."""
        self._detects = requested in (None, MIXED)
        self.language = None if self._detects else requested
        self.probability = 1.0 if self.language else 0.0
        self._spoken: dict[
            str, list[tuple[float, float]]
        ] = {}  # language -> (probability, seconds) of windows

    def add(self, language: str, probability: float, seconds: float) -> None:
        """Takes in a window in which words were found."""
        self._spoken.setdefault(language, []).append((probability, seconds))

    def follow(self, language: str, probability: float) -> None:
        """Shows the language of the windows that are being aligned, if the request gave none."""
        if self._detects:
            self.language, self.probability = language, probability

    def conclude(self) -> Notice | None:
        """Settles the language of the whole recording; returns a notice if it is uncertain."""
        if not self._detects:
            return None
        if not self._spoken:
            self.language, self.probability = None, 0.0
            return None
        self.language, self.probability = self._longest_spoken()
        if self.probability >= UNSURE:
            return None
        return Notice.of("uncertain", language=self.language, percent=round(100 * self.probability))

    def _longest_spoken(self) -> tuple[str, float]:
        """Returns the language that is spoken longest, and its mean probability over that time."""
        seconds = {code: sum(length for _, length in windows) for code, windows in self._spoken.items()}
        language = max(seconds, key=lambda code: seconds[code])
        mean = sum(chance * length for chance, length in self._spoken[language]) / seconds[language]
        return language, mean
