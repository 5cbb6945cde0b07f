"""Runs one ffmpeg on one untrusted file, in a fence, and reads its log.

ffmpeg gets the file as an open descriptor and reads it as /dev/stdin. So no file name can act as an option, a
protocol or a line of the log, and the file cannot be replaced meanwhile.
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
from typing import Any, BinaryIO, Self

from engine.config import Config
from engine.errors import Busy, FfmpegMissing, OutOfMemory, SetupError, WordlightError
from engine.media.fence import Fence, fence_for
from engine.media.ffmpeg_exit import Exit, exit_of, too_slow, wait_for
from engine.media.ffmpeg_memory import MemorySlot
from engine.media.process_limits import limit_process

# Demuxers of recordings. No demuxer here opens a second file: no playlists (hls, dash, concat, imf, sdp),
# no picture sequences, no devices. External tracks in mov are off unless asked for.
DEMUXERS = (
    "3gp,aac,ac3,act,aiff,amr,ape,asf,au,avi,caf,dsf,dts,dtshd,dv,eac3,flac,flv,g722,gsm,gxf,iff,ircam,loas,"
    "matroska,mlp,mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nut,ogg,oma,paf,qcp,rm,rso,shn,sox,tak,"
    "truehd,tta,voc,w64,wav,webm,wtv,wv,xwma"
)

MORE_CPU_SECONDS = 60  # CPU seconds beyond CPU_PER_SECOND times the longest recording
CPU_PER_SECOND = 0.25  # CPU seconds; the slowest codecs decode at about ten times real time
_LINE_BYTES = 4096  # longest part of a log line that is parsed
_ERRORS_KEPT = 20

# Errors for a program that is missing or that this machine cannot run.
_NO_PROGRAM = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENOEXEC}
# Errors for too many processes or open files, in this server or on the machine.
_TOO_MANY = {errno.EAGAIN, errno.EMFILE, errno.ENFILE}

_ERROR = re.compile(r"(?:\[[^]]* @ 0x[0-9a-f]+\] )*\[(?:error|fatal|panic)\] (.*)")
_LOADER_ERROR = re.compile(r".*error while loading shared libraries: .*")
_WARNING = re.compile(r"(?:\[[^]]* @ 0x[0-9a-f]+\] )*\[warning\] (.*)")
_DURATION = re.compile(r"\[info\]   Duration: (\d+):(\d\d):(\d\d\.\d+)")
_STREAM = re.compile(r"\[info\] +Stream #0:\d+(?:\[0x[0-9a-f]+\])?(?:\([^)]*\))?: (Audio|Video): (.*)")
_SIGNAL = re.compile(r"\[info\] Exiting normally, received signal (\d+)\.")
_UNNAMED = re.compile(r", (\d+) channels(?:,|$)")  # otherwise "stereo", "5.1" or "3 channels (FL+FR+LFE)"
_STEREO = re.compile(r", (?:stereo|2 channels)\b")
# ffmpeg 4 and 5 write the first, later versions the others.
_UNDECODABLE = ("Error while decoding stream", "Error submitting packet to decoder", "Decoding error")


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


class FfmpegLog:
    """Parses ffmpeg's stderr line by line and keeps a bounded summary.

    opened     a demuxer took the file
    duration   seconds; None if the file does not state any
    estimated  ffmpeg guessed the duration from the bit rate
    audio      there is an audio track; `codec` is the codec of the first
    unnamed_channels  channels of the first audio track if their positions are not named, else 0
    stereo     that track has two channels, left and right
    video      there is a video track other than a cover picture
    errors     first messages of level error or worse
    undecodable, corrupt   number of packets that could not be decoded, or that were cut short
    signal     number of the signal on which ffmpeg ended in order; 0 if there was none
    """

    def __init__(self) -> None:
        self.opened = self.estimated = self.audio = self.stereo = self.video = False
        self.duration: float | None = None
        self.codec = ""
        self.unnamed_channels = 0
        self.errors: list[str] = []
        self.undecodable = self.corrupt = self.signal = 0
        self._in_input = False  # in the description of the file, between "Input #0" and "Stream mapping"
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Adds bytes of the log; a line may come in parts."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[:_LINE_BYTES]
        for line in lines:
            self._read(line[:_LINE_BYTES].decode(errors="replace"))

    def find_error(self, pattern: str) -> re.Match[str] | None:
        """Returns the first match of a regular expression in the errors."""
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
            # Headers that were written before the recording hold zero.
            self.duration = int(hours) * 3600 + int(minutes) * 60 + float(seconds) or None
        elif stream := _STREAM.match(line):
            kind, description = stream.groups()
            if kind == "Audio" and not self.audio:
                self.unnamed_channels = int(unnamed[1]) if (unnamed := _UNNAMED.search(description)) else 0
                self.stereo = bool(_STEREO.search(description))
                self.audio, self.codec = True, re.split(r"\W", description, maxsplit=1)[0]
            self.video |= kind == "Video" and "(attached pic)" not in description


class Ffmpeg:
    """Runs ffmpeg on an open file; leaving `with` always ends and reaps the process.

    ffmpeg may read that file and write to its pipes, and nothing else if the system supports a fence
    (engine/media/fence.py). Limits apply to its address space, its CPU time and the time between two outputs.
    `slot` limits the memory that it holds beside other processes.

    Raises FfmpegMissing if no ffmpeg runs here, Busy or OutOfMemory if the system has no room for another
    process, SetupError if a fence is required and there is none.
    """

    def __init__(
        self, media: BinaryIO, config: Config, output: Sequence[str], slot: MemorySlot | None = None
    ) -> None:
        command = [find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+info"]
        # One thread: more do not speed up audio, and each takes address space for its stack and heap.
        command += ["-threads", "1", "-protocol_whitelist", "file,pipe", "-format_whitelist", DEMUXERS]
        # Do not take more than two channels without named positions for surround sound.
        command += ["-guess_layout_max", "2", "-i", "file:/dev/stdin", *output]
        self.log = FfmpegLog()
        self._stall = config.ffmpeg_stall
        self._killed = False
        self._slot = slot or MemorySlot()
        self._cpu_limit = MORE_CPU_SECONDS + int(config.max_seconds * CPU_PER_SECOND)
        env = _environment()
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

    def read(self, buffer: memoryview) -> int:
        """Fills the buffer and returns the bytes read: fewer only at the output's end.

        ffmpeg waits between two calls, however long.
        Raises DecodeLimitExceeded if ffmpeg writes nothing for `config.ffmpeg_stall` seconds of reading.
        """
        filled = 0
        deadline = time.monotonic() + self._stall
        while filled < len(buffer) and self._pipes.get_map():
            ready = self._pipes.select(max(0.0, deadline - time.monotonic()))
            for key, _ in ready:
                # The log is read only here: this needs no thread and cannot deadlock, and all messages that
                # ffmpeg wrote before these samples are known with them.
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
    fence_for(program, config.fence, _environment())


def media_fence(config: Config) -> dict[str, Any]:
    """Returns the state of ffmpeg's fence for GET /health; see `Fence.report`."""
    try:
        return fence_for(find_ffmpeg(), config.fence, _environment()).report()
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


def _environment() -> dict[str, str]:
    """Returns ffmpeg's whole environment: no tokens, no FFREPORT, English messages."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C"}
