"""Fences ffmpeg in: no network, and no file but its libraries and the recording.

Landlock and seccomp bind a thread and the processes that it starts. So a thread of its own gives up all
rights, starts the process, and ends. This needs no launcher process, and the server keeps its rights.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from _thread import start_new_thread
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO, TypeVar

from engine.errors import OutOfMemory, SetupError
from engine.log import LOGGER
from engine.media import landlock, seccomp

T = TypeVar("T")

_LIBRARIES = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64",
    "/nix/store", "/gnu/store",
)  # fmt: skip
_FURTHER_FILES = (
    "/etc/ld.so.cache", "/etc/ld.so.preload",
    "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
    "/sys/devices/system/cpu",  # the number of CPUs
)  # fmt: skip
_SHELLS = ("/bin", "/usr/bin")  # for an ffmpeg that is a script around the real one
_READ, _RUN = landlock.READ_FILE, landlock.READ_FILE | landlock.EXECUTE
_LINK = _RUN | landlock.READ_FOLDER
BEGIN_SECONDS = 10.0  # longest wait for a thread to begin on a busy machine
_PATIENCE = 30  # seconds that a program may take to print its version

_starting = threading.Lock()  # garbage collection is switched off for one start at a time


@dataclass(frozen=True, slots=True)
class Fence:
    """Describes the rights that a program is started with.

    readable  (descriptor, rights) of all files beside the recording that the program may open; None is all
    filtered  whether system calls for the network and for writing are refused
    reason    why the fence has a gap; None if it has none
    """

    readable: tuple[tuple[int, int], ...] | None = None
    filtered: bool = False
    reason: str | None = None

    @property
    def whole(self) -> bool:
        """Returns whether the fence has no gap."""
        return self.readable is not None and self.filtered

    def report(self) -> dict[str, Any]:
        """Returns the fence's part of GET /health; True means closed to ffmpeg."""
        by = {"landlock": self.readable is not None, "seccomp": self.filtered}
        return {
            "network": self.filtered,
            "files": self.readable is not None,
            "writing": self.filtered or self.readable is not None,
            "by": "+".join(name for name, used in by.items() if used) or None,
            "reason": self.reason,
        }

    def start(self, command: Sequence[str], media: BinaryIO, env: Mapping[str, str]) -> subprocess.Popen:
        """Starts a program with the file on its stdin and pipes on its stdout and stderr.

        Raises OSError if the program cannot be started, SetupError if it cannot be fenced in.
        """

        def start() -> subprocess.Popen:
            # A session of its own: Ctrl-C in the server's terminal must not cut the recording short.
            return subprocess.Popen(
                command,
                stdin=media,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=env,
                cwd="/",
                start_new_session=True,
            )

        if self.readable is None and not self.filtered:
            return start()
        # Opened for each start, since an upgrade may replace the program's file.
        with _opened(os.path.realpath(command[0])) as program, _starting, _no_collection():

            def start_within() -> subprocess.Popen:
                self._enter([*((path, _RUN) for path in program), *_readable_by_name(media)])
                return start()

            return _in_a_thread(start_within)

    def _enter(self, further: Sequence[tuple[int, int]]) -> None:
        """Takes from this thread all files but the readable ones and `further`.

        Raises SetupError.
        """
        try:
            seccomp.promise_no_new_privileges()
            if self.readable is not None:
                landlock.give_up([*self.readable, *further])
            if self.filtered:
                seccomp.give_up()
        except OSError as error:
            raise SetupError(
                f"ffmpeg could not be fenced in: {error.strerror}.",
                "Set WORDLIGHT_FENCE to off to run ffmpeg without a fence.",
            ) from error


def fence_for(program: str, mode: str, env: Mapping[str, str]) -> Fence:
    """Returns the best fence in which the program runs here.

    mode  the setting WORDLIGHT_FENCE

    Raises SetupError if a whole fence is required and there is none.
    """
    if mode == "off":
        return Fence(reason="WORDLIGHT_FENCE is off.")
    fence = _best(program, tuple(sorted(env.items())))
    if mode == "require" and not fence.whole:
        raise SetupError(
            f"ffmpeg cannot be fenced in on this machine: {fence.reason}",
            "Set WORDLIGHT_FENCE to auto to run it with the gap.",
        )
    return fence


@cache
def _best(program: str, env: tuple[tuple[str, str], ...]) -> Fence:
    """Builds and tries the fence once per program, and leaves out the parts that fail."""
    fence, missing = Fence(), []
    if sys.platform == "linux" and landlock.version():
        fence = replace(fence, readable=_readable(program, dict(env)))
    else:
        missing.append("this kernel has no Landlock, so that files stay readable")
    if seccomp.available():
        fence = replace(fence, filtered=True)
    else:
        missing.append("this machine has no seccomp, so that the network stays reachable")
    if not _runs(fence, program, env) and _runs(Fence(), program, env):
        fence, problem = _without_what_fails(fence, program, env)
        missing.append(problem)
    if missing:
        fence = replace(fence, reason="; ".join(missing) + ".")
        LOGGER.warning("ffmpeg is not wholly fenced in: %s", fence.reason)
    return fence


def _without_what_fails(fence: Fence, program: str, env: tuple[tuple[str, str], ...]) -> tuple[Fence, str]:
    if _runs(open_files := replace(fence, readable=None), program, env):
        return open_files, "ffmpeg does not start within Landlock, so that files stay readable"
    if _runs(open_network := replace(fence, filtered=False), program, env):
        return open_network, "ffmpeg does not start within seccomp, so that UDP stays reachable"
    return Fence(), "ffmpeg does not start within Landlock or seccomp"


def _runs(fence: Fence, program: str, env: tuple[tuple[str, str], ...]) -> bool:
    """Returns whether the program prints its version within the fence."""
    try:
        with (
            open(os.devnull, "rb", buffering=0) as nothing,
            fence.start([program, "-version"], nothing, dict(env)) as process,
        ):
            try:
                process.communicate(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            return process.wait() == 0
    except (OSError, SetupError):
        return False


def _readable(program: str, env: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """Returns the paths that a dynamically linked program needs, with their rights.

    The descriptors stay open for the life of this process.
    """
    real = Path(program).resolve()
    # The folders beside the program's, as in a conda environment. Never their parent itself, which may be a
    # home directory.
    beside = [str(real.parent.parent / name) for name in ("lib", "lib64")]
    named = [path for path in env.get("LD_LIBRARY_PATH", "").split(":") if path.startswith("/")]
    wanted = dict.fromkeys([*_LIBRARIES, *beside, *named, *(_SHELLS if _is_script(real) else ())])
    folders = landlock.open_paths(path for path in wanted if Path(path).is_dir())
    return (
        *((descriptor, _LINK) for descriptor in folders),
        *((descriptor, _READ) for descriptor in landlock.open_paths(_FURTHER_FILES)),
    )


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _readable_by_name(media: BinaryIO) -> list[tuple[int, int]]:
    """Returns the right to open a file once more, as /dev/stdin; a pipe is never opened, and has no path."""
    return [(media.fileno(), _READ)] if S_ISREG(os.fstat(media.fileno()).st_mode) else []


@contextmanager
def _opened(path: str) -> Iterator[list[int]]:
    """Yields the path's descriptor in a list; an empty list if there is no such file."""
    descriptors = landlock.open_paths([path])
    try:
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pauses garbage collection, so that the restricted thread finalises no object."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _in_a_thread(work: Callable[[], T]) -> T:
    """Runs `work` in a new thread and returns its result.

    Raises OutOfMemory if the thread cannot begin. If memory is short, a thread can die before its first line
    without a report, so the wait has a limit.
    """
    result: Future[T] = Future()

    def run() -> None:
        if not result.set_running_or_notify_cancel():
            return
        try:
            result.set_result(work())
        except BaseException as error:
            result.set_exception(error)

    try:
        start_new_thread(run, ())
        return result.result(BEGIN_SECONDS)
    except TimeoutError:
        if result.cancel():
            raise OutOfMemory() from None
        return result.result(_PATIENCE)  # the thread is running, but slowly
    except RuntimeError as error:  # the system refuses another thread
        raise OutOfMemory() from error
