"""Marks disfluencies: fillers such as "um", and words that are said again at once by one person, as in "I, I think".

A mark removes nothing. It is made of the text alone and kept narrow, for a word that is wrongly left out of a file is
worse than a filler that stays. A repeat is marked at what was said first, so that the rest reads on:

- a word of `RESTARTED` that is said again at once;
- two or three words that begin with such a word and are said again at once, once or twice;
- a word that was broken off, and its whole ("th- the").

Fillers may stand between both. Something has to follow in the sentence: "I do, I do." is emphasis. Languages without
spaces have single words of `RESTARTED` alone, without a mark between them, since Chinese and Japanese double words by
rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Protocol

from engine.languages import is_spaceless
from engine.text.disfluent_words import BETWEEN_PAUSES, FILLERS, RESTARTED, Disfluency
from engine.text.repeated_words import repeated_words
from engine.text.sentence_ends import TimedText

AT_ONCE = 1.0  # seconds between the end of a word and the same word said again
LONGEST_PHRASE = 3  # words
MOST_TIMES = 3  # a phrase that is said more often is a chant or a loop
LONGEST_FILLER = 5  # words of a language without spaces, each of which may be one sign of a filler
_COMMAS = (",", "，", "、")
_DRAWN = ("…", "...", "-", "–", "—")
_NO_END = (*_COMMAS, *_DRAWN)


class TimedWord(TimedText, Protocol):
    """A word with its times in seconds and the label of who says it, if that is known."""

    @property
    def speaker(self) -> str | None: ...


def find_disfluencies(words: Sequence[TimedWord], language: str) -> dict[int, Disfluency]:
    """Returns the kind of each disfluent word of a segment by its index."""
    texts = [_plain(word.word) for word in words]
    find_fillers = _joined_fillers if is_spaceless(language) else _fillers
    found: dict[int, Disfluency] = dict.fromkeys(find_fillers(words, texts, language), "filler")
    looping = repeated_words([word.word for word in words])
    left = [index for index in range(len(words)) if index not in found and index not in looping]
    found.update(dict.fromkeys(_repeats(words, texts, left, language), "repeat"))
    return found


def _plain(text: str) -> str:
    """Returns a word's letters and what stands between them, small."""
    kept = [index for index, sign in enumerate(text) if sign.isalnum() or sign == "ー"]
    return text[kept[0] : kept[-1] + 1].casefold().replace("’", "'") if kept else ""


def _ends(text: str, marks: tuple[str, ...]) -> bool:
    return text.rstrip("\"'”’»)」』").endswith(marks)


def _fillers(words: Sequence[TimedWord], texts: Sequence[str], language: str) -> Iterator[int]:
    """Yields the indices of fillers in a language with spaces."""
    always, between = FILLERS.get(language, ()), BETWEEN_PAUSES.get(language, ())
    for index, text in enumerate(texts):
        is_filler = text in always and not _is_unit_or_letters(words, index)
        if is_filler or (text in between and _stands_between_pauses(words, index, index)):
            yield index


def _is_unit_or_letters(words: Sequence[TimedWord], index: int) -> bool:
    """Returns whether a word is an abbreviation: "5 um" are micrometres, "the ER" a part of a hospital."""
    letters = "".join(filter(str.isalpha, words[index].word))
    after_number = index > 0 and words[index - 1].word[-1:].isdigit()
    return after_number or (len(letters) > 1 and letters.isupper())


def _stands_between_pauses(words: Sequence[TimedWord], first: int, last: int) -> bool:
    before = words[first - 1].word if first else ","
    after = words[last].word
    return _ends(before, _NO_END) and _ends(after, (*_COMMAS, *_DRAWN)) and not set("¿?¡!") & set(after)


def _joined_fillers(words: Sequence[TimedWord], texts: Sequence[str], language: str) -> Iterator[int]:
    """Yields the indices of fillers in a language without spaces, in which a filler may be cut into several words.

    It begins the sentence, or follows a mark of punctuation or another filler, or is one word.
    """
    always, between = FILLERS.get(language, ()), BETWEEN_PAUSES.get(language, ())
    may_begin = True
    index = 0
    while index < len(words):
        taken = 0
        for last in range(min(index + LONGEST_FILLER, len(words)) - 1, index - 1, -1):
            inside = "".join(word.word for word in words[index:last])
            text = "".join(texts[index : last + 1])
            ends = text in always or (text in between and _stands_between_pauses(words, index, last))
            if ends and (may_begin or last == index) and inside == "".join(texts[index:last]):
                taken = last - index + 1
                break
        yield from range(index, index + taken)
        index += taken or 1
        last_sign = words[index - 1].word[-1:]
        may_begin = bool(taken) or not (last_sign.isalnum() or last_sign == "ー")


def _repeats(
    words: Sequence[TimedWord], texts: Sequence[str], left: list[int], language: str
) -> Iterator[int]:
    """Yields the indices of words that are said again at once.

    left  indices of the words that are no fillers
    """
    spaceless = is_spaceless(language)
    restarted = RESTARTED.get(language, frozenset())
    at = 0
    while at < len(left):
        if not spaceless and _is_broken_off(words, left, at):
            yield left[at]
        lengths = range(1 if spaceless else LONGEST_PHRASE, 0, -1) if texts[left[at]] in restarted else ()
        again = next(
            (more for length in lengths if (more := _said_before(words, texts, left, at, length))), 0
        )
        if again and spaceless and not all(words[index].word.isalnum() for index in left[at : at + again]):
            again = 0
        yield from left[at : at + again]
        at += again or 1


def _said_before(
    words: Sequence[TimedWord], texts: Sequence[str], left: Sequence[int], at: int, length: int
) -> int:
    """Returns how many words from `at` on are said again after them, in phrases of some length; 0 if none are.

    "day by day by day" says nothing again: the phrase before which its own last word stands is part of a chain.
    """
    times = _times(words, texts, left[at:], length)
    most = MOST_TIMES if length > 1 else len(left)
    if not 1 < times <= most or at + length * times >= len(left):
        return 0
    is_chain = length > 1 and at > 0 and texts[left[at - 1]] == texts[left[at + length - 1]]
    return 0 if is_chain else length * (times - 1)


def _times(words: Sequence[TimedWord], texts: Sequence[str], left: Sequence[int], length: int) -> int:
    """Returns how often the first `length` words are said in a row; a comma may stand after a single word."""
    phrase = [texts[index] for index in left[:length]]
    seams = _NO_END if length == 1 else _DRAWN

    def is_said_at(start: int) -> bool:
        here = left[start : start + length]
        if len(here) < length or [texts[index] for index in here] != phrase:
            return False
        before = words[left[start - 1]]
        open_seam = before.word[-1:].isalnum() or _ends(before.word, seams)
        unbroken = all(words[index].word[-1:].isalnum() for index in left[start - length : start - 1])
        return open_seam and unbroken and _goes_on_at_once(before, words[here[0]])

    return 1 + sum(1 for _ in takewhile(is_said_at, range(length, len(left), length)))


def _goes_on_at_once(before: TimedWord, after: TimedWord) -> bool:
    return after.start - before.end <= AT_ONCE and before.speaker == after.speaker


def _is_broken_off(words: Sequence[TimedWord], left: Sequence[int], at: int) -> bool:
    """Returns whether a word ends with a hyphen and the next one begins with the same letters."""
    if at + 1 >= len(left):
        return False
    word, whole = words[left[at]], words[left[at + 1]]
    begun = _plain(word.word)
    is_cut = word.word.rstrip(",").endswith(("-", "‐", "–", "—")) and not begun.isdigit()
    longer = _plain(whole.word)
    return (
        bool(begun)
        and is_cut
        and _goes_on_at_once(word, whole)
        and longer.startswith(begun)
        and len(longer) > len(begun)
    )
