"""What the name of a Whisper model tells of it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import InvalidOption
from engine.options import Task

ABLE = "large-v3"  # a model that translates, to name if there is none
# Trained without translations: they write the words in the language that is spoken, or nonsense.
_UNABLE = ("turbo", "distil")


def can_translate(name: str) -> bool:
    """Returns whether a model translates into English, by its name."""
    short = name.rpartition("/")[2].lower()
    return not (short.endswith(".en") or any(part in short for part in _UNABLE))


def choose_model(known: Sequence[str], asked: str | None, task: Task) -> str:
    """Returns the model for a request: the one that it names, else the first known one that does its task.

    Raises InvalidOption if the model is unknown, or cannot translate as it is to.
    """
    model = asked or known[0]
    if model not in known:
        raise InvalidOption(f"Unknown model {model[:40]!r}.", f"Known here: {', '.join(known)}.", "model")
    if task == "transcribe" or can_translate(model):
        return model
    able = next((name for name in known if can_translate(name)), None)
    if able is not None and asked is None:
        return able
    hint = f"Choose the model {able}." if able else f"This needs a model such as {ABLE} (WORDLIGHT_MODELS)."
    raise InvalidOption(
        f"The model {model[:40]} cannot translate.", hint, "task" if able is None else "model"
    )
