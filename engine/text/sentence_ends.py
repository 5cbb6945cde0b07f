"""Finds the words after which a sentence ends, by the marks, the next word and the language.

A full stop is the doubtful mark: it also stands in abbreviations, initials and ordinals. Segmenters for plain text were
measured beside these rules, with `tests/benchmarks/sentence_ends.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

from engine.languages import is_spaceless
from engine.text.abbreviations import CAPITAL_NOUNS, ORDINALS, abbreviations, begins_sentence

STOPS = (".", "．", "｡")
# Marks that end a sentence whatever they stand after, in the scripts that Whisper writes.
MARKS = (
    "?",
    "!",
    "…",
    "。",
    "？",
    "！",
    "؟",
    "۔",
    "।",
    "॥",
    "։",
    "។",
    "၊။",
    "။",
    "።",
    "᠃",
    "‽",
    "⁇",
    "⁈",
    "⁉",
)
CLOSING = "\"'”’»）)]}」』】》〉"
OPENING = "\"'“‘«„‚([{¿¡（「『【《〈-–—"
DOUBTFUL_PAUSE = 0.6  # seconds after an abbreviation that could end a sentence; then it does
PHRASE_PAUSE = 0.5  # seconds that end a sentence in Thai, Lao and Khmer, which have no marks for it

_ROMAN = re.compile(r"[IVXLCDM]+")
_NUMBER = re.compile(r"\d[\d.,]*")
_YEAR = re.compile(r"1[1-9]\d\d|20\d\d")
_LETTERS = re.compile(r"\w(?:[.\-]+\w)*")  # letters with full stops between them, such as U.S
_INITIAL = re.compile(r"[^\W\d_]\.")
# After a quotation: who says it.
_SAID = {
    "ja": re.compile(
        r"(?:と|って|などと)(?:[はも]|[^。！？、]{1,5}[はがも])?(?:言|い[うわっ]|聞|き[いか]|思|お?も[うっ]|答|叫|話|書|述|考|呼|質問|尋|訊|つぶや|"
        r"ささや|感じ|、)"
    ),
    "zh": re.compile(
        r"[，、]?(?:[他她它我你您]们?|老师|妈妈|爸爸|[大小老]\w)?(?:又|就|也|却|还|连忙|笑着|大声|轻声|低声|回头)*"
        r"(?:说|問|问|道|喊|叫|回答|答|想|告诉|笑)"
    ),
}
_INTRODUCED = re.compile(r"[：:，,][「“『][^」”』「“『]*[」”』]$")  # who says it stands before the quotation
_SAID["yue"] = _SAID["zh"]
# Unlike in Thai, the words of politeness in Lao and Khmer are seldom written.
_FINAL_PARTICLES = ("ครับ", "ค่ะ", "คะ", "จ้ะ", "จ้า", "ฮะ", "ขอรับ", "เจ้าค่ะ")
_UNMARKED = ("th", "lo", "km")
_LETTERS_APART = 3  # words before the last letter of an abbreviation such as "i. d. R."
_LOOK = 8  # words of a language without spaces that are read behind or ahead; they are pieces of words


def sentence_ends(words: Sequence[TimedText], language: str) -> list[bool]:
    """Returns for each word whether a sentence ends after it; the last one may end none."""
    ends = _Ends([word.word for word in words], language)
    pauses = [after.start - before.end for before, after in pairwise(words)]
    return [ends.after(index, pause) for index, pause in enumerate([*pauses, 0.0][: len(words)])]


class TimedText(Protocol):
    """A word with its times in seconds."""

    @property
    def word(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...


class _Ends:
    """Judges each word of a run of words."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self._texts = texts
        self._language = language
        self._spaceless = is_spaceless(language)
        self._known = abbreviations(language)
        # Text without capital letters says nothing by a small one; initials and the English "I" are no signs of any.
        large = [index for index, text in enumerate(texts) if text.lstrip(OPENING)[:1].isupper()]
        self._cased = any(
            len(texts[index].strip(".,")) > 1 or (index == 0 and texts[0] != "I") for index in large
        )

    def after(self, index: int, pause: float) -> bool:
        """Returns whether a sentence ends after a word; `pause` is in seconds."""
        text = self._closed(index)
        following = self._following(index)
        if following is not None and not following.strip(CLOSING + "".join((*STOPS, *MARKS))):
            return False  # a mark of its own, which belongs to this word
        bare = text.rstrip(CLOSING)
        if not bare.endswith((*STOPS, *MARKS)):
            return self._language in _UNMARKED and self._ends_unmarked(index, pause)
        if following is None:
            return True
        if self._spaceless and bare.endswith("…"):
            return pause >= DOUBTFUL_PAUSE
        if bare.endswith(STOPS) and not bare.endswith(("..", "．．")):
            return self._full_stop(index, bare, following, pause)
        return not self._is_small(following) and not self._is_quoted(index, text)

    def _closed(self, index: int) -> str:
        """Returns a word with the one before, if the word is nothing but closing marks."""
        text = self._texts[index]
        alone = index > 0 and not text.strip(CLOSING)
        return self._texts[index - 1] + text if alone else text

    def _following(self, index: int) -> str | None:
        """Returns the next word without opening marks; None if there is none."""
        for text in self._texts[index + 1 : index + 3]:
            if bare := text.lstrip(OPENING):
                return bare
        return None

    def _is_small(self, following: str) -> bool:
        """Returns whether a word says by a small letter that the sentence goes on."""
        return self._cased and following[:1].islower() and not any(map(str.isupper, following))

    def _is_quoted(self, index: int, text: str) -> bool:
        """Returns whether the text after a quotation says whose it is."""
        said = _SAID.get(self._language)
        if said is None or (self._language != "ja" and not text.endswith(tuple(CLOSING))):
            return False
        if _INTRODUCED.search("".join(self._texts[: index + 1])):
            return False
        return said.match("".join(self._texts[index + 1 : index + 1 + _LOOK])) is not None

    def _ends_unmarked(self, index: int, pause: float) -> bool:
        if pause >= PHRASE_PAUSE:
            return True
        behind = "".join(self._texts[max(0, index - _LOOK) : index + 1])
        ahead = "".join(self._texts[index + 1 : index + 1 + _LOOK])
        goes_on = ahead.startswith((*_FINAL_PARTICLES, "ๆ", "ฯ"))
        return behind.endswith(_FINAL_PARTICLES) and bool(ahead) and not goes_on

    def _full_stop(self, index: int, bare: str, following: str, pause: float) -> bool:
        """Returns whether a full stop ends a sentence."""
        stem = bare.lstrip(OPENING)[:-1]
        if _NUMBER.fullmatch(stem) or (
            _ROMAN.fullmatch(stem) and self._language in ORDINALS and len(stem) > 1
        ):
            return self._after_number(stem, following)
        if self._spaceless:
            return not following[:1].islower() and not (len(stem) == 1 and stem.isascii() and stem.isalpha())
        if self._is_small(following):
            return False
        known = self._abbreviation(index, stem)
        if known is not None:
            return known
        starts = begins_sentence(following.rstrip(",;:.!?…" + CLOSING), self._language)
        low = stem.lower()
        if low in self._known.before_numbers:
            if following[:1].isdigit() or _ROMAN.fullmatch(following.rstrip(",;:.)")):
                return False
            if len(low) > 1:
                return True
        street = self._language == "de" and low.endswith("str")
        if street and following[:1].isdigit():
            return False
        if street or low in self._known.others or (_LETTERS.fullmatch(stem) and not stem.isdigit()):
            if stem == "I" and self._language == "en" and not _INITIAL.match(following):
                return True
            return starts or pause >= DOUBTFUL_PAUSE
        return True

    def _abbreviation(self, index: int, stem: str) -> bool | None:
        """Returns whether a sentence ends after an abbreviation that leaves no doubt; None after other words."""
        low = whole = stem.lower()
        at = index - 1
        while at >= max(0, index - _LETTERS_APART) and _INITIAL.fullmatch(
            self._texts[at].lstrip(OPENING)
        ):  # "z. B." as two words
            whole = self._texts[at].lstrip(OPENING).lower() + whole
            at -= 1
        known = self._known
        if low in known.titles or whole in known.connectives or low in known.connectives:
            return False
        return True if low in known.list_ends or whole in known.list_ends else None

    def _after_number(self, stem: str, following: str) -> bool:
        """Returns whether a sentence ends after a number: it does not after an ordinal."""
        if self._spaceless and following[:1].isdigit():
            return False  # the pieces of "3.50"
        if self._is_small(following):
            return False
        ordinal = self._language in ORDINALS and not _YEAR.fullmatch(stem)
        if ordinal and self._language in CAPITAL_NOUNS:
            return begins_sentence(following.rstrip(",;:.!?…" + CLOSING), self._language)
        return True
