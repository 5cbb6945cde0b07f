"""Measures text as subtitles show it: on one line, in columns, in characters that are read."""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

# Characters that some reader takes for the end of a line or field, and other control characters.
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """Returns the text on one line, with its no-break spaces."""
    return _BREAKS.sub(" ", text).strip(" ")


def width(text: str) -> int:
    """Returns the columns of a text: wide characters take two, combining marks none."""
    return sum(
        0 if category(character) in ("Mn", "Me", "Cf") else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


def read_characters(text: str) -> int:
    """Returns how many characters a viewer reads: all but line breaks, combining marks and control characters."""
    return sum(category(character) not in ("Mn", "Me", "Cf", "Cc") for character in text)
