"""Chooses hotwords for the recogniser: names and other rare words of the text that has to be found."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

from engine.text_alignment.given_text import TextWord

MOST_CHARACTERS = 160  # of all hotwords: a long prompt slows the decoder down and distracts it
_NAME = re.compile(r"[^\W\d_][\w'’\-]{3,}")
_ENDS_SENTENCE = re.compile(r"[.!?:…][\"'”’»)\]]*$")


def hotwords_of(words: Sequence[TextWord]) -> str:
    """Returns the words with a capital inside of sentences, the most frequent first.

    A language that writes all nouns with a capital, or that has no capitals, gives no names to choose from.
    """
    counts: Counter[str] = Counter()
    inside = 0
    for before, word in itertools.pairwise(words):
        found = _NAME.search(word.text)
        if before.line != word.line or word.hint or not found or _ENDS_SENTENCE.search(before.text):
            continue
        inside += 1
        if found[0][0].isupper() and not found[0].isupper():
            counts[found[0]] += 1
    if counts.total() > 0.2 * inside:
        return ""
    chosen: list[str] = []
    for name, _ in counts.most_common():
        if sum(map(len, chosen)) + 2 * len(chosen) + len(name) > MOST_CHARACTERS:
            break
        chosen.append(name)
    return ", ".join(chosen)
