"""Word times beside the truth, and beside faster-whisper's on the same weights.

    python -m tests.benchmarks.word_timing [--part tune|report] [--conditions clean,echo]

Speech with known word times comes from espeak-ng (`synthesis.py`) and flite (`flite.py`), clean and
degraded. A word counts where both the truth and the system have it, matched in order on equal normalised
text, the first unused one (CrisperWhisper's rule), and where every system heard it, so that all are
judged on the same words. Prints one table. Thresholds are chosen on `tune`; what is claimed comes from
`report`, whose sentences, voices and speeds are others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import soundfile

from engine import Config, Engine
from engine.models import find_whisper
from engine.options import AlignerChoice, Options
from tests.benchmarks import flite
from tests.benchmarks.accuracy import normalise
from tests.benchmarks.synthesis import (
    SAMPLE_RATE,
    Recording,
    Spoken,
    echoing,
    joined,
    noisy,
    speak,
    telephoned,
)  # fmt: skip

PEER = "faster-whisper"
LOOKAHEAD = 6  # words of the truth that may be skipped to match the next word heard
NEAR = (0.05, 0.1, 0.2)  # seconds

# Voice, words a minute, sentences.
Script = tuple[str, int, tuple[str, ...]]
TUNE: tuple[Script, ...] = (
    ("en-us", 160, (
        "The old harbour was quiet this morning, and nobody answered the bell.",
        "Seven yellow boats came home before the storm.",
        "Please remember to close every window.",
        "My brother bought fresh bread, green apples and strong coffee.",
    )),
    ("en+f3", 145, (
        "Science moves slowly until somebody asks a better question.",
        "Stop here, look around, then walk on.",
        "Several people believe winter will arrive early.",
        "Our teacher speaks clearly, because children listen.",
    )),
    ("slt", 165, (
        "I was just telling them that we should probably leave before it gets dark.",
        "You know, it's not really what I wanted, but I guess it will do for now.",
        "It took us almost an hour to find the right street, because the map was wrong.",
        "He didn't say much, he only looked at the floor and waited.",
    )),
    ("de", 150, (
        "Der alte Bahnhof war heute Morgen sehr ruhig.",
        "Meine Schwester kauft frisches Brot und starken Kaffee.",
    )),
    ("es", 150, (
        "Mi hermana compra pan fresco todos los domingos.",
        "Nadie sabe cuando llega el invierno.",
    )),
)  # fmt: skip
REPORT: tuple[Script, ...] = (
    ("en-us+f2", 175, (
        "Farmers carried heavy baskets across the narrow bridge.",
        "Nobody knows why music makes people happy.",
        "Yesterday afternoon, Peter finally repaired his broken bicycle.",
        "Wait, something moved behind those trees.",
    )),
    ("en-gb-x-rp", 150, (
        "Doctors often recommend drinking water after long journeys.",
        "Good evening, ladies and gentlemen, welcome back.",
        "Every summer, thousands visit these ancient mountains.",
        "Small changes matter, although progress seems slow.",
    )),
    ("rms", 165, (
        "I don't know why they never told us about the problem with the engine.",
        "So the first thing that we did was to talk to everyone who lived there.",
        "It's one of those things that you only notice when it is gone.",
        "They asked me if I could stay for another week, and I said yes.",
    )),
    ("kal16", 180, (
        "The report was much longer than it had to be, and hardly anyone opened it.",
        "He put the letter on the table, turned off the light and went out.",
        "We can't really say that it was a surprise to any of us.",
        "When the rain had stopped, the whole town came out to see the river.",
    )),
    ("fr", 150, (
        "Mon voisin cherche toujours son petit chien noir.",
        "Demain matin, nous partons vers la montagne.",
    )),
    ("de+f2", 155, (
        "Unser Lehrer spricht langsam, damit alle Kinder zuhören.",
        "Niemand weiß, wann der Winter kommt.",
    )),
)  # fmt: skip
PARTS = {"tune": TUNE, "report": REPORT}
SHORT, LONG = (0.3, 0.8, 0.5, 1.4), (1.5, 4.0, 2.5, 6.0)  # seconds of silence before each sentence
CONDITIONS: dict[str, Callable[[Recording], Recording]] = {
    "clean": lambda it: it,
    "noise10": lambda it: noisy(it, 10),
    "noise5": lambda it: noisy(it, 5),
    "telephone": telephoned,
    "echo": echoing,
    "silences": lambda it: it,
}


@dataclass(frozen=True, slots=True)
class Given:
    """A word that a system gave."""

    text: str
    start: float
    end: float
    aligned: bool = False  # against the sound itself, and not by attention or between neighbours


@dataclass(frozen=True, slots=True)
class Score:
    words: int
    near: tuple[float, ...]  # share of words with both ends within each of NEAR
    mean: float  # of the errors of all boundaries, seconds
    median: float
    start: float  # mean signed error, seconds: positive is late
    end: float
    aligned: float


def recordings(part: str, condition: str) -> Iterator[Recording]:
    """Yields a part's speech under a condition."""
    pauses = LONG if condition == "silences" else SHORT
    for voice, rate, sentences in PARTS[part]:
        if voice in flite.VOICES:
            said = [flite.speak(sentence, voice, 165 / rate) for sentence in sentences]
        else:
            said = [speak(sentence, voice, rate) for sentence in sentences]
        yield CONDITIONS[condition](joined(said, pauses[: len(said)]))


def matched(truth: Sequence[Spoken], given: Sequence[Given], language: str) -> dict[int, Given]:
    """Returns the word given for each true word that has one."""
    keys = [normalise(word.text, language) for word in truth]
    found: dict[int, Given] = {}
    at = 0
    for word in given:
        key = normalise(word.text, language)
        index = next((i for i in range(at, min(at + LOOKAHEAD, len(keys))) if keys[i] == key), None)
        if index is not None:
            found[index] = word
            at = index + 1
    return found


def score(pairs: Sequence[tuple[Spoken, Given]]) -> Score:
    signed = np.array([(given.start - true.start, given.end - true.end) for true, given in pairs])
    error = np.abs(signed)
    return Score(
        len(pairs),
        tuple(float((error.max(axis=1) <= limit).mean()) for limit in NEAR),
        float(error.mean()),
        float(np.median(error)),
        float(signed[:, 0].mean()),
        float(signed[:, 1].mean()),
        float(np.mean([given.aligned for _, given in pairs])),
    )


def pairs_of(truth: Recording, answers: dict[str, list[Given]]) -> dict[str, list[tuple[Spoken, Given]]]:
    """Pairs each system's words with the truth, the words that all of them heard."""
    found = {name: matched(truth.words, given, truth.language) for name, given in answers.items()}
    shared = set.intersection(*(set(words) for words in found.values()))
    kept = [index for index in sorted(shared) if truth.words[index].exact]
    return {name: [(truth.words[i], words[i]) for i in kept] for name, words in found.items()}


class Systems:
    """Our engine on each rung that this installation has, and faster-whisper."""

    def __init__(self) -> None:
        from faster_whisper import WhisperModel

        config = Config.from_env()
        self.engine = Engine(config)
        self.engine.start()
        self._peer = WhisperModel(str(find_whisper("base", config).path), device="cpu", compute_type="int8")
        self.rungs = [rung for rung in get_args(AlignerChoice) if rung != "auto"]

    def answers(self, recording: Recording) -> dict[str, list[Given]]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.wav"
            soundfile.write(path, recording.samples, SAMPLE_RATE)
            found = {}
            for rung in self.rungs:
                transcript = self.engine.result(path, Options(language=recording.language, aligner=rung))
                if transcript.aligner == rung:  # else the rung fell, and is not itself
                    found[rung] = [
                        Given(word.word, word.start, word.end, word.timing == "aligned")
                        for segment in transcript.segments
                        for word in segment.words
                    ]
            segments, _ = self._peer.transcribe(
                str(path), language=recording.language, word_timestamps=True, vad_filter=True
            )
            found[PEER] = [Given(w.word.strip(), w.start, w.end) for s in segments for w in s.words]
        return found


def measured(part: str, conditions: Sequence[str]) -> Iterator[tuple[str, str, Score]]:
    """Yields (condition, system, score). A rung that a language lacks is judged where it has one."""
    systems = Systems()
    for condition in conditions:
        pairs: dict[str, list[tuple[Spoken, Given]]] = {}
        for recording in recordings(part, condition):
            for name, found in pairs_of(recording, systems.answers(recording)).items():
                pairs.setdefault(name, []).extend(found)
        yield from ((condition, name, score(found)) for name, found in pairs.items() if found)
    systems.engine.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Word times beside the truth.")
    parser.add_argument("--part", choices=sorted(PARTS), default="report")
    parser.add_argument("--conditions", default=",".join(CONDITIONS))
    arguments = parser.parse_args()
    print(
        f"{'condition':<10} {'system':<15} {'words':>5} {'50 ms':>6} {'100 ms':>6} {'200 ms':>6} "
        f"{'mean':>6} {'median':>6} {'start':>7} {'end':>7} {'aligned':>7}"
    )
    for condition, name, it in measured(arguments.part, arguments.conditions.split(",")):
        shares = " ".join(f"{share:6.2f}" for share in it.near)
        print(
            f"{condition:<10} {name:<15} {it.words:>5} {shares} {it.mean:6.3f} {it.median:6.3f} "
            f"{it.start:+7.3f} {it.end:+7.3f} {it.aligned:7.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
