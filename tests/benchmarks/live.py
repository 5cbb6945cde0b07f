"""An hour of live speech: what is lost, how late its words are, and what the server holds.

    python -m tests.benchmarks.live [--minutes 60] [--seed 1]

The sentences of four synthesised voices, with pauses of 0.2 to 2.5 s, are sent to `WS /v1/live` of an app of its own,
as fast as they are spoken. An utterance is lost if more than half of its words are missing in the result. A delay is
the time from an utterance's end until its last final word has arrived. Only utterances with a pause of 0.6 s or
more behind them count, since that pause is what ends them.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection

from engine.sampling import SAMPLE_RATE, to_samples
from tests.benchmarks.dialogues import synthesised
from tests.support.app import App, launch, wait_until_ready
from tests.support.error_rate import error_rate, lost
from tests.support.live_client import end, heard, live, pcm, words_of
from tests.support.process_memory import MIB, weigh

PAUSES = (0.3, 0.7, 0.2, 1.2, 0.6, 2.5, 0.8, 0.4)  # seconds behind the utterances, in turn
ENDING = 0.6  # seconds of pause that end a stretch of speech
NEAR = 0.3  # seconds by which a last word may end before its utterance does
LOOK_SECONDS = 5.0  # between two looks at the memory


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance: start and end in seconds, text, and the seconds of pause behind it."""

    start: float
    end: float
    text: str
    pause: float


@dataclass
class Hearing:
    """What has arrived: by the second of its end, when; both in seconds since the first sample was sent."""

    began: float
    final: list[tuple[float, float]] = field(default_factory=list)
    provisional: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    result_at: float = 0.0
    notes: list[str] = field(default_factory=list)

    def take(self, client: ClientConnection) -> None:
        """Takes the messages until the connection is closed."""
        for message in heard(client):
            now = time.monotonic() - self.began
            kind = message["type"]
            if kind == "update" and message["segments"]:
                self.final.append((max(segment["end"] for segment in message["segments"]), now))
            elif kind == "provisional":
                self.provisional += 1
            elif kind == "result":
                self.result, self.result_at = message, now
            elif kind in ("ended", "error"):
                self.notes.append(str(message))

    def delays(self, said: list[Said]) -> NDArray[np.float64]:
        """Returns the seconds from the end of each utterance with a pause behind it to its last word."""
        found = []
        for each in said:
            arrived = next((at for until, at in self.final if until >= each.end - NEAR), None)
            if each.pause >= ENDING and arrived is not None:
                found.append(arrived - each.end)
        return np.array(found)


def speech(minutes: float, seed: int) -> tuple[NDArray[np.float32], list[Said]]:
    """Returns samples (n,) at 16 kHz and what is said in them."""
    sentences = list(synthesised("report"))
    chance = np.random.default_rng(seed)
    blocks: list[NDArray[np.float32]] = []
    said: list[Said] = []
    at = 0
    while at < minutes * 60 * SAMPLE_RATE:
        for index in chance.permutation(len(sentences)).tolist():
            utterance, pause = sentences[index], PAUSES[len(said) % len(PAUSES)]
            ends = at + len(utterance.samples)
            said.append(Said(at / SAMPLE_RATE, ends / SAMPLE_RATE, utterance.text, pause))
            blocks += [utterance.samples, np.zeros(to_samples(pause), np.float32)]
            at = ends + to_samples(pause)
            if at >= minutes * 60 * SAMPLE_RATE:
                break
    return np.concatenate(blocks), said


def send_as_spoken(client: ClientConnection, samples: NDArray[np.float32], began: float) -> None:
    """Sends each part when a microphone would have it, and then the end."""
    sent = 0
    for part in pcm(samples):
        sent += len(part) // 2
        time.sleep(max(0.0, began + sent / SAMPLE_RATE - time.monotonic()))
        client.send(part)
    end(client)


def held(pid: int, stop: threading.Event) -> Iterator[float]:
    """Yields the MiB of the server and its children every few seconds, until the event is set."""
    while not stop.wait(LOOK_SECONDS):
        yield weigh(pid)[2] / MIB


def run(folder: Path, minutes: float, seed: int) -> None:
    samples, said = speech(minutes, seed)
    seconds = len(samples) / SAMPLE_RATE
    with launch(folder) as (url, process):
        wait_until_ready(url, process, folder / "server.log")
        app, stop, memory = App(url, folder), threading.Event(), []
        files = {"file": ("warm.wav", b"")}
        httpx.post(f"{url}/transcribe", files=files, timeout=60)  # an answer, so that all routes are built
        watch = threading.Thread(target=lambda: memory.extend(held(process.pid, stop)))
        watch.start()
        with live(app, format="pcm", language="en") as client:
            hearing = Hearing(time.monotonic())
            sender = threading.Thread(target=send_as_spoken, args=(client, samples, hearing.began))
            sender.start()
            hearing.take(client)
            sender.join()
        stop.set()
        watch.join()
    report(hearing, said, seconds, memory)


def report(hearing: Hearing, said: list[Said], seconds: float, memory: list[float]) -> None:
    text = words_of(hearing.result) if hearing.result else ""
    missing = lost([each.text for each in said], text, "en")
    delays = hearing.delays(said)
    for each in hearing.notes:
        print(each)
    print(f"{seconds / 60:.1f} min live, {hearing.provisional} provisional texts")
    print(f"lost: {sum(missing)} of {len(said)} utterances")
    for each, gone in zip(said, missing, strict=True):
        if gone:
            print(f"  {each.start:.1f}-{each.end:.1f} {each.text}")
    print(f"word error rate: {error_rate(' '.join(each.text for each in said), text, 'en'):.3f}")
    if len(delays):
        middle, late, last = np.percentile(delays, (50, 95, 100))
        print(
            f"final words after the end of speech: median {middle:.2f} s, 95 % within {late:.2f}, last {last:.2f}"
        )
    print(f"the result came {hearing.result_at - seconds:.2f} s after the end")
    if memory:
        early = memory[: max(1, len(memory) // 6)]
        print(f"memory: at most {max(early):.0f} MiB in the first sixth, {max(memory):.0f} MiB in all")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        run(Path(name), given.minutes, given.seed)


if __name__ == "__main__":
    main()
