"""One ffmpeg at work on one file that nobody vouches for: found, fenced in, its log understood.

The file is handed over as an open descriptor and read as /dev/stdin, so that no name can be taken for
an option, a protocol or a line of the log, and nothing can be put in the file's place meanwhile.
"""

from __future__ import annotations

import errno
import os
import re
import selectors
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, BinaryIO, Self

from engine.config import Config
from engine.errors import Busy, FfmpegMissing, OutOfMemory, SetupError, WordlightError
from engine.media.decode_memory import DecodePlace
from engine.media.fence import Fence, fence_for
from engine.media.ffmpeg_exit import Exit, exit_of, too_slow, wait_for

# Demuxers of recordings. None of them opens a second file: no playlists (hls, dash, concat, imf, sdp),
# no picture sequences, no devices. External tracks in mov are off unless asked for.
DEMUXERS = (
    "3gp,aac,ac3,act,aiff,amr,ape,asf,au,avi,caf,dsf,dts,dtshd,dv,eac3,flac,flv,g722,gsm,gxf,iff,ircam,loas,"
    "matroska,mlp,mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nut,ogg,oma,paf,qcp,rm,rso,shn,sox,tak,"
    "truehd,tta,voc,w64,wav,webm,wtv,wv,xwma"
)

MORE_CPU_SECONDS = 60  # on top of a quarter of the longest recording's seconds
CPU_PER_SECOND = 0.25  # the slowest codecs decode at some ten times the speed of speech
_GRACE_CPU_SECONDS = 10  # between SIGXCPU, on which ffmpeg ends in order, and SIGKILL
_LINE_BYTES = 4096  # longest part of a log line that is looked at
_ERRORS_KEPT = 20

# What the system says of a program that is not there, or not one that this machine can run.
_NO_PROGRAM = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENOEXEC}
_TOO_MANY = {errno.EAGAIN, errno.EMFILE, errno.ENFILE}  # processes or open files, of this server or in all

_ERROR = re.compile(r"(?:\[[^]]* @ 0x[0-9a-f]+\] )*\[(?:error|fatal|panic)\] (.*)")
_LOADER_ERROR = re.compile(r".*error while loading shared libraries: .*")
_WARNING = re.compile(r"(?:\[[^]]* @ 0x[0-9a-f]+\] )*\[warning\] (.*)")
_DURATION = re.compile(r"\[info\]   Duration: (\d+):(\d\d):(\d\d\.\d+)")
_STREAM = re.compile(r"\[info\] +Stream #0:\d+(?:\[0x[0-9a-f]+\])?(?:\([^)]*\))?: (Audio|Video): (.*)")
_SIGNAL = re.compile(r"\[info\] Exiting normally, received signal (\d+)\.")
_UNNAMED = re.compile(r", (\d+) channels(?:,|$)")  # else "stereo", "5.1" or "3 channels (FL+FR+LFE)"
# The first is said by ffmpeg 4 and 5, the others by later ones.
_UNDECODABLE = ("Error while decoding stream", "Error submitting packet to decoder", "Decoding error")


def find_ffmpeg() -> str:
    """Returns the ffmpeg on PATH, else the one that the package imageio-ffmpeg carries.

    Raises FfmpegMissing where there is neither.
    """
    if found := shutil.which("ffmpeg"):
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        raise _missing("ffmpeg, the program that reads media files, is not installed here.") from None


class FfmpegLog:
    """What ffmpeg said on stderr, reduced line by line to what matters, however long it grows.

    opened     a demuxer took the file
    duration   seconds, None where the file does not say
    estimated  the duration was guessed from the bit rate
    audio      there is an audio stream, and `codec` is the first one's
    tracks     how many channels that one has where their positions are not named, else 0
    video      there is a video stream that is no cover picture
    errors     first messages of level error or worse
    undecodable, corrupt   how many packets could not be decoded, or were cut short
    signal     the number of the one that ffmpeg ended on in order, 0 if it did on none
    """

    def __init__(self) -> None:
        self.opened = self.estimated = self.audio = self.video = False
        self.duration: float | None = None
        self.codec = ""
        self.tracks = 0
        self.errors: list[str] = []
        self.undecodable = self.corrupt = self.signal = 0
        self._in_input = False  # between "Input #0" and "Stream mapping", where the file is described
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[:_LINE_BYTES]
        for line in lines:
            self._read(line[:_LINE_BYTES].decode(errors="replace"))

    def find_error(self, pattern: str) -> re.Match[str] | None:
        """Finds a regular expression in the errors."""
        return re.search(pattern, "\n".join(self.errors))

    def _read(self, line: str) -> None:
        if error := _ERROR.match(line):
            self._note(error[1])
        elif _LOADER_ERROR.match(line):
            self._note(line)
        elif warning := _WARNING.match(line):
            self._weigh(warning[1])
        elif line.startswith("[info] Input #0, "):
            self.opened = self._in_input = True
        elif line.startswith(("[info] Stream mapping:", "[info] Output #0, ")):
            self._in_input = False
        elif self._in_input:
            self._describe(line)
        elif ended := _SIGNAL.match(line):
            self.signal = int(ended[1])

    def _note(self, error: str) -> None:
        self.undecodable += any(sign in error for sign in _UNDECODABLE)
        if len(self.errors) < _ERRORS_KEPT:
            self.errors.append(error)

    def _weigh(self, warning: str) -> None:
        self.estimated |= warning.startswith("Estimating duration from bitrate")
        self.corrupt += "corrupt input packet" in warning or "filesize and duration do not match" in warning

    def _describe(self, line: str) -> None:
        if self.duration is None and (found := _DURATION.match(line)):
            hours, minutes, seconds = found.groups()
            # Zero stands in headers that were written before the recording.
            self.duration = int(hours) * 3600 + int(minutes) * 60 + float(seconds) or None
        elif stream := _STREAM.match(line):
            kind, description = stream.groups()
            if kind == "Audio" and not self.audio:
                self.tracks = int(unnamed[1]) if (unnamed := _UNNAMED.search(description)) else 0
                self.audio, self.codec = True, re.split(r"\W", description, maxsplit=1)[0]
            self.video |= kind == "Video" and "(attached pic)" not in description


class Ffmpeg:
    """A running ffmpeg whose input is an open file; `with` ends and reaps it whatever happens.

    It may read that file and write to its pipes, and where the system can (engine/media/fence.py) nothing else. Its
    address space, its CPU time and the time that it keeps a reader waiting are bounded; `place` bounds the memory that
    it holds beside others.

    Raises FfmpegMissing if there is no ffmpeg that runs here, Busy or OutOfMemory if the system has no room for
    another process, SetupError if a fence is required and there is none.
    """

    def __init__(
        self, media: BinaryIO, config: Config, output: Sequence[str], place: DecodePlace | None = None
    ) -> None:
        command = [find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+info"]
        # One thread: sound gains nothing from more, and each takes address space for its stack and heap.
        command += ["-threads", "1", "-protocol_whitelist", "file,pipe", "-format_whitelist", DEMUXERS]
        # More than two channels without named positions are not taken for surround sound.
        command += ["-guess_layout_max", "2", "-i", "file:/dev/stdin", *output]
        self.log = FfmpegLog()
        self._stall = config.decode_stall
        self._killed = False
        self._place = place or DecodePlace()
        self._cpu_limit = MORE_CPU_SECONDS + int(config.max_seconds * CPU_PER_SECOND)
        env = _environment()
        fence = fence_for(command[0], config.fence, env)
        try:
            self._process = fence.start(command, media, env)
        except OSError as error:
            raise _not_started(error) from error
        _limit(self._process.pid, config.decode_memory, self._cpu_limit, self._place.limit)
        self._place.watch(self._process.pid, self.kill)
        self._pipes = selectors.DefaultSelector()
        for pipe in (self._process.stdout, self._process.stderr):
            self._pipes.register(pipe, selectors.EVENT_READ)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._place.unwatch()
        self.kill()
        self._process.__exit__(None, None, None)  # closes the pipes and reaps
        self._pipes.close()

    def kill(self) -> None:
        """Ends ffmpeg at once; may be called from any thread."""
        self._killed = True
        self._process.kill()

    def read(self, buffer: memoryview) -> int:
        """Fills the buffer; returns the bytes read, fewer than asked for only once ffmpeg is done.

        Between calls ffmpeg waits, for as long as the caller likes.
        Raises DecodeLimitExceeded where it gives nothing for `config.decode_stall` seconds of reading.
        """
        filled = 0
        deadline = time.monotonic() + self._stall
        while filled < len(buffer) and self._pipes.get_map():
            ready = self._pipes.select(max(0.0, deadline - time.monotonic()))
            for key, _ in ready:
                # Only here is the log read: no thread, no deadlock, and what ffmpeg said before it gave
                # these samples is known with them.
                if key.fileobj is self._process.stdout:
                    got = os.readv(key.fd, [buffer[filled:]])
                    filled += got
                    deadline = time.monotonic() + self._stall
                else:
                    text = os.read(key.fd, 65536)
                    self.log.feed(text)
                    got = len(text)
                if not got:
                    self._pipes.unregister(key.fileobj)
            if time.monotonic() > deadline:
                raise too_slow()
        return filled

    def finish(self) -> Exit:
        """Returns how ffmpeg ended; to be called once `read` came back short. Raises DecodeLimitExceeded."""
        self._place.unwatch()
        try:
            status, cpu = wait_for(self._process, self._stall)
        except subprocess.TimeoutExpired:
            raise too_slow() from None
        return exit_of(status, self.log.signal, self._killed, cpu, self._cpu_limit)


def build_fence(config: Config) -> None:
    """Tries the fence around ffmpeg, so that the log tells at start what it lacks, and no recording waits for it.

    Raises SetupError if a whole fence is required and there is none.
    """
    try:
        program = find_ffmpeg()
    except FfmpegMissing:  # said to whoever sends a recording
        return
    fence_for(program, config.fence, _environment())


def media_fence(config: Config) -> dict[str, Any]:
    """Returns what GET /health tells of the fence around ffmpeg; see `Fence.report`."""
    try:
        return fence_for(find_ffmpeg(), config.fence, _environment()).report()
    except SetupError as error:
        return Fence(reason=str(error)).report()


def _not_started(error: OSError) -> WordlightError | OSError:
    """Returns what is to be raised; an error that the installation does not explain is a bug."""
    if error.errno in _NO_PROGRAM:
        return _missing("ffmpeg, the program that reads media files, does not start here.")
    if error.errno in _TOO_MANY:
        return Busy("Too many programs or files are open here to read another recording.", "Try again soon.")
    if error.errno == errno.ENOMEM:
        return OutOfMemory()
    return error


def _missing(message: str) -> FfmpegMissing:
    hint = "Install it with `apt install ffmpeg`, `brew install ffmpeg` or `pip install imageio-ffmpeg`."
    return FfmpegMissing(message, hint)


def _environment() -> dict[str, str]:
    """Returns all that ffmpeg needs: no tokens, no FFREPORT, messages in English."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C"}


def _limit(pid: int, memory: int, cpu: int, data: int | None) -> None:
    """Bounds a process just started; a preexec_fn could deadlock where the parent has threads.

    Only Linux can do so from outside. Elsewhere, and in a sandbox that forbids it, the time limits alone hold.

    memory  bytes of address space
    cpu     seconds of computing
    data    bytes that it may allocate, None for no such limit
    """
    import resource

    if not hasattr(resource, "prlimit"):
        return
    limits = {
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (cpu, cpu + _GRACE_CPU_SECONDS),
        resource.RLIMIT_FSIZE: (0, 0),  # bytes written to any file; pipes are free
        resource.RLIMIT_CORE: (0, 0),
    }
    if data is not None:
        limits[resource.RLIMIT_DATA] = (data, data)
    with suppress(ProcessLookupError, PermissionError):
        for kind, values in limits.items():
            _, ceiling = resource.prlimit(pid, kind)
            least, most = (it if ceiling == resource.RLIM_INFINITY else min(it, ceiling) for it in values)
            resource.prlimit(pid, kind, (least, most))
