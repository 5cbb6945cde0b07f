"""What is left is the least of what the machine and each control group leave; too little ends no request."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine import memory
from engine.errors import OutOfMemory
from engine.memory import available, is_low
from engine.scheduling.scheduler import Scheduler
from engine.vad.onnx_network import OnnxNetwork
from engine.vad.pyannote import PyannoteVad
from tests.support.fake_whisper import PATIENCE, Model, Numbers, got, put
from tests.support.waiting import eventually

GIB = 1 << 30


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine of 16 GiB with 10 GiB to be had, in no control group yet."""
    write(
        tmp_path,
        "proc/meminfo",
        f"MemTotal:       {16 * GIB // 1024} kB\nMemFree: 1 kB\nMemAvailable: {10 * GIB // 1024} kB\n",
    )
    return tmp_path


def test_this_machine_tells_what_it_has() -> None:
    left, total = available("cpu") or (0, 0)
    assert 0 < left <= total < 1 << 50


def test_a_machine_without_limits_has_what_the_kernel_says(machine: Path) -> None:
    assert available("cpu", machine) == (10 * GIB, 16 * GIB)


def test_a_machine_that_tells_nothing_is_not_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert available("cpu", tmp_path) is None
    monkeypatch.setattr(memory, "available", lambda device: None)
    assert not is_low("cpu")


def test_a_container_has_what_its_group_leaves(machine: Path) -> None:
    write(machine, "proc/self/cgroup", "0::/\n")
    write(machine, "sys/fs/cgroup/memory.max", f"{4 * GIB}\n")
    write(machine, "sys/fs/cgroup/memory.current", f"{3 * GIB}\n")
    write(machine, "sys/fs/cgroup/memory.stat", f"anon {2 * GIB}\ninactive_file {GIB // 2}\n")
    assert available("cpu", machine) == (3 * GIB // 2, 4 * GIB)


def test_the_tightest_of_nested_groups_counts(machine: Path) -> None:
    write(machine, "proc/self/cgroup", "0::/pod/app\n")
    write(machine, "sys/fs/cgroup/pod/app/memory.max", "max\n")
    write(machine, "sys/fs/cgroup/pod/app/memory.current", f"{GIB}\n")
    write(machine, "sys/fs/cgroup/pod/memory.max", f"{6 * GIB}\n")
    write(machine, "sys/fs/cgroup/pod/memory.current", f"{5 * GIB}\n")
    assert available("cpu", machine) == (GIB, 6 * GIB)


def test_groups_of_version_one_count_too(machine: Path) -> None:
    write(machine, "proc/self/cgroup", "9:name=systemd:/\n5:cpu,memory:/app\n1:cpuset:/\n0::/\n")
    write(machine, "sys/fs/cgroup/memory/app/memory.limit_in_bytes", f"{8 * GIB}\n")
    write(machine, "sys/fs/cgroup/memory/app/memory.usage_in_bytes", f"{6 * GIB}\n")
    write(machine, "sys/fs/cgroup/memory/app/memory.stat", f"total_inactive_file {GIB}\n")
    assert available("cpu", machine) == (3 * GIB, 8 * GIB)


@pytest.mark.parametrize(
    ("name", "counted"), [("Max data size", "VmData"), ("Max address space", "VmSize")], ids=["data", "space"]
)
def test_a_process_with_a_limit_of_its_own_has_what_that_leaves(
    machine: Path, name: str, counted: str
) -> None:
    write(machine, "proc/self/status", f"Name:\tpython\n{counted}:\t {GIB // 1024} kB\nThreads:\t9\n")
    write(
        machine,
        "proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        f"{name:<26}{2 * GIB:<21}unlimited            bytes     \n"
        "Max stack size            8388608              unlimited            bytes     \n",
    )
    assert available("cpu", machine) == (GIB, 2 * GIB)


@pytest.mark.parametrize(
    ("left", "total", "expected"),
    [(3, 16, False), (1, 16, True), (1.5, 4, False), (0.5, 4, True)],
)
def test_short_is_less_than_two_gib_or_a_quarter_of_little(
    monkeypatch: pytest.MonkeyPatch, left: float, total: float, expected: bool
) -> None:
    monkeypatch.setattr(memory, "available", lambda device: (int(left * GIB), int(total * GIB)))
    assert is_low("cpu") == expected


COUNT_HEAPS = """
import ctypes, sys, tempfile, threading
from engine.memory import tune_malloc

if sys.argv[1] == "shared":
    tune_malloc()
together = threading.Barrier(9)
def take():
    held = [bytearray(1000) for _ in range(1000)]
    together.wait()
for _ in range(8):
    threading.Thread(target=take).start()
together.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile("r") as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(file.read().count("<heap "))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have one heap anyway")
def test_threads_share_one_heap() -> None:
    assert _printed(COUNT_HEAPS, "shared") == 1 < _printed(COUNT_HEAPS, "apart")


def _printed(program: str, how: str) -> int:
    done = subprocess.run([sys.executable, "-c", program, how], capture_output=True, check=True)
    return int(done.stdout)


COUNT_FAULTS = """
import ctypes, resource, sys
from engine.memory import tune_malloc

if sys.argv[1] == "shared":
    tune_malloc()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
size = 100 << 20
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = ctypes.c_void_p(libc.malloc(ctypes.c_size_t(size)))
    ctypes.memset(block, 1, size)
    libc.free(block)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep what they like")
def test_what_a_window_has_used_is_there_for_the_next() -> None:
    assert _printed(COUNT_FAULTS, "shared") < 30 < _printed(COUNT_FAULTS, "apart")  # pages are 2 MB at most


RESIDENT = """
import ctypes, resource, sys
from pathlib import Path
from engine.memory import tune_malloc, trim_heap

tune_malloc()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
size = 100 << 20
block = ctypes.c_void_p(libc.malloc(ctypes.c_size_t(size)))
ctypes.memset(block, 1, size)
libc.free(block)
if sys.argv[1] == "trimmed":
    trim_heap()
print(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep what they like")
def test_what_is_kept_can_be_given_back() -> None:
    assert _printed(RESIDENT, "trimmed") < _printed(RESIDENT, "kept") - 90


def test_memory_is_given_back_once_nothing_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back: list[int] = []

    def trim() -> None:
        if threading.current_thread() in scheduler.threads:  # the other tests' engine has some too
            given_back.append(scheduler.stats().windows)

    monkeypatch.setattr("engine.scheduling.scheduler.IDLE_SECONDS", 0.2)
    monkeypatch.setattr("engine.scheduling.scheduler.trim_heap", trim)
    model = Model()
    model.free()
    scheduler = Scheduler(batch_size=2, most=3)
    for windows in (1, 2):
        with scheduler.lane(model, "en") as lane:
            put(lane, 0)
            got(lane, 1)
            time.sleep(0.5)  # who has a place may go on at any moment
            assert len(given_back) == windows - 1
        assert eventually(lambda done=windows: len(given_back) == done)
    time.sleep(0.5)
    assert given_back == [1, 2]  # once each
    scheduler.close()


SHORTAGES = (
    RuntimeError("CUDA failed with error out of memory"),
    RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"),
    RuntimeError("std::bad_alloc"),
    MemoryError(),
)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("shortage", SHORTAGES, ids=repr)
def test_batches_are_made_as_small_as_they_must_be_and_no_smaller(
    model: Model, shortage: Exception, workers: int
) -> None:
    scheduler = Scheduler(batch_size=8, most=3, workers=workers)
    model.too_large, model.shortage = 2, shortage
    model.free()
    with scheduler.lane(model, "en") as lane:
        put(lane, *range(33))
        assert got(lane, 33) == list(range(33))
    assert scheduler.batch_size == 2
    scheduler.close()


def test_what_failed_for_want_of_memory_leaves_it_to_its_halves() -> None:
    class Remembering(Model):
        def __init__(self) -> None:
            super().__init__()
            self.encoded: list[weakref.ref[Numbers]] = []

        def encode(self, windows: Sequence[np.ndarray]) -> Any:
            assert not any(numbers() for numbers in self.encoded), "what was encoded before is still held"
            numbers = super().encode(windows)
            self.encoded.append(weakref.ref(numbers))
            return numbers

    model = Remembering()
    scheduler = Scheduler(batch_size=8, most=3)
    model.too_large = 1
    model.free()
    with scheduler.lane(model, "en") as lane:
        put(lane, *range(9))
        assert got(lane, 9) == list(range(9))
    scheduler.close()


def test_a_window_for_which_there_is_not_enough_memory_says_what_to_do(
    scheduler: Scheduler, model: Model
) -> None:
    model.too_large = 0
    model.free()
    with scheduler.lane(model, "en") as lane:
        put(lane, 1)
        with pytest.raises(OutOfMemory, match=r"smaller model.*close other programs"):
            lane.get(PATIENCE)


def test_a_window_whose_features_find_no_memory_says_what_to_do(
    scheduler: Scheduler, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def features(samples: np.ndarray) -> np.ndarray:
        raise MemoryError

    monkeypatch.setattr(model, "features", features)
    with scheduler.lane(model, "en") as lane, pytest.raises(OutOfMemory, match="close other programs"):
        put(lane, 1)


WITHIN_LIMIT = """
import resource, sys
from pathlib import Path
import numpy as np
from engine.memory import error_for_caller
from engine.vad.frames import WINDOW
from engine.vad.pyannote import PyannoteVad
from engine.vad.silero import SileroVad
from engine.weights.locate import silero_weights

blocks = [np.random.default_rng(0).standard_normal(8 * WINDOW).astype(np.float32) * 0.1]
detector = PyannoteVad.load("cpu")
if sys.argv[1] == "silero":
    detector = SileroVad.load(silero_weights())
if sys.argv[2] == "warm":
    list(detector.regions(blocks))
used = int(Path("/proc/self/status").read_text().split("VmData:")[1].split()[0]) * 1024
found = set()
for spare in range(0, 33 << 20, 4 << 20):
    resource.setrlimit(resource.RLIMIT_DATA, (used + spare, -1))
    code = "ok"
    try:
        list(detector.regions(blocks))
    except Exception as error:
        code = getattr(error, "code", None) or error_for_caller(error).code
    resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))
    found.add(code)
print(*sorted(found))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not bound a process's data")
@pytest.mark.parametrize("state", ["cold", "warm"])
@pytest.mark.parametrize("detector", ["pyannote", "silero"])
def test_a_detector_without_memory_says_so_and_works_again_afterwards(detector: str, state: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHIN_LIMIT, detector, state], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"ok", "out_of_memory"}, done.stdout + done.stderr
    assert detector == "silero" or "out of memory" in done.stderr or "out_of_memory" in done.stdout


NO_THREADS = """
import resource, threading
from engine.memory import error_for_caller

resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
threading.stack_size(400 << 20)
started = threading.Event()
try:
    for _ in range(3):
        threading.Thread(target=started.wait, daemon=True).start()
except Exception as error:
    print(error_for_caller(error).code)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not bound the address space")
def test_a_thread_that_finds_no_room_is_want_of_memory() -> None:
    done = subprocess.run([sys.executable, "-c", NO_THREADS], capture_output=True, text=True, check=True)
    assert done.stdout == "out_of_memory\n"


@pytest.mark.parametrize(
    "other", [RuntimeError("size mismatch"), ValueError("could not convert"), OSError(2, "No such file")]
)
def test_other_failures_are_no_want_of_memory(other: Exception) -> None:
    assert memory.error_for_caller(other).code == "error"


class SmallDevice:
    """Hears speech with pyannote's network, in no more windows at a time than fit."""

    def __init__(self, fitting: int) -> None:
        self.network = OnnxNetwork.load()
        self.fitting = fitting
        self.tried: list[int] = []

    def __call__(self, windows: np.ndarray) -> np.ndarray:
        self.tried.append(len(windows))
        if len(windows) > self.fitting:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return self.network(windows)


@pytest.mark.parametrize("fitting", [1, 2, 3])
def test_speech_is_found_by_fewer_windows_at_a_time_where_memory_is_short(
    talk: np.ndarray, fitting: int
) -> None:
    device = SmallDevice(fitting)
    found = list(PyannoteVad(device).regions([talk]))
    assert found == list(PyannoteVad(device.network).regions([talk]))
    assert sum(count > fitting for count in device.tried) <= 2, "it tries again and again what does not fit"


def test_speech_that_cannot_be_looked_for_says_what_to_do(talk: np.ndarray) -> None:
    detector = PyannoteVad(SmallDevice(0))
    with pytest.raises(OutOfMemory, match="close other programs"):
        list(detector.regions([talk]))
