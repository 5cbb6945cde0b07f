"""Attacks a server that it starts itself, on this machine alone, and tells what became of it.

    python -m tests.benchmarks.attack [--parts media,odd,routes,load] [--media 1000] [--odd 500] [--memory 1700]

media   files made by hand and mutants of every format that ffmpeg makes, sent as recordings
odd     requests that a polite client never sends, through raw sockets
routes  every route without credentials, and with a large body
load    32 mixed callers, `--row` recordings in a row, `--uploads` uploads at once

Each part prints its counts by outcome and what it FOUND; in the end come deaths, late answers to the probe
(/health/live, a second), leftovers, foreign files and addresses, and the peak memory. The exit code is the number of
kinds of findings. With `--memory` the server runs under a limit in MiB: a cgroup (version 2) if one may be made,
else the data of each process by rlimit, and the sum of them all by watching.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import httpx

from tests.benchmarks.attack import load, media
from tests.benchmarks.attack.mutation import TOOLS
from tests.benchmarks.attack.odd_requests import odd_requests
from tests.benchmarks.attack.raw import Odd, send, status_of
from tests.benchmarks.attack.routes import ask_all
from tests.benchmarks.attack.tally import Tally
from tests.benchmarks.attack.victim import Victim, victim
from tests.support.process_memory import MIB

T = TypeVar("T")

SECRET_WORDS = ("fox", "jumps", "lazy")  # of the recording that is not the attacker's
MAX_SECONDS = 120  # of sound that a recording may have: more is refused, and a lie costs less time
QUIET_SECONDS = 3.0  # for which an unfinished request is held before it is dropped


def attack_with_media(target: Victim, asked: argparse.Namespace) -> Tally:
    """Sends files as recordings."""
    tally = Tally("media")
    with tempfile.TemporaryDirectory() as folder:
        originals = media.seeds(Path(folder))
    made = list(media.handmade(originals, target.recording, target.address))
    made += media.mutants(originals, max(0, asked.media - len(made)), asked.seed, asked.mutator)
    print(f"{len(originals)} formats, {len(made)} media", flush=True)

    def send_one(medium: media.Medium) -> None:
        try:
            answer = httpx.post(
                f"{target.url}/transcribe", files={"file": ("talk.wav", medium.data)},
                headers=target.headers, timeout=asked.patience,
            )  # fmt: skip
        except httpx.TimeoutException:
            tally.count("no answer in time")
            tally.find("hang", medium.name)
            return
        except httpx.HTTPError as error:
            tally.count(type(error).__name__)
            tally.find("no answer", f"{medium.name}: {error}")
            return
        code = answer.json()["error"]["code"] if answer.status_code != 200 else "transcribed"
        tally.count(f"{answer.status_code} {code}")
        if answer.status_code >= 500 and answer.status_code != 503:
            tally.find("5xx", f"{medium.name}: {answer.text[:120]}")
        if code in ("ffmpeg_missing", "setup"):
            tally.find("the file's fault laid on the server", f"{medium.name}: {code}")
        if target.secret in answer.text or any(word in answer.text.lower() for word in SECRET_WORDS):
            tally.find("foreign file read", medium.name)

    _all(send_one, made, asked.parallel, target)
    return tally


def attack_with_odd_requests(target: Victim, asked: argparse.Namespace) -> Tally:
    """Sends requests through raw sockets."""
    tally = Tally("odd requests")

    def send_one(odd: Odd) -> None:
        began = time.monotonic()
        try:
            answer = send(target.url, odd.data, asked.patience if odd.whole else QUIET_SECONDS)
        except OSError as error:
            tally.count(type(error).__name__)
            if not target.alive():
                tally.find("death", odd.name)
            return
        status = status_of(answer)
        hung = odd.whole and not answer and time.monotonic() - began >= asked.patience
        tally.count(
            str(status) if status else "no answer in time" if hung else "closed" if answer else "nothing"
        )
        if hung:
            tally.find("hang", odd.name)
        if status is not None and status >= 500 and status not in (501, 503, 505):
            tally.find("5xx", f"{odd.name}: {status}")
        if b"Traceback" in answer:
            tally.find("traceback in an answer", odd.name)
        if target.secret.encode() in answer or b"root:x:" in answer:
            tally.find("foreign file read", odd.name)

    _all(send_one, odd_requests(asked.odd, asked.seed), asked.parallel, target)
    return tally


def attack_routes(target: Victim, asked: argparse.Namespace) -> Tally:
    """Asks for every route without credentials."""
    tally = Tally("routes without credentials")
    ask_all(target, tally, min(asked.patience, 10.0))
    return tally


def attack_with_load(target: Victim, asked: argparse.Namespace) -> Tally:
    """Sends more at once than the server can do."""
    tally = Tally("load")
    load.mixed(target, tally, asked.rounds, asked.patience)
    load.in_a_row(target, tally, asked.row, asked.patience)
    load.uploads(target, tally, asked.uploads, asked.patience)
    return tally


PARTS: dict[str, Callable[[Victim, argparse.Namespace], Tally]] = {
    "media": attack_with_media,
    "odd": attack_with_odd_requests,
    "routes": attack_routes,
    "load": attack_with_load,
}


def _all(work: Callable[[T], None], things: Iterable[T], parallel: int, target: Victim) -> None:
    """Does the work for each thing, some at a time, until the server is dead."""

    def unless_dead(thing: T) -> None:
        if target.alive():
            work(thing)

    with ThreadPoolExecutor(parallel) as pool:
        list(pool.map(unless_dead, things))


def main() -> int:
    """Runs the parts asked for and returns how many kinds of findings there are."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.attack",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--parts", default=",".join(PARTS), help="which parts, in which order")
    parser.add_argument("--media", type=int, default=1000, help="media to send")
    parser.add_argument("--odd", type=int, default=500, help="odd requests to send")
    parser.add_argument("--rounds", type=int, default=4, help="requests of each of the 32 mixed callers")
    parser.add_argument("--row", type=int, default=200, help="recordings in a row")
    parser.add_argument("--uploads", type=int, default=64, help="uploads at once")
    parser.add_argument("--parallel", type=int, default=4, help="media and odd requests at a time")
    parser.add_argument(
        "--patience", type=float, default=120.0, help="seconds after which no answer is a hang"
    )
    parser.add_argument("--memory", type=int, default=0, help="MiB that the server and its ffmpeg may take")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations and crossings")
    parser.add_argument("--mutator", choices=("auto", "own", *TOOLS), default="auto")
    asked = parser.parse_args()
    settings = {"WORDLIGHT_MAX_SECONDS": str(MAX_SECONDS)}
    tallies = []
    with (
        tempfile.TemporaryDirectory(prefix="attack-") as folder,
        victim(Path(folder), asked.memory * MIB, **settings) as target,
    ):
        for part in asked.parts.split(","):
            if not target.alive():
                break
            tallies.append(PARTS[part](target, asked))
            print(tallies[-1].report(), flush=True)
        tallies.append(target.verdict())
        print(tallies[-1].report())
        print(target.summary(), flush=True)
    return sum(not tally.clean for tally in tallies)


if __name__ == "__main__":
    sys.exit(main())
