"""Ends the app on SIGTERM, within one deadline for all parts.

at once         running jobs go back into the queue; new work is refused and `/health/ready` responds 503; requests
                whose body is still arriving get 503
                `closed`; events that wait in gradio's queue end with the same error
after a grace   running transcriptions end with that error at their next batch, or after the last batch if a step
                takes longer; so do the events of gradio's queue
then            the server closes when the last responses have been sent
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

from page.app import App
from server.closing import shutting_down
from server.connections import Connections

# Shares of the time until the deadline; the rest is for closing the server.
GRACE = 6 / 9  # for running transcriptions to finish
LAST_BATCH = 1 / 9  # then for the current batch
ANSWERING = 1 / 9  # for sending the last responses
CLOSING = 1 / 18  # for closing the server
POLL_SECONDS = 0.05  # between two checks of whether the last responses have been sent

_log = logging.getLogger("wordlight")


class Shutdown:
    """The handler of SIGTERM, which ends the process with exit code 0 within `seconds`."""

    def __init__(self, app: App, connections: Connections, seconds: float) -> None:
        self._app = app
        self._connections = connections
        self._seconds = seconds
        self._begun = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        if self._begun:  # a second signal changes nothing
            return
        self._begun = True
        deadline = time.monotonic() + self._seconds
        threading.Thread(target=_end_at, args=(deadline,), name="deadline", daemon=True).start()
        self._app.engine.refuse()
        # The finished windows of a job are stored: the remaining seconds are for clients that wait.
        self._app.jobs.close(wait=0.0)
        _log.info("shutting down within %g seconds", self._seconds)
        self._connections.refuse_bodies(shutting_down())
        self._app.engine.close(GRACE * self._seconds, LAST_BATCH * self._seconds)
        self._app.demo.end_events(shutting_down())
        time.sleep(ANSWERING * self._seconds)
        self._wait_for_streams(deadline - CLOSING * self._seconds)
        self._app.demo.close(verbose=False)
        self._app.folder.close()  # deletes the uploads of unfinished work
        _leave()

    def _wait_for_streams(self, until: float) -> None:
        """Waits until gradio's streams have ended: a busy server needs longer to write their last messages."""
        while self._app.listeners and time.monotonic() < until:
            time.sleep(POLL_SECONDS)


def _end_at(deadline: float) -> NoReturn:
    """Ends the process at a time, without logging: a blocked log may be the reason for the delay."""
    time.sleep(max(0.0, deadline - time.monotonic()))
    os._exit(0)


def _leave() -> NoReturn:
    """Ends the process without finalizing the interpreter.

    Finalizing would wait for threads, and crash if one of them is inside a model's native code.
    """
    for tunnel in CURRENT_TUNNELS:
        tunnel.kill()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
