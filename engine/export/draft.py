"""A subtitle before it has times and lines."""

from __future__ import annotations

from dataclasses import dataclass

from engine.transcript import Word


@dataclass(frozen=True, slots=True)
class Draft:
    """The words of a cue before its times are set.

    first          index of the first word in the transcript
    ends_sentence  whether no later words belong to the same sentence
    begins         whether somebody has chosen that a cue begins here
    continues      whether somebody has chosen that the cue before goes on here
    """

    words: tuple[Word, ...]
    first: int
    count: int
    language: str | None
    speaker: str | None
    prefix: str
    ends_sentence: bool = True
    begins: bool = False
    continues: bool = False

    @property
    def end(self) -> float:
        """Returns the end of the word that ends last, in seconds."""
        return max(word.end for word in self.words)
