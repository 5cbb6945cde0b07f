"""What the name of a Whisper model tells of it."""

from __future__ import annotations

ABLE = "large-v3"  # a model that translates, to name if there is none
# Trained without translations: they write the words in the language that is spoken, or nonsense.
_UNABLE = ("turbo", "distil")


def can_translate(name: str) -> bool:
    """Returns whether a model translates into English, by its name."""
    short = name.rpartition("/")[2].lower()
    return not (short.endswith(".en") or any(part in short for part in _UNABLE))
