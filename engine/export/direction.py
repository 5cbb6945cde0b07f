"""Marks text that runs from right to left, for players that take every line for left to right."""

from __future__ import annotations

from unicodedata import bidirectional

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ur", "yi"})
_EMBED, _END = "\u202b", "\u202c"  # right-to-left embedding, and its end
MARK = "\u200f"  # counts as a letter of a script that runs from right to left


def is_right_to_left(text: str, language: str | None) -> bool:
    """Returns whether a text runs from right to left: by its language, or by its first letter."""
    strong = [kind for kind in map(bidirectional, text) if kind in ("L", "R", "AL")]
    if language in RIGHT_TO_LEFT:
        return any(kind != "L" for kind in strong)
    return bool(strong) and strong[0] != "L"


def embedded(line: str, language: str | None) -> str:
    """Returns a line that players show in order, even those whose lines all begin at the left."""
    return f"{_EMBED}{line}{_END}" if is_right_to_left(line, language) else line


def marked(line: str, language: str | None) -> str:
    """Returns a line for players that go by the first letter, which may be a Latin one of a foreign name."""
    first = next((kind for kind in map(bidirectional, line) if kind in ("L", "R", "AL")), "R")
    return MARK + line if first == "L" and is_right_to_left(line, language) else line
