"""Runs one ffmpeg on one untrusted file, in a fence, and reads its log.

ffmpeg gets the file as an open descriptor and reads it as /dev/stdin. So no file name can act as an option, a
protocol or a line of the log, and the file cannot be replaced meanwhile.
"""

from __future__ import annotations

import errno
import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Sequence
from typing import Any, BinaryIO, Self

from engine.config import Config
from engine.errors import Busy, FfmpegMissing, OutOfMemory, SetupError, WordlightError
from engine.media.fence import Fence, fence_for
from engine.media.ffmpeg_exit import Exit, exit_of, too_slow, wait_for
from engine.media.ffmpeg_log import FfmpegLog
from engine.media.ffmpeg_memory import MemorySlot
from engine.media.process_limits import limit_process

# Demuxers of recordings. No demuxer here opens a second file: no playlists (hls, dash, concat, imf, sdp),
# no picture sequences, no devices. External tracks in mov are off unless asked for.
DEMUXERS = (
    "3gp,aac,ac3,act,aiff,amr,ape,asf,au,avi,caf,dsf,dss,dts,dtshd,dv,eac3,flac,flv,g722,gsm,gxf,iff,ircam,loas,"
    "matroska,mlp,mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nut,ogg,oma,paf,qcp,rm,rso,shn,sox,tak,"
    "truehd,tta,voc,w64,wav,webm,wtv,wv,xwma"
)

MORE_CPU_SECONDS = 60  # CPU seconds beyond CPU_PER_SECOND times the longest recording
CPU_PER_SECOND = 0.25  # CPU seconds; the slowest codecs decode at about ten times real time
_CHUNK_BYTES = 65536  # most that is read at a time

# Errors for a program that is missing or that this machine cannot run.
_NO_PROGRAM = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENOEXEC}
# Errors for too many processes or open files, in this server or on the machine.
_TOO_MANY = {errno.EAGAIN, errno.EMFILE, errno.ENFILE}


def find_ffmpeg() -> str:
    """Returns the path of ffmpeg: on PATH, or in the package imageio-ffmpeg.

    Raises FfmpegMissing if neither is there.
    """
    if found := shutil.which("ffmpeg"):
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        raise _missing("ffmpeg, the program that reads media files, is not installed here.") from None


class Ffmpeg:
    """Runs ffmpeg on an open file; leaving `with` always ends and reaps the process.

    ffmpeg may read that file and write to its pipes, and nothing else if the system supports a fence
    (engine/media/fence.py). Limits apply to its address space, its CPU time and the time between two outputs.
    `arguments` name the input and the output, see reading_plan.py; `slot` limits the memory that it holds beside other
    processes.

    Raises FfmpegMissing if no ffmpeg runs here, Busy or OutOfMemory if the system has no room for another
    process, SetupError if a fence is required and there is none.
    """

    def __init__(
        self, media: BinaryIO, config: Config, arguments: Sequence[str], slot: MemorySlot | None = None
    ) -> None:
        command = [find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+info"]
        # One thread: more do not speed up audio, and each takes address space for its stack and heap.
        command += ["-threads", "1", "-format_whitelist", DEMUXERS, *arguments]
        self.log = FfmpegLog()
        self._stall = config.ffmpeg_stall
        self._killed = False
        self._slot = slot or MemorySlot()
        self._cpu_limit = MORE_CPU_SECONDS + int(config.max_seconds * CPU_PER_SECOND)
        env = environment()
        fence = fence_for(command[0], config.fence, env)
        try:
            self._process = fence.start(command, media, env)
        except OSError as error:
            raise _not_started(error) from error
        limit_process(
            self._process.pid, memory=config.ffmpeg_memory, cpu=self._cpu_limit, data=self._slot.limit
        )
        self._slot.watch(self._process.pid, self.kill)
        self._pipes = selectors.DefaultSelector()
        for pipe in (self._process.stdout, self._process.stderr):
            self._pipes.register(pipe, selectors.EVENT_READ)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._slot.unwatch()
        self.kill()
        self._process.__exit__(None, None, None)  # closes the pipes and reaps
        self._pipes.close()

    def kill(self) -> None:
        """Ends ffmpeg at once; safe from any thread."""
        self._killed = True
        self._process.kill()

    def read(self) -> bytes:
        """Returns the next bytes of the output; none at its end.

        ffmpeg waits between two calls, however long.
        Raises DecodeLimitExceeded if ffmpeg writes nothing for `config.ffmpeg_stall` seconds of reading.
        """
        deadline = time.monotonic() + self._stall
        while self._pipes.get_map():
            ready = self._pipes.select(max(0.0, deadline - time.monotonic()))
            output = b""
            for key, _ in ready:
                # The log is read only here: this needs no thread and cannot deadlock, and all messages that
                # ffmpeg wrote before these samples are known with them.
                got = os.read(key.fd, _CHUNK_BYTES)
                if not got:
                    self._pipes.unregister(key.fileobj)
                elif key.fileobj is self._process.stdout:
                    output = got
                else:
                    self.log.feed(got)
            if output:
                return output
            if time.monotonic() > deadline:
                raise too_slow()
        return b""

    def finish(self) -> Exit:
        """Returns how ffmpeg ended, after a short `read`. Raises DecodeLimitExceeded."""
        self._slot.unwatch()
        try:
            status, cpu = wait_for(self._process, self._stall)
        except subprocess.TimeoutExpired:
            raise too_slow() from None
        return exit_of(status, self.log.signal, self._killed, cpu=cpu, cpu_limit=self._cpu_limit)


def build_fence(config: Config) -> None:
    """Builds the fence at start, so that the log names gaps and no recording waits.

    Raises SetupError if a whole fence is required and there is none.
    """
    try:
        program = find_ffmpeg()
    except FfmpegMissing:  # each recording then fails with this error
        return
    fence_for(program, config.fence, environment())


def media_fence(config: Config) -> dict[str, Any]:
    """Returns the state of ffmpeg's fence for GET /health; see `Fence.report`."""
    try:
        return fence_for(find_ffmpeg(), config.fence, environment()).report()
    except SetupError as error:
        return Fence(reason=str(error)).report()


def _not_started(error: OSError) -> WordlightError | OSError:
    """Returns the error to raise; one that the installation does not explain is a bug."""
    if error.errno in _NO_PROGRAM:
        return _missing("ffmpeg, the program that reads media files, does not start here.")
    if error.errno in _TOO_MANY:
        return Busy(
            "The server has too many programs or files open to read this recording.", "Try again soon."
        )
    if error.errno == errno.ENOMEM:
        return OutOfMemory()
    return error


def _missing(message: str) -> FfmpegMissing:
    hint = "Install it with `apt install ffmpeg`, `brew install ffmpeg` or `pip install imageio-ffmpeg`."
    return FfmpegMissing(message, hint)


def environment() -> dict[str, str]:
    """Returns ffmpeg's whole environment: no tokens, no FFREPORT, English messages."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C"}
