"""Formats times for people: 3:50, or 3:50–4:04 for a span."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """Returns a time as 0:07, 12:34 or 1:02:03, in whole seconds.

    The time is cut off, not rounded, as in browsers' players, so that the page and the player show the same
    second.
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def stretch(start: float, end: float) -> str:
    """Returns both times of a span, or one if both read the same; times in seconds."""
    first, last = clock(start), clock(end)
    return first if first == last else f"{first}–{last}"
