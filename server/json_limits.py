"""Limits of a JSON body that hold before it is parsed: nesting and number of values.

A few megabytes of `[[],[],[],...` become hundreds when parsed. Counting commas and brackets takes a few
milliseconds a megabyte and no memory to speak of.
"""

from __future__ import annotations

from itertools import accumulate

from engine.errors import InputError, TooLarge

MAX_DEPTH = 64  # brackets within brackets; a transcript has eight
MAX_VALUES = 1_000_000  # a transcript has ten a word, so that this is twelve hours of speech
PARSED_BYTES = 64  # memory that one parsed value takes, at most: an empty dict on a 64-bit machine

_STEP = 1 << 16  # bytes looked at together
_KEPT = b'"[]{}'
_DROPPED = bytes(set(range(256)) - set(_KEPT))
_DEPTH = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def count_values(body: bytes) -> int:
    """Returns how many values a JSON text holds, at most: marks within strings are counted too."""
    return 1 + sum(map(body.count, (b",", b"[", b"{")))


def check_json(body: bytes) -> int:
    """Returns `count_values`. Raises TooLarge for too many values and InputError for too deep a nesting.

    Whether it is JSON at all is for the parser to say.
    """
    values = count_values(body)
    if values > MAX_VALUES:
        raise TooLarge(
            f"This JSON holds more than the {MAX_VALUES:,} values accepted here.", "Send it in parts."
        )
    if _depth(body) > MAX_DEPTH:
        raise InputError(f"This JSON is nested more than {MAX_DEPTH} deep.", "Send it flatter.")
    return values


def _depth(body: bytes) -> int:
    """Returns the deepest nesting of brackets outside strings."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return 0
    # Escaped marks do not end a string.
    marks = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _DROPPED)
    depth = deepest = 0
    in_string = False
    for at in range(0, len(marks), _STEP):
        pieces = marks[at : at + _STEP].split(b'"')
        outside = b"".join(pieces[int(in_string) :: 2])
        if outside:
            depths = list(accumulate(map(_DEPTH.__getitem__, outside), initial=depth))
            depth, deepest = depths[-1], max(deepest, max(depths))
        in_string ^= len(pieces) % 2 == 0
    return deepest
