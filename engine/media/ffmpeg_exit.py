"""How an ffmpeg process ended, and what that means to the person whose recording it was reading."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.errors import DecodeLimitExceeded, DecodingInterrupted

# itself     by itself, with or without success
# engine     by the engine, which reads no further
# limit      by the CPU time that is allowed to it
# crash      by a fault of its own; or by a signal from outside that looks like one
# outside    by a signal of the system (such as the out-of-memory killer's), its operator or another process
Cause = Literal["itself", "engine", "limit", "crash", "outside"]

CRASHES = frozenset(
    (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGSYS)
)
MANY_SIGNALS = 123  # ffmpeg's status when it was sent a fourth signal before it came to act on the first
CONVERT = "Convert it to WAV or MP3 and try again."

_CLOCK_SLACK = 0.25  # seconds by which the times that a process tells lag behind those that its limit goes by
_LONGEST_NAP = 0.05  # seconds between two looks at a process that is about to end


@dataclass(frozen=True, slots=True)
class Exit:
    """The exit status, negative for a signal, and what brought it about; `signal` is 0 if there was none."""

    status: int
    cause: Cause
    signal: int = 0


def exit_of(status: int, logged_signal: int, killed: bool, cpu: float | None, cpu_limit: float) -> Exit:
    """Works out what ended the process.

    logged_signal  the one that ffmpeg says it has ended on, which it then does in order; 0 if it says none
    killed         whether the engine has killed it
    cpu            seconds that it has computed, None if that is not known
    cpu_limit      seconds after which the system sends SIGXCPU, and soon afterwards SIGKILL
    """
    number = -status if status < 0 else logged_signal if status else 0
    if killed:
        return Exit(status, "engine", number)
    if not number and status != MANY_SIGNALS:
        return Exit(status, "itself")
    if number in CRASHES:
        return Exit(status, "crash", number)
    # What is not known of the time is decided by the signal alone: only a limit sends SIGXCPU as a rule.
    used_up = number == signal.SIGXCPU if cpu is None else cpu >= cpu_limit - _CLOCK_SLACK
    if used_up and number in (signal.SIGXCPU, signal.SIGKILL, 0):
        return Exit(status, "limit", number)
    return Exit(status, "outside", number)


def wait_for(process: subprocess.Popen, seconds: float) -> tuple[int, float | None]:
    """Waits for a process to end; returns its status and the CPU seconds that it took, if these are known.

    Raises subprocess.TimeoutExpired.
    """
    cpu = None
    if hasattr(os, "waitid"):
        deadline, nap = time.monotonic() + seconds, 0.0005
        try:
            # Left unreaped for a moment, a process still tells its times.
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
    """Returns the CPU seconds that a process has taken so far, None if the system does not say."""
    try:
        # The name before may hold anything, a bracket too.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def interrupted(end: Exit) -> DecodingInterrupted:
    """Returns the error for a process that was ended from outside, which says nothing of the recording."""
    by = f" by signal {end.signal}" if end.signal else ""
    return DecodingInterrupted(
        f"Reading this recording was interrupted: ffmpeg was ended from outside{by}.",
        "Try again; if it happens again, the server may be short of memory.",
    )


def over_limit() -> DecodeLimitExceeded:
    return DecodeLimitExceeded("Reading this file takes more memory or time than is allowed here.", CONVERT)


def too_slow() -> DecodeLimitExceeded:
    return DecodeLimitExceeded("Reading this file took too long.", CONVERT)
