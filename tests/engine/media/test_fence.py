"""The fence around ffmpeg: what goes on in it is refused by the system, and the server keeps all it has."""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile

from engine.config import Config
from engine.errors import OutOfMemory, SetupError
from engine.media import landlock, seccomp
from engine.media.fence import Fence, fence_for
from engine.media.ffmpeg import Ffmpeg, find_ffmpeg
from engine.media.reading_plan import ReadingPlan
from tests.support.app import App
from tests.support.media_files import decode
from tests.support.raw_http import wav

pytestmark = pytest.mark.skipif(
    not landlock.version() or not seccomp.available(), reason="this kernel fences no process in"
)

STDIN = ReadingPlan().input
ENV = {"PATH": os.environ["PATH"]}
# What a program that has been taken over might try; `here` is a folder, `server` a process.
ATTEMPTS = """
import json, os, socket, sys
here, server = sys.argv[1:]
attempts = {
    "tcp": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "tcp over ipv6": lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM),
    "unix": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "passwords": lambda: open("/etc/passwd").read(),
    "neighbour": lambda: open(f"{here}/neighbour").read(),
    "environment": lambda: open(f"/proc/{server}/environ", "rb").read(),
    "list": lambda: os.listdir(here),
    "write": lambda: open(f"{here}/written", "w"),
    "append": lambda: open(f"{here}/neighbour", "a"),
    "folder": lambda: os.mkdir(f"{here}/folder"),
    "link": lambda: os.symlink("/", f"{here}/link"),
    "rename": lambda: os.rename(f"{here}/neighbour", f"{here}/renamed"),
    "mode": lambda: os.chmod(here, 0o755),
    "signal": lambda: os.kill(int(server), 0),
    "program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "delete": lambda: os.unlink(f"{here}/renamed"),
}
done = []
for name, attempt in attempts.items():
    try:
        attempt()
        done.append(name)
    except OSError:
        pass
print(json.dumps(done))
"""


def attempted(fence: Fence, folder: Path) -> list[str]:
    """Returns which of the attempts succeed within the fence."""
    (folder / "neighbour").write_text("a secret")
    arguments = [sys.executable, "-I", "-S", "-c", ATTEMPTS, str(folder), str(os.getpid())]
    with open(os.devnull, "rb", buffering=0) as nothing, fence.start(arguments, nothing, ENV) as process:
        output, log = process.communicate(timeout=60)
    assert process.returncode == 0, log.decode()
    done: list[str] = json.loads(output.splitlines()[-1])
    return done


def test_a_program_in_the_fence_reaches_nothing(tmp_path: Path) -> None:
    assert len(attempted(Fence(), tmp_path)) == 17  # or this would prove nothing
    assert attempted(fence_for(sys.executable, "auto", ENV), tmp_path) == []


def test_the_server_keeps_what_ffmpeg_has_given_up(tmp_path: Path, speech: Path) -> None:
    def use() -> None:
        (tmp_path / "written").write_text(Path("/etc/passwd").read_text())
        socket.create_server(("127.0.0.1", 0)).close()

    with (
        speech.open("rb", buffering=0) as media,
        Ffmpeg(media, Config(), [*STDIN, "-f", "null", "-"]) as ffmpeg,
    ):
        ffmpeg.read()
        use()
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert (tmp_path / "written").exists()


def test_no_garbage_is_finalised_where_files_have_been_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    finalised_by: list[int] = []  # threads

    class Garbage:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            finalised_by.append(threading.get_ident())

    def give_up() -> None:
        seccomp_given_up()
        for _ in range(20):
            Garbage()

    fence = fence_for(find_ffmpeg(), "auto", ENV)
    seccomp_given_up = seccomp.give_up
    monkeypatch.setattr(seccomp, "give_up", give_up)
    before = gc.get_threshold()
    try:
        gc.set_threshold(1, 1, 1)  # garbage is found at the next object that is made
        with (
            open(os.devnull, "rb", buffering=0) as nothing,
            fence.start([find_ffmpeg(), "-version"], nothing, ENV) as process,
        ):
            process.communicate(timeout=60)
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert gc.isenabled() and len(finalised_by) == 20
    assert set(finalised_by) == {threading.get_ident()}, "by a thread that has given up its files"


# ffmpeg itself, told to read more than it should


@contextmanager
def website(content: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Gives the address of a recording, and the requests for it so far."""
    asked: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                asked.append(caller.recv(65536))
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n"
                caller.sendall(head.encode() + content)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/secret.wav", asked
        listener.shutdown(socket.SHUT_RDWR)


def heard(media: Path, arguments: list[str], fence: str) -> int:
    """Returns how many bytes of sound ffmpeg gives, which is told to read a second input."""
    output = ["-protocol_whitelist", "file,pipe,http,tcp", *arguments, "-map", "1:a", "-f", "f32le", "pipe:1"]
    with (
        media.open("rb", buffering=0) as file,
        Ffmpeg(file, Config(fence=fence), [*STDIN, *output]) as ffmpeg,
    ):
        got = sum(map(len, iter(ffmpeg.read, b"")))
        ffmpeg.finish()
    return got


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("way", ["http", "file", "concat", "hls"])
def test_ffmpeg_reaches_no_server_and_no_other_file(way: str, tmp_path: Path, speech: Path) -> None:
    content = wav(tmp_path / "secret.wav", 1.0)
    with website(content) as (address, asked):
        secret = f"file:{tmp_path / 'secret.wav'}"
        (tmp_path / "list.txt").write_text(f"ffconcat version 1.0\nfile '{address}'\n")
        (tmp_path / "list.m3u8").write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n"
        )
        arguments = {
            "http": ["-i", address],
            "file": ["-i", secret],
            "concat": ["-safe", "0", "-f", "concat", "-i", f"file:{tmp_path / 'list.txt'}"],
            "hls": ["-allowed_extensions", "ALL", "-f", "hls", "-i", f"file:{tmp_path / 'list.m3u8'}"],
        }[way]
        assert heard(speech, arguments, fence="off") or asked  # or this would prove nothing
        asked.clear()
        assert heard(speech, arguments, fence="auto") == 0
        assert not asked


def test_a_playlist_as_the_recording_reaches_nothing_either(tmp_path: Path) -> None:
    content = wav(tmp_path / "secret.wav", 1.0)
    with website(content) as (address, asked):
        playlist = tmp_path / "list.txt"
        playlist.write_text(
            f"ffconcat version 1.0\nfile '{address}'\nfile 'file:{tmp_path / 'secret.wav'}'\n"
        )
        command = [find_ffmpeg(), "-nostdin", "-safe", "0", "-protocol_whitelist", "file,pipe,http,tcp"]
        command += ["-f", "concat", "-i", "file:/dev/stdin", "-f", "f32le", "pipe:1"]
        found = []
        for mode in ("off", "auto"):
            with (
                playlist.open("rb", buffering=0) as media,
                fence_for(command[0], mode, ENV).start(command, media, ENV) as process,
            ):
                found.append((len(process.communicate(timeout=60)[0]), len(asked)))
        (sound, requests), fenced = found
    assert sound and requests
    assert fenced == (0, requests)


@pytest.mark.usefixtures("reader")
def test_a_recording_is_read_wherever_it_lies(tmp_path: Path, speech: Path) -> None:
    inside = tmp_path / "private"
    inside.mkdir(mode=0o700)
    (inside / "talk.wav").write_bytes(speech.read_bytes())
    size = 4 * len(soundfile.read(speech)[0])
    with (inside / "talk.wav").open("rb", buffering=0) as file:
        (inside / "talk.wav").unlink()  # nor does it need a name
        with Ffmpeg(file, Config(fence="require"), [*STDIN, "-f", "f32le", "pipe:1"]) as ffmpeg:
            assert sum(map(len, iter(ffmpeg.read, b""))) == size


# What is told of it


def test_health_tells_of_the_fence(app: App) -> None:
    assert httpx.get(f"{app.url}/health").json()["media_fence"] == {
        "network": True,
        "files": True,
        "writing": True,
        "by": "landlock+seccomp",
        "reason": None,
    }


@pytest.mark.parametrize(
    ("lacking", "closed"),
    [("landlock", {"network": True, "files": False}), ("seccomp", {"network": False, "files": True})],
)
def test_a_kernel_without_one_of_the_two_is_told_of(
    lacking: str, closed: dict[str, bool], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name = {"landlock": "version", "seccomp": "available"}[lacking]
    monkeypatch.setattr(f"engine.media.{lacking}.{name}", lambda: 0)
    env = ENV | {"LC_LACKING": lacking}  # a fence is built once for each environment
    monkeypatch.setattr("engine.media.fence.LOGGER.propagate", True)
    report: dict[str, Any] = fence_for(find_ffmpeg(), "auto", env).report()
    assert closed.items() <= report.items() and report["writing"]
    assert report["by"] == ("seccomp" if lacking == "landlock" else "landlock")
    assert lacking in report["reason"].lower() and report["reason"] in caplog.text
    with pytest.raises(SetupError, match="WORDLIGHT_FENCE"):
        fence_for(find_ffmpeg(), "require", env)


def test_an_ffmpeg_that_does_not_run_within_it_runs_without_and_this_is_told(tmp_path: Path) -> None:
    elsewhere = tmp_path / "real"
    elsewhere.write_text("#!/bin/sh\nexit 0\n")
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\nexec {elsewhere}\n")
    for file in (elsewhere, program):
        file.chmod(0o755)
    report = fence_for(str(program), "auto", ENV).report()
    assert (report["network"], report["files"]) == (True, False)
    assert "does not start" in report["reason"]


def test_off_is_off_and_nothing_else_is_understood() -> None:
    assert fence_for(find_ffmpeg(), "off", ENV).report()["reason"] == "WORDLIGHT_FENCE is off."
    with pytest.raises(SetupError, match="auto, require, off"):
        Config(fence="maybe")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_one_that_a_kernel_takes(machine: str) -> None:
    instructions = seccomp.filter_for(machine)
    assert len(instructions) % 8 == 0 and len(instructions) // 8 <= 4096


def test_the_numbers_of_system_calls_are_those_of_this_machine() -> None:
    """The kernel's own header has them, where it is installed."""
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    lines = [line.split() for line in header.read_text().splitlines() if line.startswith("#define __NR_")]
    numbers = {name.removeprefix("__NR_"): int(number) for _, name, number in lines}
    for name, (number, _) in seccomp.REFUSED.items():
        assert number == numbers.get(name, number), name


def test_a_process_that_the_fence_holds_is_reaped_like_any(speech: Path) -> None:
    with speech.open("rb", buffering=0) as media:
        process = fence_for(find_ffmpeg(), "auto", ENV).start([find_ffmpeg(), "-version"], media, ENV)
        with process:
            process.communicate()
        assert isinstance(process, subprocess.Popen) and process.returncode == 0


def test_a_thread_that_dies_for_want_of_memory_holds_up_nobody(
    speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a limit of memory a thread was seen to die before its first line; all later starts waited for it."""
    decode(speech)
    with monkeypatch.context() as patch:
        patch.setattr("engine.media.fence.start_new_thread", lambda run, arguments: None)
        patch.setattr("engine.media.fence.BEGIN_SECONDS", 0.1)
        with pytest.raises(OutOfMemory):
            decode(speech)
    assert len(decode(speech))
