"""Classifies how an ffmpeg process ended, and makes the error for the user."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.errors import DecodeLimitExceeded, DecodingInterrupted

# itself     ended by itself, with or without success
# engine     ended by the engine, which does not read on
# limit      ended by the limit on its CPU time
# crash      ended by a fault of its own, or by an outside signal that looks like one
# outside    ended by a signal of the system (as when memory is short), an operator or another process
Cause = Literal["itself", "engine", "limit", "crash", "outside"]

CRASHES = frozenset(
    (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGSYS)
)
MANY_SIGNALS = 123  # ffmpeg's status after a fourth signal, if it has not acted on the first yet
WHOLE = "Take the original file, or export or upload it again."
CONVERT = "Convert it to WAV or MP3 and try again."

_CLOCK_SLACK = 0.25  # seconds; the CPU time that the system reports lags behind the one that the limit uses
_LONGEST_NAP = 0.05  # seconds between two checks of a process that is about to end


@dataclass(frozen=True, slots=True)
class Exit:
    """Holds an exit status (negative for a signal), its cause, and the signal or 0."""

    status: int
    cause: Cause
    signal: int = 0


def exit_of(status: int, logged_signal: int, killed: bool, cpu: float | None, cpu_limit: float) -> Exit:
    """Returns what ended the process.

    logged_signal  signal on which ffmpeg says that it ended in order; 0 if it names none
    killed         whether the engine killed the process
    cpu            CPU seconds used; None if unknown
    cpu_limit      CPU seconds after which the system sends SIGXCPU, then SIGKILL
    """
    number = -status if status < 0 else logged_signal if status else 0
    if killed:
        return Exit(status, "engine", number)
    if not number and status != MANY_SIGNALS:
        return Exit(status, "itself")
    if number in CRASHES:
        return Exit(status, "crash", number)
    # If the CPU time is unknown, the signal decides: as a rule only a limit sends SIGXCPU.
    used_up = number == signal.SIGXCPU if cpu is None else cpu >= cpu_limit - _CLOCK_SLACK
    if used_up and number in (signal.SIGXCPU, signal.SIGKILL, 0):
        return Exit(status, "limit", number)
    return Exit(status, "outside", number)


def wait_for(process: subprocess.Popen, seconds: float) -> tuple[int, float | None]:
    """Waits for a process to end; returns its status and CPU seconds (None: unknown).

    Raises subprocess.TimeoutExpired after `seconds`.
    """
    cpu = None
    if hasattr(os, "waitid"):
        deadline, nap = time.monotonic() + seconds, 0.0005
        try:
            # The system reports CPU times only until the process is reaped.
            while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
                if time.monotonic() > deadline:
                    raise subprocess.TimeoutExpired(process.args, seconds)
                time.sleep(nap)
                nap = min(2 * nap, _LONGEST_NAP)
            cpu = cpu_seconds(process.pid)
        except ChildProcessError:  # another thread has reaped it
            pass
    return process.wait(seconds), cpu


def cpu_seconds(process: int) -> float | None:
    """Returns the CPU seconds that a process has used; None if unknown."""
    try:
        # The process name comes first and may hold anything, even a bracket.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def interrupted(end: Exit) -> DecodingInterrupted:
    """Returns the error for a process that was ended from outside."""
    by = f" by signal {end.signal}" if end.signal else ""
    return DecodingInterrupted(
        f"Reading this recording was interrupted: ffmpeg was ended from outside{by}.",
        "Try again; if it happens again, the server may be short of memory.",
    )


def over_limit() -> DecodeLimitExceeded:
    """Returns the error for a file that exceeds the memory or CPU limit."""
    return DecodeLimitExceeded("Reading this file takes more memory or time than is allowed here.", CONVERT)


def too_slow() -> DecodeLimitExceeded:
    """Returns the error for a file on which ffmpeg stalls."""
    return DecodeLimitExceeded("Reading this file took too long.", CONVERT)
