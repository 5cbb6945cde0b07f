"""How a word of a language other than English may be read aloud: letters as they are, numbers in words."""

from __future__ import annotations

import re
import unicodedata

from num2words import num2words

from engine.alignment.readings import Reading

# Zero-width non-joiner and joiner. They shape the letters around them, and letter to sound knows neither.
_JOINERS = "\u200c\u200d"
_PART = re.compile(r"(?P<number>\d+)|[^\d]+")


def readings_elsewhere(word: str, language: str) -> tuple[Reading, ...]:
    """Returns how a word may be read; a number that nobody can spell leaves the word without a reading."""
    read: list[str] = []
    for part in _PART.finditer(word):
        if not part["number"]:
            read += _words(part[0])
        elif spelled := _spelled(part["number"], language):
            read += spelled
        else:
            return ()
    return (tuple(read),) if read else ()


def _words(text: str) -> list[str]:
    """Returns the words of a text: letters, and the marks, joiners and apostrophes that continue them."""
    shape = "".join(map(_kind, text))
    found = (text[match.start() : match.end()] for match in re.finditer("a[am']*", shape))
    return [re.sub(f"[{_JOINERS}]", "", word) for word in found]


def _kind(character: str) -> str:
    """Returns "a" for a letter, "m" for a mark or joiner, "'" for an apostrophe, and a space for the rest."""
    if character.isalpha():
        return "a"
    if character in _JOINERS or unicodedata.category(character).startswith("M"):
        return "m"
    return "'" if character in "'’" else " "


def _spelled(digits: str, language: str) -> Reading:
    """Returns a number in words; none where the language's are not known."""
    try:
        spelled = num2words(int(digits), lang=language)
    except (NotImplementedError, ArithmeticError, LookupError, TypeError, ValueError):
        return ()
    return tuple(spelled.replace("-", " ").split())
