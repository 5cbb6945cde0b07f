"""Messages that are kept on disk, also by earlier versions, in the form that the page's scripts read today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Before words were objects, they were lists with their values in this order; the last two could be left out.
_WORD = ("word", "start", "end", "probability", "band", "timing", "score", "speaker")
_SEGMENT = {"logprob": "avg_logprob", "silence": "no_speech_prob"}  # old name -> the contract's
# What a run says of labels that it has given before; a reader may have corrected them since.
_NEWS = frozenset({"turns", "renumbered", "provisional"})


def current_form(message: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a transcript message with its words as objects and its fields under the contract's names.

    The words have the labels that count: corrections of labels that the run has brought are left out.
    """
    kept = {name: value for name, value in message.items() if name not in _NEWS}
    return kept | {"segments": [_segment(segment) for segment in message["segments"]]}


def _segment(segment: Mapping[str, Any]) -> dict[str, Any]:
    named = {_SEGMENT.get(name, name): value for name, value in segment.items()}
    return named | {"words": [_word(word) for word in segment["words"]]}


def _word(word: Any) -> Any:
    if not isinstance(word, list):
        return word
    return {name: value for name, value in zip(_WORD, word, strict=False) if value is not None}
