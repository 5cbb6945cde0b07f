"""The attack is the same each time, and what it finds is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.attack.media import handmade, wav_head
from tests.benchmarks.attack.mutation import mutate
from tests.benchmarks.attack.odd_requests import odd_requests
from tests.benchmarks.attack.raw import Odd, request, status_of
from tests.benchmarks.attack.routes import NEEDED
from tests.benchmarks.attack.tally import Tally
from tests.benchmarks.attack.victim import MIB, failures, weigh


def test_a_seed_spoils_a_file_always_in_the_same_way() -> None:
    original = bytes(range(256)) * 40
    spoiled = [mutate(original, seed, [b"other" * 99]) for seed in range(200)]
    assert spoiled == [mutate(original, seed, [b"other" * 99]) for seed in range(200)]
    assert len(set(spoiled)) > 190 and spoiled.count(original) < 5
    assert max(map(len, spoiled)) < 2_000_000


@pytest.mark.parametrize("data", [b"", b"\0", b"RIFF"])
def test_the_shortest_file_can_be_spoiled(data: bytes) -> None:
    for seed in range(300):
        mutate(data, seed)


def test_odd_requests_are_as_many_as_asked_for_and_the_same_each_time() -> None:
    few, many = list(odd_requests(50, 1)), list(odd_requests(900, 1))
    assert (len(few), len(many)) == (50, 900)
    assert many == list(odd_requests(900, 1))
    assert len({odd.data for odd in many}) > 850


def test_a_request_says_of_itself_what_it_is_told_to() -> None:
    sent = request("POST", "/x", "A: b", body=b"12", length=99, key=False)
    assert sent.startswith(b"POST /x HTTP/1.1\r\n") and sent.endswith(b"\r\n\r\n12")
    assert b"Content-Length: 99\r\n" in sent and b"Authorization" not in sent
    assert Odd("any", sent).whole


def test_the_status_of_an_answer_is_read() -> None:
    assert status_of(b"HTTP/1.1 413 Too Large\r\n\r\n") == 413
    for other in (b"", b"HTTP/1.1", b"SSH-2.0 200\r\n", b"HTTP/1.1 abc\r\n"):
        assert status_of(other) is None


def test_media_made_by_hand_point_at_the_secret_and_the_address() -> None:
    made = list(handmade([], Path("/some/secret.wav"), "http://127.0.0.1:1/private"))
    assert len({medium.name for medium in made}) == len(made) > 100
    assert sum(b"/some/secret.wav" in medium.data for medium in made) > 20
    assert sum(b"127.0.0.1:1/private" in medium.data for medium in made) > 5


def test_a_wav_head_claims_what_it_is_told_to() -> None:
    head = wav_head(65_535, 16_000, 16, 1000)
    assert (head[:4], head[8:12], len(head)) == (b"RIFF", b"WAVE", 44)
    assert int.from_bytes(head[22:24], "little") == 65_535


@pytest.mark.parametrize("path", ["/", "/login", "/static/img/logo.svg", "/health/live", "/openapi.json"])
def test_what_a_stranger_needs_is_no_finding(path: str) -> None:
    assert NEEDED.fullmatch(path)


@pytest.mark.parametrize(
    "path",
    [
        "/transcribe",
        "/health",
        "/metrics",
        "/gradio_api/cancel",
        "/gradio_api/heartbeat/x",
        "/monitoring/x",
        "/x",
    ],
)
def test_what_a_stranger_does_not_need_is_one(path: str) -> None:
    assert not NEEDED.fullmatch(path)


def test_a_tally_counts_and_shows_what_was_found() -> None:
    tally = Tally("part")
    tally.count("200")
    assert tally.clean
    for number in range(20):
        tally.find("hang", json.dumps(number))
    report = tally.report()
    assert not tally.clean and tally.found("hang") == 20
    assert "FOUND 20 x hang" in report and "and 8 more" in report and "     1  200" in report


FORKING = """
import os, sys, subprocess
held = bytearray(b"1") * (100 << 20)
if os.fork() == 0:  # as a child is until it starts its program
    print("ready", flush=True)
    sys.stdin.read()
    os._exit(0)
program = [sys.executable, "-c", "held = bytearray(b'1') * (50 << 20); print('ready', flush=True); input()"]
child = subprocess.Popen(program, stdin=subprocess.PIPE)
sys.stdin.read()
child.communicate(b"\\n")
os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_that_a_server_shares_with_its_forks_is_counted_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FORKING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert [server.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
        own, ffmpeg, everything = weigh(server.pid)
        assert 100 * MIB < own < 140 * MIB and ffmpeg == 0
        assert 50 * MIB < everything - own < 90 * MIB
        server.communicate("")


def test_failures_in_a_log_are_found(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text(
        'INFO: all well\nTraceback (most recent call last):\n  File "a.py", line 1, in f\n    f()\nValueError: b\n'
        '{"level": "error", "event": "request failed"}\n{"level": "info", "event": "request"}\n'
    )
    assert failures(log) == ["ValueError: b", '{"level": "error", "event": "request failed"}']
