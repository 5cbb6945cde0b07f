"""The fence around ffmpeg: no network, no file but its own libraries and the recording.

Landlock and seccomp bind a thread and whatever it starts. So a process is started by a thread of its own that
has given everything up before and ends right after: no launcher has to start first, and the server keeps all
that it has.
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
    "/sys/devices/system/cpu",  # how many there are
)  # fmt: skip
_SHELLS = ("/bin", "/usr/bin")  # for an ffmpeg that is a script around the real one
_READ, _RUN = landlock.READ_FILE, landlock.READ_FILE | landlock.EXECUTE
_LINK = _RUN | landlock.READ_FOLDER
BEGIN_SECONDS = 10.0  # within which a thread begins, however busy the machine is
_PATIENCE = 30  # seconds that a program may take to tell its version

_starting = threading.Lock()  # garbage collection is switched off for one start at a time


@dataclass(frozen=True, slots=True)
class Fence:
    """What a program is started within.

    readable  (descriptor, rights) of all that it may open beside its recording; None leaves files open to it
    filtered  whether system calls are refused to it, which the network takes and writing
    reason    why something is left open, where it is
    """

    readable: tuple[tuple[int, int], ...] | None = None
    filtered: bool = False
    reason: str | None = None

    @property
    def whole(self) -> bool:
        return self.readable is not None and self.filtered

    def report(self) -> dict[str, Any]:
        """Returns what GET /health tells of the fence; True stands for what is closed to ffmpeg."""
        by = {"landlock": self.readable is not None, "seccomp": self.filtered}
        return {
            "network": self.filtered,
            "files": self.readable is not None,
            "writing": self.filtered or self.readable is not None,
            "by": "+".join(name for name, used in by.items() if used) or None,
            "reason": self.reason,
        }

    def start(self, command: Sequence[str], media: BinaryIO, env: Mapping[str, str]) -> subprocess.Popen:
        """Starts a program that reads the file on its standard input and has pipes for its output and log.

        Raises OSError if it cannot be started, SetupError if it cannot be fenced in.
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
        # Opened for each start, since an upgrade puts another file in the program's place.
        with _opened(os.path.realpath(command[0])) as program, _starting, _no_collection():

            def start_within() -> subprocess.Popen:
                self._enter([*((path, _RUN) for path in program), (media.fileno(), _READ)])
                return start()

            return _in_a_thread(start_within)

    def _enter(self, further: Sequence[tuple[int, int]]) -> None:
        """Takes from this thread all but what is readable to the program, and further files.

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
                "Set WORDLIGHT_FENCE to off to run it open.",
            ) from error


def fence_for(program: str, mode: str, env: Mapping[str, str]) -> Fence:
    """Returns the best fence that the program runs within here; `mode` is the setting WORDLIGHT_FENCE.

    Raises SetupError if a whole fence is required and there is none.
    """
    if mode == "off":
        return Fence(reason="WORDLIGHT_FENCE is off.")
    fence = _best(program, tuple(sorted(env.items())))
    if mode == "require" and not fence.whole:
        raise SetupError(
            f"ffmpeg cannot be fenced in on this machine: {fence.reason}",
            "Set WORDLIGHT_FENCE to auto to run it all the same.",
        )
    return fence


@cache
def _best(program: str, env: tuple[tuple[str, str], ...]) -> Fence:
    """Builds the fence once for each program, tries it, and leaves out what does not work."""
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
    """Returns whether the program tells its version within the fence."""
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
    """Returns what any program needs that is linked to libraries, and where this one may have its own.

    The descriptors stay open for as long as this process lives.
    """
    real = Path(program).resolve()
    # Beside the folder with the program, as in an environment of conda: never that folder's parent itself,
    # which may be somebody's home.
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


@contextmanager
def _opened(path: str) -> Iterator[list[int]]:
    """Gives the path's descriptor for a rule, or none where there is no such file."""
    descriptors = landlock.open_paths([path])
    try:
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keeps garbage, whichever thread left it, from being finalised by the thread that has given up files."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _in_a_thread(work: Callable[[], T]) -> T:
    """Does the work in a thread of its own, which ends with it.

    Raises OutOfMemory if the thread cannot begin. If memory is short, a thread can die before its first
    line, without a word to anybody, so this must not wait for it without end.
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
        return result.result(_PATIENCE)  # it is at work, if slowly
    except RuntimeError as error:  # the system has no further thread
        raise OutOfMemory() from error
