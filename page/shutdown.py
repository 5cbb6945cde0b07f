"""The end of the app on SIGTERM: one deadline for all parts, which are told first and joined last.

at once         jobs at work go back into the queue; new work is refused and `/health/ready` answers 503;
                bodies under way are answered 503
                `closed`; events that wait in gradio's queue end with the same error
after a grace   recordings still at work end with that error at their next batch, or after the last batch if
                a step of theirs takes longer; so do the events of gradio's queue
then            the server closes when the last answers have left
at the deadline the process ends, whatever still runs
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from types import FrameType
from typing import NoReturn

from gradio.tunneling import CURRENT_TUNNELS

from engine import Engine
from jobs.service import Jobs
from page.gradio_patches.queue import Listeners, QueuedBlocks
from server.closing import shutting_down
from server.connections import Connections
from server.data_folder import DataFolder

# Parts of the seconds in all; the rest is for closing the server.
GRACE = 6 / 9  # that recordings at work have to come to their end
LAST_BATCH = 1 / 9  # that the batch at work is waited for then
ANSWERING = 1 / 9  # that the last answers have to leave
CLOSING = 1 / 18  # that closing the server takes
LOOK_SECONDS = 0.05  # between two looks at whether the last answers have left

_log = logging.getLogger("wordlight")


class Shutdown:
    """The handler of SIGTERM, which ends the process with exit code 0 within `seconds`."""

    def __init__(
        self,
        engine: Engine,
        connections: Connections,
        demo: QueuedBlocks,
        listeners: Listeners,
        folder: DataFolder,
        jobs: Jobs,
        seconds: float,
    ) -> None:
        self._engine = engine
        self._connections = connections
        self._demo = demo
        self._listeners = listeners
        self._folder = folder
        self._jobs = jobs
        self._seconds = seconds
        self._begun = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        if self._begun:  # who is told twice ends no sooner
            return
        self._begun = True
        deadline = time.monotonic() + self._seconds
        threading.Thread(target=_end_at, args=(deadline,), name="deadline", daemon=True).start()
        self._engine.refuse()
        # Whatever a job has finished is stored: the seconds that are left are for callers who wait.
        self._jobs.close(wait=0.0)
        _log.info("shutting down within %g seconds", self._seconds)
        self._connections.refuse_bodies(shutting_down())
        self._engine.close(GRACE * self._seconds, LAST_BATCH * self._seconds)
        self._demo.end_events(shutting_down())
        time.sleep(ANSWERING * self._seconds)
        self._wait_for_streams(deadline - CLOSING * self._seconds)
        self._demo.close(verbose=False)
        self._folder.close()  # the uploads of work that has not come to its end
        _leave()

    def _wait_for_streams(self, until: float) -> None:
        """Waits until gradio's streams have ended: a busy server needs longer to write their last messages."""
        while self._listeners and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)


def _end_at(deadline: float) -> NoReturn:
    """Ends the process at a time, without a word: who reads the log may be what everything waits for."""
    time.sleep(max(0.0, deadline - time.monotonic()))
    os._exit(0)


def _leave() -> NoReturn:
    """Ends the process without taking the interpreter down.

    That would wait for threads, and crash where one of them is inside a model's native code.
    """
    for tunnel in CURRENT_TUNNELS:
        tunnel.kill()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
