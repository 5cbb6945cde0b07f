"""The sound of one recording on its way to the diarizer, and what is known of its speakers so far."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from engine.diarization.turns import Diarization, DiarizationSession, SpeakerCount
from engine.errors import ShuttingDown
from engine.sampling import SAMPLE_RATE, to_samples
from engine.text.notices import Notice

STEP = 5.0  # seconds of sound in one step of the worker: some 0.4 s of computing
# Seconds of sound that may wait, 19 MB. Recognition waits for the diarizer beyond that, which it overtakes on a GPU.
MOST_WAITING = 300.0
# The speakers are looked at again when this much more has been heard: 5 s, and 2 % later in a long recording, since
# each look labels all words so far.
FIRST_LOOK = 5.0
FURTHER_LOOK = 0.02


@dataclass(frozen=True, slots=True)
class SpeakersSoFar:
    """What the diarizer knows of a recording.

    heard_until  seconds of sound that it has seen
    version      grows with each look; 0 before the first one
    final        whether the recording has been seen to its end
    """

    diarization: Diarization = field(default_factory=Diarization)
    heard_until: float = 0.0
    version: int = 0
    final: bool = False


class DiarizationFeed:
    """The queue of one recording's blocks.

    `put`, `begin`, `end`, `wait` and the properties are for the thread of the request; they take the lock
    themselves. The worker calls `next_step` with the lock held, and `run` without it.
    """

    def __init__(self, count: SpeakerCount, changed: threading.Condition) -> None:
        self.count = count
        self.closed = False  # the request has left, or the worker has
        self.shut_down = False
        self.error: Exception | None = None
        self.notices: tuple[Notice, ...] = ()
        self._changed = changed
        self._blocks: deque[np.ndarray] = deque()
        self._waiting = 0  # samples in the queue
        self._heard = 0  # samples that the session has been given
        self._begun = self._ended = False
        self._next_look = FIRST_LOOK
        self._session: DiarizationSession | None = None
        self._known = SpeakersSoFar()

    def put(self, block: np.ndarray) -> None:
        """Adds the next samples, (n,) float32 at 16 kHz; does not wait."""
        with self._changed:
            if self.closed or self.error:
                return
            self._blocks.append(block)
            self._waiting += len(block)
            self._begun |= self.is_full
            self._changed.notify_all()

    def begin(self) -> None:
        """Lets the worker start: the first words have been found and come no later for it."""
        with self._changed:
            self._begun = True
            self._changed.notify_all()

    def end(self) -> None:
        """Says that no sound follows."""
        with self._changed:
            self._begun = self._ended = True
            self._changed.notify_all()

    @property
    def is_full(self) -> bool:
        """Whether so much sound waits that reading on should wait too."""
        return self._waiting >= to_samples(MOST_WAITING)

    @property
    def known(self) -> SpeakersSoFar:
        return self._known

    @property
    def settled(self) -> bool:
        """Whether the speakers are final, or will not be known."""
        return self._known.final or self.error is not None

    def wait(self, timeout: float) -> None:
        """Waits until there is something new or `timeout` seconds have passed. Raises ShuttingDown."""
        with self._changed:
            version = self._known.version
            self._changed.wait_for(
                lambda: self.shut_down or self.settled or self._known.version != version, timeout
            )
            if self.shut_down and not self.settled:
                raise ShuttingDown()

    def next_step(self) -> Literal["add", "finish", "close"] | None:
        """Returns what the worker can do for this recording now."""
        if self.closed:
            return "close"
        if self.settled or not self._begun:
            return None
        if self._waiting >= to_samples(STEP) or (self._waiting and self._ended):
            return "add"
        return "finish" if self._ended else None

    def run(self, step: Literal["add", "finish"], session: DiarizationSession) -> None:
        """Takes one step with the session. Raises what the session raises."""
        self._session = session
        if step == "finish":
            self._publish(session.finish(), final=True)
            self.release()
            return
        with self._changed:
            samples = self._take()
        session.add(samples)
        self._heard += len(samples)
        seconds = self._heard / SAMPLE_RATE
        if seconds >= self._next_look and not self.closed:
            self._publish(session.current(), final=False)
            self._next_look = seconds + max(FIRST_LOOK, FURTHER_LOOK * seconds)

    @property
    def session(self) -> DiarizationSession | None:
        """The session of the recording; None before its first step and after the last one."""
        return self._session

    def fail(self, error: Exception) -> None:
        """Records why the speakers will not be known."""
        with self._changed:
            self.error = error
            self._changed.notify_all()
        self.release()

    def release(self) -> None:
        """Drops the sound and the session."""
        with self._changed:
            session, self._session = self._session, None
            self._blocks.clear()
            self._waiting = 0
        if session is not None:
            session.close()

    def _publish(self, diarization: Diarization, final: bool) -> None:
        with self._changed:
            heard_until = self._heard / SAMPLE_RATE
            self._known = SpeakersSoFar(diarization, heard_until, self._known.version + 1, final)
            self._changed.notify_all()

    def _take(self) -> np.ndarray:
        """Removes the samples of one step from the queue."""
        wanted, taken = to_samples(STEP), []
        while wanted and self._blocks:
            block = self._blocks.popleft()
            if len(block) > wanted:
                self._blocks.appendleft(block[wanted:])
                block = block[:wanted]
            wanted -= len(block)
            taken.append(block)
        self._waiting -= sum(map(len, taken))
        self._changed.notify_all()  # there is room again
        return np.concatenate(taken) if taken else np.zeros(0, np.float32)
