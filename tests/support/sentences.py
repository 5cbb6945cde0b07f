"""The hand-made list of sentences (tests/engine/text/sentences.txt), as words with times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.languages import is_spaceless
from engine.transcript import Word
from tests.support.recordings import ROOT

LIST = ROOT / "tests" / "engine" / "text" / "sentences.txt"
END = "//"
PAUSE = "_"
SECONDS = 0.2  # of a word
LONG_PAUSE = 0.6  # seconds
# As Whisper's words are: a run of Latin letters, else one character, each with the marks around it.
_PIECES = re.compile(r"[「“『（《]*(?:[A-Za-z0-9]+|[^」”』）》]?)[^\w「“『（《]*")


@dataclass(frozen=True, slots=True)
class Listed:
    """A text of the list: its words, and the numbers of words before each end."""

    language: str
    words: tuple[Word, ...]
    ends: tuple[int, ...]

    @property
    def text(self) -> str:
        return ("" if is_spaceless(self.language) else " ").join(word.word for word in self.words)


def listed() -> Iterator[Listed]:
    for line in LIST.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            language, text = line.split(" ", 1)
            yield _parse(language, text)


def _parse(language: str, text: str) -> Listed:
    words: list[Word] = []
    ends: list[int] = []
    at = 0.0
    for piece in _pieces(language, text):
        if piece == END:
            ends.append(len(words))
        elif piece == PAUSE:
            at += LONG_PAUSE
        else:
            words.append(Word(piece, at, at + SECONDS, probability=0.9, timing="attention"))
            at += SECONDS
    return Listed(language, tuple(words), tuple(ends))


def _pieces(language: str, text: str) -> Iterator[str]:
    if not is_spaceless(language) or language == "th":
        yield from text.split()
        return
    for number, part in enumerate(text.split(END)):
        if number:
            yield END
        yield from (piece for piece in _PIECES.findall(part.strip()) if piece)
