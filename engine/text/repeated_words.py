"""Finds words that are written again and again, as a recogniser does that is caught in a loop."""

from __future__ import annotations

from collections.abc import Sequence

TIMES = 6  # repetitions in a row that people do not make: a cheer or a count-in has five at most
LONG = 4  # words of a phrase that is long, such as a sentence
LONG_TIMES = 5  # repetitions of a long phrase that people do not make: a chorus has four at most
LONGEST = 12  # words of a phrase that is repeated


def repeated_words(words: Sequence[str]) -> set[int]:
    """Returns the indices of words in runs of one phrase; letter case and punctuation do not count."""
    texts = ["".join(filter(str.isalnum, word.casefold())) for word in words]
    found: set[int] = set()
    for length in range(1, LONGEST + 1):
        equal = 0  # words before and at `index` that are those a phrase earlier
        for index in range(length, len(texts) + 1):
            if index < len(texts) and texts[index] and texts[index] == texts[index - length]:
                equal += 1
                continue
            if equal >= length * ((LONG_TIMES if length >= LONG else TIMES) - 1):
                found.update(range(index - equal - length, index))
            equal = 0
    return found
