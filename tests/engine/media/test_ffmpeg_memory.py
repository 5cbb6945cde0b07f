"""All ffmpeg share one limit of memory: readers wait their turn, and a process that takes too much is ended."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Busy, DecodeLimitExceeded, ShuttingDown, WordlightError
from engine.media import ffmpeg_memory
from engine.media.audio_reader import AudioReader
from engine.media.ffmpeg_memory import ORDINARY_BYTES, FfmpegMemory
from engine.memory import available
from tests.benchmarks.attack.victim import MIB, weigh
from tests.support.media_files import CONFIG, ffmpeg
from tests.support.waiting import eventually

TWO = 2 * ORDINARY_BYTES


def reading(path: Path, memory: FfmpegMemory, stop: threading.Event | None = None) -> AudioReader:
    stopped = (stop or threading.Event()).is_set
    return AudioReader(path, CONFIG, block_seconds=1.0, memory=memory, stopped=stopped)


@pytest.fixture(scope="module")
def greedy(media: Path) -> Path:
    """A recording that takes ffmpeg some hundred MiB, since it probes pictures of 36 million pixels."""
    path = media / "greedy.mkv"
    ffmpeg(
        "-f", "lavfi", "-i", "sine=d=20:r=16000", "-f", "lavfi", "-i", "color=red:s=8000x4500:d=1:r=4",
        "-c:v", "png", "-c:a", "flac", path,
    )  # fmt: skip
    return path


def test_a_quarter_of_the_memory_is_the_limit_unless_one_is_set() -> None:
    found = available("cpu")
    assert found is not None
    assert FfmpegMemory().limit == pytest.approx(found[1] // 4, rel=0.01)
    assert FfmpegMemory(TWO).limit == TWO


def test_a_reader_waits_until_another_is_done(long_wav: Path) -> None:
    memory = FfmpegMemory(TWO)
    with closing(reading(long_wav, memory)) as first, closing(reading(long_wav, memory)) as second:
        first.open(), second.open()
        begun = threading.Event()

        def read() -> int:
            with closing(reading(long_wav, memory)) as third:
                third.open()
                begun.set()
                return sum(len(block) for block in third)

        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(read)
            assert not begun.wait(0.5)
            second.close()
            list(second)
            assert waiting.result(60) == 300 * 16_000


def test_readers_come_in_the_order_of_their_arrival(long_wav: Path) -> None:
    memory = FfmpegMemory(ORDINARY_BYTES)
    order: list[int] = []

    def read(number: int) -> None:
        with closing(reading(long_wav, memory)) as reader:
            reader.open()
            order.append(number)

    with closing(reading(long_wav, memory)) as first:
        first.open()
        threads = [threading.Thread(target=read, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
            time.sleep(0.05)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_reader_that_waits_too_long_is_refused_for_now(
    long_wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg_memory, "WAIT_SECONDS", 0.2)
    memory = FfmpegMemory(ORDINARY_BYTES)
    with closing(reading(long_wav, memory)) as first:
        first.open()
        with closing(reading(long_wav, memory)) as second, pytest.raises(Busy) as refused:
            second.open()
        assert refused.value.retry_after
    with closing(reading(long_wav, memory)) as third:  # the refused reader holds nothing
        assert len(next(iter(third))) == 16_000


@pytest.mark.parametrize("how", ["stop", "close", "shutdown"])
def test_a_reader_that_waits_can_be_stopped(long_wav: Path, how: str) -> None:
    memory, stop = FfmpegMemory(ORDINARY_BYTES), threading.Event()
    with closing(reading(long_wav, memory)) as first, ThreadPoolExecutor(1) as pool:
        first.open()
        second = reading(long_wav, memory, stop)
        waiting = pool.submit(list, second)
        time.sleep(0.2)
        assert not waiting.done()
        {"stop": stop.set, "close": second.close, "shutdown": memory.close}[how]()
        if how == "shutdown":
            with pytest.raises(ShuttingDown):
                waiting.result(30)
        else:
            assert waiting.result(30) == []


def test_a_recording_that_takes_more_than_all_is_refused(greedy: Path, long_wav: Path) -> None:
    memory = FfmpegMemory(TWO)
    with closing(reading(greedy, memory)) as reader, pytest.raises(DecodeLimitExceeded):
        list(reader)
    with closing(reading(long_wav, memory)) as reader:
        assert len(next(iter(reader))) == 16_000


def test_the_same_recording_is_read_if_there_is_room(greedy: Path) -> None:
    with closing(reading(greedy, FfmpegMemory(1 << 30))) as reader:
        assert sum(len(block) for block in reader) == 20 * 16_000


def test_all_processes_stay_below_the_limit_and_ordinary_ones_go_on(greedy: Path, long_wav: Path) -> None:
    """Recordings that do not fit are refused; the ones beside them lose nothing."""
    import os

    memory, limit = FfmpegMemory(400 * MIB), 400 * MIB
    peak, over = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.01):
            peak = max(peak, weigh(os.getpid())[1])

    def read(path: Path) -> str:
        try:
            with closing(reading(path, memory)) as reader:
                return str(sum(len(block) for block in reader))
        except WordlightError as error:
            return error.code

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            outcomes = list(
                pool.map(read, [greedy, greedy, long_wav, greedy, greedy, long_wav, greedy, greedy])
            )
    finally:
        over.set()
        watcher.join()
    assert outcomes[2] == outcomes[5] == str(300 * 16_000)
    assert set(outcomes) <= {str(300 * 16_000), str(20 * 16_000), "busy", "too_costly"}
    assert peak < limit + 150 * MIB, f"{peak // MIB} MiB"  # taken between two measurements


def test_sound_that_is_no_number_is_silence(tmp_path: Path) -> None:
    """A damaged file of float samples may hold any value."""
    import soundfile

    samples = np.full(16_000, 0.5, np.float32)
    samples[100], samples[200], samples[300] = np.nan, np.inf, 1e30
    soundfile.write(tmp_path / "odd.wav", samples, 16_000, subtype="FLOAT")
    with closing(AudioReader(tmp_path / "odd.wav", CONFIG)) as reader:
        (block,) = islice(reader, 2)
    assert np.isfinite(block).all() and np.abs(block).max() <= 0.5
    assert (block[[100, 200, 300]] == 0).all() and block[400] == 0.5


def test_nothing_is_measured_once_nothing_is_read(long_wav: Path) -> None:
    memory = FfmpegMemory(TWO)
    with closing(reading(long_wav, memory)) as reader, suppress(StopIteration):
        next(iter(reader))
        assert any(thread.name == "ffmpeg-memory" for thread in threading.enumerate())
    assert eventually(lambda: all(thread.name != "ffmpeg-memory" for thread in threading.enumerate()), 5)
