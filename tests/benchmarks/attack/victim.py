"""The server under attack: started on the loopback, watched throughout, and looked over at the end."""

from __future__ import annotations

import http.server
import re
import resource
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx

from tests.benchmarks.attack.tally import Tally
from tests.support.app import launch, wait_until_ready
from tests.support.process_memory import MIB, own_memory, weigh
from tests.support.recordings import clip

PROBE_SECONDS = 0.25  # between two questions of the probe
LATE_SECONDS = 1.0  # after which an answer to the probe is late
SAMPLE_SECONDS = 0.1  # between two looks at the memory
WANT_OF_MEMORY = re.compile(r'"type": "MemoryError"|"event": "out of memory')
KEY = "attack-key"
LOGIN = ("attacker", "attack-password")


@dataclass
class Memory:
    """Peaks in bytes: of the server alone, of all ffmpeg together, and of everything."""

    server: int = 0
    ffmpeg: int = 0
    all: int = 0

    def take(self, server: int, ffmpeg: int, everything: int) -> None:
        self.server, self.ffmpeg = max(self.server, server), max(self.ffmpeg, ffmpeg)
        self.all = max(self.all, everything)


@dataclass
class Victim:
    """A running server, what an attacker must not reach, and what the watch has seen."""

    url: str
    folder: Path
    process: Popen[bytes]
    limit: int  # bytes; 0 if there is none
    secret: str  # which stands in a file that no answer may quote
    asked: list[str]  # what the address inside was asked for
    address: str  # which only this machine can reach
    memory: Memory = field(default_factory=Memory)
    late: list[float] = field(default_factory=list)  # seconds of late answers to the probe
    slowest: float = 0.0
    probes: int = 0
    dead: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {KEY}"}

    @property
    def recording(self) -> Path:
        """A recording of clear speech that is not the attacker's."""
        return self.folder / "foreign" / "secret.wav"

    def alive(self) -> bool:
        self.dead = self.dead or self.process.poll() is not None
        return not self.dead

    def at_work(self) -> int:
        """Returns the bytes that the server holds right now."""
        return own_memory(self.process.pid)

    def at_rest(self) -> int:
        """Returns the bytes that the server holds when it has had two seconds without work."""
        time.sleep(2)
        return own_memory(self.process.pid)

    def leftovers(self) -> list[str]:
        """Returns uploads and temporary files that are still there once nothing is at work."""
        for _ in range(100):
            found = [str(path.relative_to(self.folder)) for path in self._temporary()]
            if not found:
                break
            time.sleep(0.2)
        return found

    def _temporary(self) -> Iterator[Path]:
        for top in (self.folder / "temp", self.folder / "system"):
            for path in top.rglob("*"):
                # What a page has uploaded is kept for a while, as its user is told; plain HTTP keeps nothing.
                parts = path.relative_to(top).parts
                if path.is_file() and "page" not in parts and path.name[0] != "." and not _of_jobs(parts):
                    yield path

    def verdict(self) -> Tally:
        """Returns what the watch and a look at the files found."""
        tally = Tally("the server")
        if not self.alive():
            tally.find("death", f"it ended with {self.process.returncode}")
        if self.limit and self.memory.all > self.limit:
            tally.find("death", f"{self.memory.all // MIB} MiB in all: the kernel would have ended it")
        for seconds in self.late:
            tally.find("late probe", f"{seconds:.1f} s")
        for path in self.asked:
            tally.find("foreign address asked", path)
        for path in self.leftovers():
            tally.find("leftover", path)
        for line in failures(self.folder / "server.log", limited=bool(self.limit)):
            tally.find("failure in the log", line)
        kept = {path.name for path in (self.folder / "foreign").iterdir()}
        for name in {"secret.wav", "secret.txt", "bystander-upload-1"} - kept:
            tally.find("foreign file deleted", name)
        return tally

    def summary(self) -> str:
        memory = self.memory
        return (
            f"peak memory: server {memory.server // MIB} MiB, all ffmpeg together {memory.ffmpeg // MIB} MiB, "
            f"everything {memory.all // MIB} MiB\n"
            f"probe: {self.probes} answers, slowest {self.slowest:.2f} s, {len(self.late)} late"
        )


def _of_jobs(parts: Sequence[str]) -> bool:
    """Returns whether a file is the jobs' database or the lock of a running process, which stay."""
    return parts[0] == "wordlight-jobs" and (parts[1].startswith("jobs.sqlite3") or parts[1] == "workers")


@contextmanager
def victim(folder: Path, limit: int = 0, **settings: str) -> Iterator[Victim]:
    """Starts the server with keys and a login, lays out what is not the attacker's, and watches."""
    foreign = folder / "foreign"
    foreign.mkdir()
    (folder / "system").mkdir()
    secret = secrets.token_hex(16)
    (foreign / "secret.txt").write_text(secret)
    (foreign / "bystander-upload-1").write_text(secret)
    shutil.copyfile(clip("en/quick_brown_fox"), foreign / "secret.wav")
    environment = {
        "WORDLIGHT_API_KEYS": KEY, "WORDLIGHT_AUTH": ":".join(LOGIN), "WORDLIGHT_OFFLINE": "1",
        "TMPDIR": str(folder / "system"), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    with _address_inside() as (address, asked), launch(folder, **environment | settings) as (url, process):
        if limit:
            confine(process.pid, limit)
        wait_until_ready(url, process, folder / "server.log")
        found = Victim(url, folder, process, limit, secret, asked, address)
        over = threading.Event()
        watches = [threading.Thread(target=watch, args=(found, over)) for watch in (_probe, _weigh)]
        for each in watches:
            each.start()
        try:
            yield found
        finally:
            over.set()
            for each in watches:
                each.join()


def confine(pid: int, limit: int) -> None:
    """Limits what a process may take: by a cgroup (version 2) if one may be made, else its data by rlimit.

    The rlimit holds for each process by itself; their sum is judged by the watch.
    """
    group = Path(f"/sys/fs/cgroup/wordlight-attack-{pid}")
    with suppress(OSError):
        controllers = (group.parent / "cgroup.controllers").read_text().split()
        if "memory" in controllers:
            group.mkdir()
            (group / "memory.max").write_text(str(limit))
            (group / "memory.swap.max").write_text("0")
            (group / "cgroup.procs").write_text(str(pid))
            print(f"limited to {limit // MIB} MiB by a cgroup")
            return
    resource.prlimit(pid, resource.RLIMIT_DATA, (limit, limit))
    print(f"limited to {limit // MIB} MiB of data by rlimit, and by the watch in all")


def _probe(found: Victim, over: threading.Event) -> None:
    """Asks whether the server lives, as an orchestrator does."""
    with httpx.Client(base_url=found.url, timeout=30) as client:
        while not over.wait(PROBE_SECONDS):
            began = time.perf_counter()
            try:
                answered = client.get("/health/live").status_code == 200
            except httpx.HTTPError:
                answered = False
            seconds = time.perf_counter() - began
            found.probes += 1
            found.slowest = max(found.slowest, seconds)
            if not answered or seconds > LATE_SECONDS:
                found.late.append(seconds)
            if not found.alive():
                return


def failures(log: Path, *, limited: bool = False) -> list[str]:
    """Returns the last line of each traceback in a server's log, and each line of level error.

    limited  the server runs under a limit of memory: that it wants memory is no failure then, since the request is
             answered by 503 or by the next aligner
    """
    found: list[str] = []
    inside = False
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("Traceback (most recent call last)"):
            inside = True
        elif inside and line and not line[0].isspace():
            found.append(line[:200])
            inside = False
        elif '"level": "error"' in line and not (limited and WANT_OF_MEMORY.search(line)):
            found.append(line[:600])
    return found


def _weigh(found: Victim, over: threading.Event) -> None:
    """Looks at the memory of the server and of its children."""
    while not over.wait(SAMPLE_SECONDS):
        found.memory.take(*weigh(found.process.pid))


@contextmanager
def _address_inside() -> Iterator[tuple[str, list[str]]]:
    """Gives an address that only this machine can reach, and what it is asked for."""
    asked: list[str] = []

    class Inside(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Inside) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/private.wav", asked
        server.shutdown()
