"""How well a line or a subtitle breaks between two words: after a sentence best, inside a phrase worst.

BudouX finds the phrases of Japanese, Chinese and Thai, whose words stand without spaces; Whisper's words may be pieces
of words there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Protocol

import budoux

from engine.export.syntax_words import BINDERS, OPENERS
from engine.text.sentence_ends import sentence_ends
from engine.transcript import Word

SENTENCE = 0.0
CLAUSE = 0.4
OPENER = 1.2
ORDINARY = 2.0
BINDER = 3.0
INSIDE = 4.0  # a name, a number with its unit, a phrase of a language without spaces
WORST = INSIDE

_CLAUSE_ENDS = tuple(",;:،؛、，；：､፣၊–—")
_CLOSING = "\"'”’»›)]}」』）】》〉"
_PAUSE = 0.25  # seconds between words that sound like the end of a phrase


def break_costs(words: Sequence[Word], language: str | None) -> list[float]:
    """Returns the cost of a break before each word and after the last; 0 at both ends."""
    if not words:
        return [0.0]
    code = language or ""
    ends = sentence_ends(words, code)
    inside = _inside_phrases(words, code)
    inner = [
        SENTENCE if ends[index] else _cost(before, after, language=code, inside=inside[index])
        for index, (before, after) in enumerate(pairwise(words))
    ]
    return [0.0, *inner, 0.0]


def _cost(before: Word, after: Word, language: str, inside: bool) -> float:
    if before.word.rstrip(_CLOSING).endswith(_CLAUSE_ENDS) or after.start - before.end >= _PAUSE:
        return CLAUSE
    if inside:
        return INSIDE
    last, first = before.word.lower(), after.word.lower().strip(_CLOSING + ".,!?")
    if last in BINDERS.get(language, ()):
        return BINDER
    if last.isdigit() or _is_name(before.word, after.word, language):
        return INSIDE
    return OPENER if first in OPENERS.get(language, ()) else ORDINARY


def _is_name(before: str, after: str, language: str) -> bool:
    """Returns whether two words look like a name; in German, nouns have capital letters too."""
    return (
        language not in ("", "de", "lb") and before[:1].isupper() and after[:1].isupper() and len(before) > 1
    )


class _Parser(Protocol):
    def parse(self, sentence: str) -> list[str]: ...


@cache
def _parser(language: str) -> _Parser | None:
    makers = {
        "ja": budoux.load_default_japanese_parser,
        "zh": budoux.load_default_simplified_chinese_parser,
        "yue": budoux.load_default_traditional_chinese_parser,
        "th": budoux.load_default_thai_parser,
    }
    return makers[language]() if language in makers else None


def _inside_phrases(words: Sequence[Word], language: str) -> list[bool]:
    """Returns for each word whether the next one belongs to the same phrase, in languages without spaces."""
    parser = _parser(language)
    if parser is None:
        return [False] * len(words)
    edges: set[int] = set()
    at = 0
    for phrase in parser.parse("".join(word.word for word in words)):
        at += len(phrase)
        edges.add(at)
    at = 0
    inside = []
    for word in words:
        at += len(word.word)
        inside.append(at not in edges)
    return inside
