"""A diarizer that knows beforehand who speaks when, and does what a test asks of it."""

from __future__ import annotations

import sys
import threading
import types
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.diarization.turns import Diarization, SpeakerCount, Turn
from engine.sampling import SAMPLE_RATE
from engine.text.notices import Notice


@dataclass(slots=True)
class ScriptedDiarizer:
    """Tells `early` of the turns while sound comes, and `final` at the end.

    fails  where it raises an error: "open", "add", "finish" or nowhere
    ending the end does not come while it is closed
    gate   no step begins while it is closed
    steps  the samples that each session has been given at a time, by session
    """

    early: tuple[Turn, ...] = ()
    final: Diarization = field(default_factory=Diarization)
    fails: str = ""
    name: str = "scripted"
    counts: list[SpeakerCount] = field(default_factory=list)
    steps: list[tuple[int, int]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    ending: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()
        self.ending.set()

    def open(self, count: SpeakerCount) -> _Session:
        self.fail("open")
        self.counts.append(count)
        return _Session(self, len(self.counts) - 1)

    def fail(self, at: str) -> None:
        self.gate.wait(20)
        if self.fails == at:
            raise RuntimeError(f"the test lets {at} fail")


@dataclass(slots=True)
class _Session:
    diarizer: ScriptedDiarizer
    number: int
    samples: int = 0

    def add(self, block: np.ndarray) -> None:
        self.diarizer.fail("add")
        self.samples += len(block)
        self.diarizer.steps.append((self.number, len(block)))

    def current(self) -> Diarization:
        heard = self.samples / SAMPLE_RATE
        turns = tuple(turn for turn in self.diarizer.early if turn.start < heard)
        return Diarization(turns, certainties=(0.5,) * 10)

    def finish(self) -> Diarization:
        self.diarizer.fail("finish")
        self.diarizer.ending.wait(60)
        return self.diarizer.final

    def close(self) -> None:
        self.diarizer.closed.append(self.number)


def installed(monkeypatch: Any, diarizer: ScriptedDiarizer, notices: tuple[Notice, ...] = ()) -> None:
    """Has engines load this diarizer instead of the real one."""
    module = types.ModuleType("engine.diarization.load")
    module.load_diarizer = lambda config, cuda: (diarizer, notices)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
