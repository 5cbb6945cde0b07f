"""Writes a copy of a recording that every browser plays, and in which every place is found exactly.

It is made of the samples that are transcribed, so that its times are those of the transcript, while these are read.
The container is MP4 with its index in front; it lists where each packet is, so that no browser has to guess.
"""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from queue import Full, Queue

import numpy as np

from engine.errors import FfmpegMissing
from engine.log import LOGGER
from engine.media.ffmpeg import environment, find_ffmpeg
from engine.media.mixing import StereoMixer
from engine.sampling import SAMPLE_RATE

BIT_RATE = 32_000  # bits a second: 14 MB an hour; speech at 16 kHz needs no more
_EFFORT = 5  # of Opus, 0 to 10: 10 takes twice the time, and no ear hears it in speech
_WAITING_BLOCKS = 4  # that the encoder may be behind
_PATIENCE = 60.0  # seconds in which a block must have been encoded, and the file finished


class PlayableCopy:
    """Encodes blocks in a thread and a process of its own; a failure leaves no copy, and disturbs nothing else."""

    def __init__(self, path: Path) -> None:
        """path  where the copy is written; its folder exists"""
        self.path = path
        self._blocks: Queue[np.ndarray | None] = Queue(_WAITING_BLOCKS)
        self._mixer = StereoMixer()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._failed = False

    def write(self, block: np.ndarray) -> None:
        """Adds a block of the recording, float32 (n,) or (n, 2) at 16 kHz."""
        if self._failed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._encode, name="playable-copy", daemon=True)
            self._thread.start()
        try:
            self._blocks.put(block, timeout=_PATIENCE)
        except Full:
            self.close()

    def finish(self) -> bool:
        """Ends the file; returns whether it is complete."""
        if self._thread is None or self._failed:
            return False
        try:
            self._blocks.put(None, timeout=_PATIENCE)
        except Full:
            self.close()
            return False
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            self.close()
        return not self._failed

    def close(self) -> None:
        """Gives the copy up, if it is not finished; safe at any time."""
        self._failed = True
        if self._process is not None:
            self._process.kill()
        with suppress(Full):
            self._blocks.put_nowait(None)

    def _encode(self) -> None:
        try:
            with subprocess.Popen(
                _command(self.path),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(),
                cwd="/",
                start_new_session=True,  # Ctrl-C in the server's terminal must not cut the copy short
            ) as self._process:
                assert self._process.stdin is not None, "it is a pipe"
                while (block := self._blocks.get()) is not None and not self._failed:
                    mono = block if block.ndim == 1 else self._mixer.mix(block)
                    self._process.stdin.write(np.ascontiguousarray(mono, "<f4").tobytes())
            self._failed |= self._process.returncode != 0
        except (OSError, FfmpegMissing) as error:
            LOGGER.warning("no playable copy could be written: %s", error)
            self._failed = True
        if self._failed:
            self._drain()

    def _drain(self) -> None:
        """Lets a writer go on that waits for room."""
        while not self._blocks.empty():
            self._blocks.get_nowait()


def _command(path: Path) -> list[str]:
    sound = ["-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "1", "-i", "pipe:0"]
    opus = ["-c:a", "libopus", "-b:a", str(BIT_RATE), "-compression_level", str(_EFFORT)]
    file = ["-movflags", "+faststart", "-f", "mp4", "-y", f"file:{path}"]
    return [find_ffmpeg(), "-nostdin", "-loglevel", "quiet", "-threads", "1", *sound, *opus, *file]
