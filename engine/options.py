"""What one request asks for. Frozen, checked on construction, shared with nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from engine.errors import BadOption
from engine.languages import AUTO, code_of

Task = Literal["transcribe", "translate"]
AlignerChoice = Literal["auto", "wav2vec2", "attention"]

TASKS: tuple[Task, ...] = get_args(Task)
ALIGNERS: tuple[AlignerChoice, ...] = get_args(AlignerChoice)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one request.

    language  a code or an English name ("de", "German"); "auto" or None detects it
    task      "transcribe" writes what is said; "translate" writes it in English
    model     a name from the installation's list; None takes its default
    aligner   how words are timed; "auto" takes the best that the language has here

    Raises BadOption where a value is unknown; the message lists what is known.
    """

    language: str | None = None
    task: Task = "transcribe"
    model: str | None = None
    aligner: AlignerChoice = "auto"

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", code_of(self.language or AUTO))
        object.__setattr__(self, "model", self.model or None)
        _check("task", self.task, TASKS)
        _check("aligner", self.aligner, ALIGNERS)


def _check(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BadOption(f"Unknown {name} {str(value)[:40]!r}.", f"Known: {', '.join(known)}.")
