"""Parses ffmpeg's log: what the file is, what it holds, and what went wrong."""

from __future__ import annotations

import re

from engine.media.audio_tracks import AudioTrack

_LINE_BYTES = 4096  # longest part of a log line that is parsed
_ERRORS_KEPT = 20
_MAX_TRACKS = 100  # that are listed, as many as the option `track` takes
_WITHOUT_DURATION = ("mpegts", "mpeg")  # containers that state none: it is the last time less the first

_ERROR = re.compile(r"(?:\[[^]]* @ 0x[0-9a-f]+\] )*\[(?:error|fatal|panic)\] (.*)")
_LOADER_ERROR = re.compile(r".*error while loading shared libraries: .*")
_WARNING = re.compile(r"(?:\[[^]]* @ 0x[0-9a-f]+\] )*\[warning\] (.*)")
_INPUT = re.compile(r"\[info\] Input #0, ([\w,]+), from ")
_DURATION = re.compile(r"\[info\]   Duration: (?:(\d+):(\d\d):(\d\d\.\d+)|N/A)(?:, start: (-?[\d.]+))?")
_STREAM = re.compile(
    r"\[info\] +Stream #0:\d+(?:\[0x[0-9a-f]+\])?(?:\(([^)]*)\))?(?:\[0x[0-9a-f]+\])?: (Audio|Video): (.*)"
)
_SIGNAL = re.compile(r"\[info\] Exiting normally, received signal (\d+)\.")
# ffmpeg 4 and 5 write the first, later versions the others.
_UNDECODABLE = ("Error while decoding stream", "Error submitting packet to decoder", "Decoding error")


class FfmpegLog:
    """Parses ffmpeg's stderr line by line and keeps a bounded summary.

    container  ffmpeg's names of the container, such as "matroska,webm"; empty until a demuxer took the file
    guessed    ffmpeg took the file's kind from little: it may be another
    duration   seconds; None if the file does not state any
    estimated  ffmpeg guessed the duration, from the bit rate or from a clock that may have jumped
    start      seconds at which the first of the file's streams starts, on the file's own clock
    tracks     the audio tracks
    video      there is a video track other than a cover picture
    errors     first messages of level error or worse
    undecodable, corrupt   number of packets that could not be decoded, or that were cut short
    signal     number of the signal on which ffmpeg ended in order; 0 if there was none
    """

    def __init__(self) -> None:
        self.container = ""
        self.guessed = self.estimated = self.video = False
        self.duration: float | None = None
        self.start = 0.0
        self.tracks: list[AudioTrack] = []
        self.errors: list[str] = []
        self.undecodable = self.corrupt = self.signal = 0
        self._in_input = False  # in the description of the file, between "Input #0" and "Stream mapping"
        self._rest = b""

    @property
    def opened(self) -> bool:
        """Whether a demuxer took the file."""
        return bool(self.container)

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
        elif not self.container and (found := _INPUT.match(line)):
            self.container = found[1]
            self.estimated |= self.container in _WITHOUT_DURATION
            self._in_input = True
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
        self.guessed |= "detected only with low score" in warning
        self.corrupt += "corrupt input packet" in warning or "filesize and duration do not match" in warning

    def _describe(self, line: str) -> None:
        if self.duration is None and (found := _DURATION.match(line)):
            hours, minutes, seconds, start = found.groups()
            # Headers that were written before the recording hold zero.
            self.duration = (
                (int(hours) * 3600 + int(minutes) * 60 + float(seconds) or None) if hours else None
            )
            self.start = float(start or 0)
        elif stream := _STREAM.match(line):
            language, kind, description = stream.groups()
            if kind == "Audio" and len(self.tracks) < _MAX_TRACKS:
                self.tracks.append(AudioTrack.parse(language, description))
            self.video |= kind == "Video" and "(attached pic)" not in description
