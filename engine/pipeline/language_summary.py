"""Sums up the language of a whole recording from the languages of its windows."""

from __future__ import annotations

from engine.languages import MIXED
from engine.text.notices import Notice

UNSURE = 0.5  # probability of the language; below it, the transcript gets a warning


class LanguageSummary:
    """Collects the spoken languages, with the duration and probability of each.

    language     Whisper's code; None if unknown yet, and for a recording without speech
    probability  of that language, 0 to 1; 1 if the request gave it
    """

    def __init__(self, requested: str | None) -> None:
        """Takes the requested code, MIXED, or None to detect the language."""
        self._detects = requested in (None, MIXED)
        self.language = None if self._detects else requested
        self.probability = 1.0 if self.language else 0.0
        # language -> (probability, seconds) of its windows
        self._spoken: dict[str, list[tuple[float, float]]] = {}
        # (language, the one of the text) -> (start, end) of windows in which the former is spoken
        self._others: dict[tuple[str, str], list[tuple[float, float]]] = {}

    def add(self, language: str, probability: float, seconds: float) -> None:
        """Adds a window with words, of `seconds`."""
        self._spoken.setdefault(language, []).append((probability, seconds))

    def follow(self, language: str, probability: float) -> None:
        """Sets the language of the current windows, unless the request gave one."""
        if self._detects:
            self.language, self.probability = language, probability

    def add_other(self, language: str, used: str, *, start: float, end: float) -> None:
        """Adds a window, in seconds of the file, that is clearly in another language than the one used for it."""
        self._others.setdefault((language, used), []).append((start, end))

    def conclude(self) -> list[Notice]:
        """Decides the language of the whole recording; returns notices if it is uncertain or not the only one."""
        if not self._detects:
            return []
        if not self._spoken:
            self.language, self.probability = None, 0.0
            return []
        self.language, self.probability = self._longest_spoken()
        notices = [
            Notice.of(
                "other_language",
                other=other,
                seconds=float(sum(end - start for start, end in spans)),
                when=spans[0],
                language=used,
            )
            for (other, used), spans in self._others.items()
        ]
        if self.probability < UNSURE:
            percent = round(100 * self.probability)
            notices.append(Notice.of("uncertain", language=self.language, percent=percent))
        return notices

    def _longest_spoken(self) -> tuple[str, float]:
        """Returns the language spoken longest, and its mean probability over that time."""
        seconds = {code: sum(length for _, length in windows) for code, windows in self._spoken.items()}
        language = max(seconds, key=lambda code: seconds[code])
        mean = sum(chance * length for chance, length in self._spoken[language]) / seconds[language]
        return language, mean
