"""The end of the app on SIGTERM: one deadline for all parts, which are told first and joined last.

at once         new work is refused and `/health/ready` answers 503; bodies under way are answered 503
                `closed`; whoever waits in gradio's line is told
after a grace   recordings still at work are ended, and those who wait for them are told
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

import gradio as gr
from gradio.tunneling import CURRENT_TUNNELS

from engine import Engine
from engine.http.closing import shutting_down
from engine.http.connections import Connections

# Parts of the seconds in all; the rest is for closing the server.
GRACE = 6 / 9  # that recordings at work have to come to their end
LAST_BATCH = 1 / 9  # that the batch at work is waited for then
ANSWERING = 1 / 9  # that the last answers have to leave

_log = logging.getLogger("wordlight")


class Shutdown:
    """The handler of SIGTERM, which ends the process with exit code 0 within `seconds`."""

    def __init__(self, engine: Engine, connections: Connections, demo: gr.Blocks, seconds: float) -> None:
        self._engine = engine
        self._connections = connections
        self._demo = demo
        self._seconds = seconds
        self._begun = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        if self._begun:  # who is told twice ends no sooner
            return
        self._begun = True
        deadline = time.monotonic() + self._seconds
        threading.Thread(target=_end_at, args=(deadline,), name="deadline", daemon=True).start()
        self._engine.refuse()
        _log.info("shutting down within %g seconds", self._seconds)
        self._connections.refuse_bodies(shutting_down())
        self._engine.close(GRACE * self._seconds, LAST_BATCH * self._seconds)
        time.sleep(ANSWERING * self._seconds)
        self._demo.close(verbose=False)
        _leave()


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
