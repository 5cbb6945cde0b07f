"""Times as people read them: 3:50, and 3:50–4:04 for a stretch."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """Returns a time as 0:07, 12:34 or 1:02:03, by the whole seconds that have passed.

    Cut off, not rounded, as browsers' players show it: the page and the player then name the same second.
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def stretch(start: float, end: float) -> str:
    """Returns both times of a stretch of seconds, or one if both read the same."""
    first, last = clock(start), clock(end)
    return first if first == last else f"{first}–{last}"
