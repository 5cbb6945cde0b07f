"""Media made by ffmpeg, spoiled by hand, and what became of the processes that read them."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe

from engine.config import Config
from engine.media.audio_reader import AudioReader
from engine.sampling import SAMPLE_RATE

CONFIG = Config()
PICTURE = ("-f", "lavfi", "-i", "testsrc=d=3:s=64x64:r=10")


def ffmpeg(*arguments: str | Path) -> None:
    """Runs ffmpeg, the system's or else imageio-ffmpeg's."""
    program = shutil.which("ffmpeg")
    if program is None:
        import imageio_ffmpeg

        program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-loglevel", "error", "-y", *map(str, arguments)], check=True, timeout=60)


def make(target: Path, *arguments: str | Path) -> Path:
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *map(str, arguments), str(target)]
    subprocess.run(command, check=True, cwd=target.parent)
    return target


def decode(
    path: Path, config: Config = CONFIG, block_seconds: float = 30.0
) -> tuple[np.ndarray, AudioReader]:
    decoding = AudioReader(path, config, block_seconds)
    samples = np.concatenate(list(decoding))
    assert samples.dtype == np.float32
    assert decoding.duration == len(samples) / SAMPLE_RATE
    return samples, decoding


def stated(path: Path, config: Config = CONFIG) -> float | None:
    with closing(AudioReader(path, config)) as decoding:
        return decoding.open()


def shows_video(decoding: AudioReader) -> bool:
    assert decoding.log is not None
    return decoding.log.video


def likeness(samples: np.ndarray, original: np.ndarray, slack: float = 0.03) -> float:
    """Returns the best correlation of two recordings, -1 to 1, within `slack` seconds of delay."""
    length = min(len(samples), len(original))
    spectrum = np.fft.rfft(samples[:length], 2 * length) * np.conj(np.fft.rfft(original[:length], 2 * length))
    curve = np.fft.irfft(spectrum) / (np.linalg.norm(samples[:length]) * np.linalg.norm(original[:length]))
    reach = round(slack * SAMPLE_RATE)
    return float(max(curve[: reach + 1].max(), curve[-reach:].max()))


def children() -> list[int]:
    """Returns the ids of this process's children, zombies included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(state[1]) == os.getpid():
            found.append(int(stat.parent.name))
    return found


def patch(path: Path, offset: int, data: bytes) -> Path:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)
    return path


def cut(path: Path, length: int) -> Path:
    """Keeps the first bytes of a file, all but some where `length` is negative."""
    path.write_bytes(path.read_bytes()[:length])
    return path


def with_external_track(movie: bytes, target: bytes) -> bytes:
    """Returns a QuickTime file whose sound is said to lie in `target` (an `alis` data reference)."""
    path = target + b"\0" * (len(target) % 2)
    alias = b"\0" * 10 + bytes([4]) + b"disk".ljust(27, b"\0") + b"\0" * 12 + bytes([len(target)])
    alias += target.ljust(63, b"\0") + b"\0" * 16 + b"\0\1\0\1" + b"\0" * 16
    alias += (2).to_bytes(2, "big") + len(path).to_bytes(2, "big") + path + b"\xff\xff\0\0"
    entry = b"alis" + bytes(4) + alias
    entry = (len(entry) + 4).to_bytes(4, "big") + entry
    start = movie.index(b"dref") + 12  # past its name, version, flags and count of entries
    grown = len(entry) - int.from_bytes(movie[start : start + 4], "big")
    data = bytearray(movie[:start] + entry + movie[start + len(entry) - grown :])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        # The last box of a name before the entry is the one around it.
        at = data.rindex(box, 0, start) - 4
        size = int.from_bytes(data[at : at + 4], "big")
        data[at : at + 4] = (size + grown).to_bytes(4, "big")
    return bytes(data)
