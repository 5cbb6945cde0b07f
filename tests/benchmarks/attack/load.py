"""Load: mixed callers, requests in a row, and uploads at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.benchmarks.attack.mutation import mutate
from tests.benchmarks.attack.tally import Tally
from tests.benchmarks.attack.victim import Victim
from tests.support.process_memory import MIB
from tests.support.recordings import CLIPS

CALLERS = 32
QUARTERS = 4
GROWTH = 64 * MIB  # between the second and the last quarter: more is no longer flat
UPLOAD_BYTES = 8 * MIB
TOLD_TO_WAIT = (429, 503, 507)


def mixed(victim: Victim, tally: Tally, rounds: int, patience: float) -> None:
    """Lets callers transcribe, stream, ask, send what is broken and leave, all at once."""
    clips = [path.read_bytes() for path in sorted(CLIPS.glob("*/*.wav"))]

    def call(number: int) -> None:
        chance = random.Random(number)
        for _ in range(rounds):
            _say(victim, tally, patience, chance.choice(_KINDS), chance, clips)

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(call, range(CALLERS)))


def in_a_row(victim: Victim, tally: Tally, count: int, patience: float) -> None:
    """Sends one recording after another, and looks at the memory at rest after each quarter."""
    clips = [path.read_bytes() for path in sorted(CLIPS.glob("*/*.wav"))]
    held = []
    for _ in range(QUARTERS):
        for number in range(count // QUARTERS):
            _post(victim, tally, patience, clips[number % len(clips)], "in a row")
        held.append(victim.at_rest())
    print(f"  MiB at rest after each quarter of {count} in a row: {[size // MIB for size in held]}")
    if held[-1] - held[1] > GROWTH:
        tally.find(
            "memory grows", f"by {(held[-1] - held[1]) // MIB} MiB from the second quarter to the last"
        )


def uploads(victim: Victim, tally: Tally, count: int, patience: float) -> None:
    """Sends uploads, all of which begin at the same moment."""
    start = threading.Barrier(count)
    data = bytes(UPLOAD_BYTES)

    def upload(_: int) -> None:
        start.wait()
        _post(victim, tally, patience, data, "upload at once")

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(upload, range(count)))


def _post(victim: Victim, tally: Tally, patience: float, data: bytes, name: str, **fields: str) -> None:
    files = {"file": ("talk.wav", data)}
    _ask(tally, name, lambda: httpx.post(
        f"{victim.url}/transcribe", files=files, data=fields, headers=victim.headers, timeout=patience
    ))  # fmt: skip


def _ask(tally: Tally, name: str, call: Callable[[], httpx.Response]) -> None:
    try:
        answer = call()
    except httpx.TimeoutException:
        tally.count(f"{name}: no answer in time")
        tally.find("hang", name)
        return
    except httpx.HTTPError as error:
        tally.count(f"{name}: {type(error).__name__}")
        tally.find("no answer", f"{name}: {error}")
        return
    told = "told to wait" if answer.status_code in TOLD_TO_WAIT else str(answer.status_code)
    tally.count(f"{name}: {told}")
    if answer.status_code in TOLD_TO_WAIT and "retry-after" not in answer.headers:
        tally.find("told to wait without a time", f"{name}: {answer.status_code}")
    if answer.status_code >= 500 and answer.status_code not in TOLD_TO_WAIT:
        tally.find("5xx", f"{name}: {answer.status_code} {answer.text[:100]}")


def _say(
    victim: Victim, tally: Tally, patience: float, kind: str, chance: random.Random, clips: list[bytes]
) -> None:
    clip = chance.choice(clips)
    if kind == "stream":
        _post(victim, tally, patience, clip, kind, stream="true")
    elif kind == "broken":
        _post(victim, tally, patience, mutate(clip, chance.randrange(1 << 30)), kind)
    elif kind == "health":
        _ask(tally, kind, lambda: httpx.get(f"{victim.url}/health", headers=victim.headers, timeout=patience))
    elif kind == "page":
        _ask(tally, kind, lambda: httpx.get(victim.url, timeout=patience))
    elif kind == "leave":
        try:
            _leave(victim, clip)
        except httpx.HTTPError:
            tally.count("leave: left")
    else:
        _post(victim, tally, patience, clip, kind)


def _leave(victim: Victim, clip: bytes) -> None:
    """Sends a recording and does not wait for its answer."""
    httpx.post(
        f"{victim.url}/transcribe", files={"file": ("talk.wav", clip)}, headers=victim.headers,
        timeout=httpx.Timeout(30, read=0.05),
    )  # fmt: skip


_KINDS = ("transcribe", "transcribe", "stream", "broken", "health", "page", "leave")
