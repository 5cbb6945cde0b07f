"""A model of which the test decides how long it takes, and lanes that are filled with numbers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from engine.recognition.decoding import DecodingRequest, DecodingResult
from engine.scheduling.scheduler import Lane, Scheduler

PATIENCE = 20.0  # seconds until a test gives up
EN, DE = {"en": 0.9, "de": 0.1}, {"en": 0.08, "de": 0.92}


class Numbers(list[int]):
    """What is encoded of some windows."""

    def pick(self, rows: Sequence[int]) -> Numbers:
        return Numbers(self[row] for row in rows)


class Model:
    """Hears in each window the number that it holds, batch by batch, when it is let.

    Below 100 it is in English, from there on in German, and from 200 on hard to tell.
    """

    def __init__(self) -> None:
        self.batches: list[list[int]] = []  # decoded
        self.rows = 0  # encoded
        self.at_work = threading.Semaphore(0)  # released whenever a batch arrives
        self.encoding, self.decoding = threading.Semaphore(0), threading.Semaphore(0)
        self.fails: dict[int, Exception] = {}  # window -> what decoding it raises
        self.too_large = 99  # windows beyond which memory does not suffice
        self.shortage: Exception = RuntimeError("CUDA failed with error out of memory")  # as it then says
        self.unreadable: int | None = None  # the window that cannot be encoded
        self.slow: int | None = None  # the window that is not encoded before `slowly` is released
        self.slowly = threading.Semaphore(0)
        self.late: int | None = None  # the window that is decoded after another
        self._decoded = threading.Event()

    def free(self) -> None:
        for gate in (self.encoding, self.decoding):
            gate.release(1000)

    def features(self, samples: np.ndarray) -> np.ndarray:
        return samples

    def padded_length(self, features: np.ndarray) -> int:
        return len(features)

    def encode(self, windows: Sequence[np.ndarray]) -> Any:
        self.rows += len(windows)
        self.at_work.release()
        self.encoding.acquire(timeout=PATIENCE)
        numbers = Numbers(int(window[0]) for window in windows)
        if self.slow in numbers:
            self.slowly.acquire(timeout=PATIENCE)
        if self.unreadable in numbers:
            raise ValueError("unreadable")
        return numbers

    def detect_language(self, encoded: Any, thorough: bool = True) -> list[dict[str, float]]:
        return [
            {"en": 0.55, "de": 0.45} if number >= 200 else DE if number >= 100 else EN for number in encoded
        ]

    def decode(self, encoded: Any, asks: Sequence[DecodingRequest], speech: Any) -> list[DecodingResult]:
        self.decoding.acquire(timeout=PATIENCE)
        if self.late in encoded:
            self._decoded.wait(PATIENCE)
        if len(encoded) > self.too_large:
            raise type(self.shortage)(*self.shortage.args)
        for number in encoded:
            if number in self.fails:
                raise self.fails[number]
        self.batches.append(list(encoded))
        self._decoded.set()
        return [
            DecodingResult((), ask.language, float(number)) for number, ask in zip(encoded, asks, strict=True)
        ]


@contextmanager
def working(model: Model, batch_size: int, workers: int = 1, alone: int = 0) -> Iterator[Scheduler]:
    """A scheduler for three lanes; the model is let go on before it is closed, which waits for the batch at work."""
    scheduler = Scheduler(batch_size, most=3, workers=workers, alone=alone)
    try:
        yield scheduler
    finally:
        model.free()
        scheduler.close()


def put(lane: Lane, *numbers: int, samples: int = 10) -> None:
    for number in numbers:
        lane.put(np.full(samples, number, np.float32))


def got(lane: Lane, count: int) -> list[int]:
    found = []
    for _ in range(count):
        served = lane.get(PATIENCE)
        assert served is not None
        found.append(int(served.heard.no_speech_prob))
    return found
