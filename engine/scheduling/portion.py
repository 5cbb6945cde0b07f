"""A portion of a recording: windows that another process with the same models decodes and aligns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.alignment.aligner import AlignerName
from engine.options import Options
from engine.scheduling.batch import WindowResult
from engine.text.notices import Notice
from engine.transcript import Word
from engine.windows import Window


@dataclass(frozen=True, slots=True)
class Portion:
    """Consecutive windows of one recording, whose language is settled.

    options   of the request
    language  of all windows, Whisper's code, with its probability
    """

    windows: tuple[Window, ...]
    options: Options
    language: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedResult(WindowResult):
    """Holds the result of a window whose words have been timed too.

    words    of the window, in file time
    aligner  that timed them
    notices  raised by that
    """

    words: tuple[Word, ...]
    aligner: AlignerName
    notices: tuple[Notice, ...] = ()


class PortionRefused(Exception):
    """Says that no helper has room for a portion now."""


class PortionWork(Protocol):
    """The work of a helper at one portion."""

    def __iter__(self) -> Iterator[Sequence[AlignedResult]]:
        """Yields the results of the windows in order, as many as are ready.

        Nothing is yielded before a helper has taken the portion; an empty list says only that. Raises
        PortionRefused if none takes it, and any error if the helper fails or is lost.
        """
        ...

    def cancel(self) -> None:
        """Ends the work, from any thread; does nothing after its end."""
        ...


class Helpers(Protocol):
    """Other processes with the same models, which take windows of a recording while they have room.

    most  portions of one recording that they work at together
    """

    most: int

    def offer(self, portion: Portion) -> PortionWork:
        """Offers a portion, without waiting."""
        ...
