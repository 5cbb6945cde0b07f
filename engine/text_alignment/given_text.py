"""A text that a recording is aligned with: its lines, and their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.languages import is_spaceless
from engine.text.translation import Translation
from engine.transcript import Transcript, Word

# Parts of a text that are often not said: a speaker's name before a colon, a stage direction in brackets.
Hint = Literal["", "label", "direction"]
TextKind = Literal["text", "subtitles", "transcript"]

# The options of `Options` that matter to an alignment: the decoder only leads to the place of a known text.
ALIGN_OPTIONS = ("language", "model", "aligner", "vad_sensitivity", "vad", "strict", "track")

# A closing sign, a vowel sign or a tone mark belongs to the character before it.
_ATTACHED = frozenset({"Mn", "Mc", "Pe", "Pf", "Po", "Lm"})
_OPENING = frozenset({"Ps", "Pi"})
_BRACKETS = {"[": "]", "(": ")", "（": "）", "［": "］", "【": "】"}
# Scripts written without spaces; a run of any other letters is one word even if it holds a space.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the text that no segment crosses: a paragraph, a line of a song, a subtitle.

    text       without line breaks
    whole      whether it is one segment, however long, as subtitles are
    paragraph  whether a paragraph begins here; None if the text does not say
    speaker    the name or label of the person who says it
    label      the part of the text that names the speaker, such as "ANNA:"; it stands before `text`
    start, end seconds, if the text has times
    words      the words with their times, if the text is a transcript
    language   the language of a transcript's segment
    """

    text: str
    whole: bool = False
    paragraph: bool | None = None
    speaker: str | None = None
    label: str = ""
    start: float | None = None
    end: float | None = None
    words: tuple[Word, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class GivenText:
    """Holds a text in lines.

    language  the language that the text states, Whisper's code
    names     names of speakers by their label, as a transcript has them
    changed   the transcript that the text is of, if only words that a person has changed are to be timed
    translation  that of the transcript, which the result keeps
    """

    lines: tuple[Line, ...]
    kind: TextKind = "text"
    language: str | None = None
    names: tuple[tuple[str, str], ...] = ()
    changed: Transcript | None = None
    translation: Translation | None = None

    @property
    def plain(self) -> str:
        """Returns all lines, without the names of speakers before them."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class TextWord:
    """One word of the text, with its punctuation, and the index of its line.

    units     what is compared with recognised words: the bare word, or its characters in languages without
              spaces; none for a word that is not spoken, such as a dash
    bookmark  that of the word, if the text is a transcript
    """

    text: str
    line: int
    units: tuple[str, ...]
    hint: Hint = ""
    bookmark: str | None = None


def words_of(text: GivenText, language: str) -> tuple[TextWord, ...]:
    """Returns the words of all lines, in order."""
    found: list[TextWord] = []
    for index, line in enumerate(text.lines):
        for part in split_words(line.label, language):
            found.append(TextWord(part, index, units_of(part, language), "label"))
        parts = [word.word for word in line.words] if line.words else split_words(line.text, language)
        bookmarks = [word.bookmark for word in line.words] if line.words else [None] * len(parts)
        for part, hint, bookmark in zip(parts, _hints(parts), bookmarks, strict=True):
            found.append(TextWord(part, index, units_of(part, language), hint, bookmark))
    return tuple(found)


def split_words(text: str, language: str) -> list[str]:
    """Returns the words of one line; joined as in the language, they are the line."""
    return list(_spaceless_words(text)) if is_spaceless(language) else text.split()


def units_of(word: str, language: str) -> tuple[str, ...]:
    """Returns the units of a word that are compared with recognised words."""
    bare = normalise(word)
    if is_spaceless(language):
        return tuple(bare)
    return (bare,) if bare else ()


def normalise(word: str) -> str:
    """Returns a word's letters and digits, without case, accents and signs that are not spoken."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    kept = "".join(c for c in parts if _is_spoken(c))
    return unicodedata.normalize("NFC", kept)


def _is_spoken(character: str) -> bool:
    category = unicodedata.category(character)
    if character in "%&@ـ":
        return character != "ـ"  # the stroke that stretches Arabic words
    return (category[0] in "LN" and category != "Lm") or category in ("Mc", "Sc")


def _spaceless_words(text: str) -> Iterator[str]:
    """Yields characters with the signs that belong to them; other scripts by runs, spaces included."""
    word = ""
    for character in " ".join(text.split()):
        if word and _begins_word(word, character):
            yield word
            word = ""
        word += character
    if word:
        yield word


def _begins_word(word: str, character: str) -> bool:
    if word[-1] in "เแโใไເແໂໃໄ":  # vowels of Thai and Lao that are written before their consonant
        return False
    category = unicodedata.category(character)
    if category in _ATTACHED or character == " ":
        return False
    if all(unicodedata.category(c) in _OPENING for c in word):
        return False
    last = next(
        (c for c in reversed(word) if unicodedata.category(c) not in _ATTACHED and c != " "), word[-1]
    )
    return bool(_SPACELESS.match(character) or _SPACELESS.match(last) or category in _OPENING)


def _hints(words: Sequence[str]) -> Iterator[Hint]:
    """Yields "direction" for words in brackets, if the brackets are closed in the same line."""
    closing = ""
    for index, word in enumerate(words):
        if not closing and word[:1] in _BRACKETS:
            closes = _BRACKETS[word[0]]
            closing = closes if any(closes in later for later in words[index:]) else ""
        yield "direction" if closing else ""
        if closing and closing in word:
            closing = ""
