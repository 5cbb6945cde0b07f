"""Utterances lost where people speak close together, and losses that the transcript does not tell of.

    python -m tests.benchmarks.completeness [--part tune,report,talk] [--count 10] [--quick] [--most 24] [--seed 1]
        [--peers] [--data FOLDER]

tune, report  dialogues of tests/benchmarks/dialogues.py: utterances of people and of synthesised voices, joined at
              pauses of 0 to 1 s, by the same and by other speakers, at 0 dB and at 0 to -20 dB. The rules are chosen
              on `tune`.
talk          recordings of talk as they are: how often their windows are decoded, and what is told there

An utterance is lost if more than half of its words have no counterpart in the transcript. A loss is told if
`coverage` lists speech without words there and a warning says so. "False" are stretches that are told although
no utterance is lost there.

--count  dialogues of each kind of voices for each of the 24 conditions
--quick  one each, of synthesised voices and of English people
--seed   of the chance by which dialogues are joined; the utterances stay the same
--most   so many dialogues in all, drawn by chance; with --quick, 24 take three minutes on two cores
--peers  the same dialogues by faster-whisper on the same weights, with its defaults and in batches
--data   keeps what is fetched with pip and apt-get
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine import Config, Engine, Options, Transcript
from engine.recognition.decoding import DecodingRequest
from engine.recognition.recognizer import Recognizer
from engine.sampling import SAMPLE_RATE
from engine.weights.locate import find_whisper
from tests.benchmarks import human_speech, speaker_voices
from tests.benchmarks.corpus import Part
from tests.benchmarks.dialogues import PEOPLE, Dialogue, dialogues, people, synthesised
from tests.support.error_rate import lost
from tests.support.recordings import TALK

COUNT = 10
NEAR = 0.3  # seconds beside an utterance in which a told stretch counts as there
Hear = Callable[[Path, str], str]  # the text of a recording in a language


@dataclass
class Tally:
    """Counts what became of the utterances of some dialogues."""

    utterances: int = 0
    lost: Counter[str] = field(default_factory=Counter)  # by system
    untold: int = 0
    told: int = 0
    false: int = 0

    def row(self, name: str, peers: list[str]) -> str:
        others = "".join(f"{self.lost[peer]:>24}" for peer in peers)
        return f"{name:<28}{self.utterances:>10}{self.lost['']:>6}{self.untold:>9}{self.false:>7}{others}"


class Ours:
    """The engine, and how often it decoded how many windows."""

    def __init__(self) -> None:
        self.windows = self.decodes = 0
        self._engine = Engine(replace(Config.from_env(), offline=True))
        self._decode, self._generate = Recognizer.decode, Recognizer.generate_alike
        patch.object(Recognizer, "decode", self._counting_windows()).start()
        patch.object(Recognizer, "generate_alike", self._counting_decodes()).start()
        self._engine.start()

    def hear(self, path: Path, language: str) -> Transcript:
        return self._engine.transcribe(path, Options(language=language))

    def close(self) -> None:
        self._engine.close()
        patch.stopall()

    @property
    def effort(self) -> str:
        return f"{self.windows} windows, each decoded {self.decodes / max(1, self.windows):.2f} times"

    def _counting_windows(self) -> Callable:
        def decode(recognizer: Recognizer, *given, **named):
            results = self._decode(recognizer, *given, **named)
            self.windows += len(results)
            return results

        return decode

    def _counting_decodes(self) -> Callable:
        def generate_alike(recognizer: Recognizer, *given, **named):
            drafts = self._generate(recognizer, *given, **named)
            self.decodes += len(drafts)
            return drafts

        return generate_alike


def write_alone(language: str) -> Callable[[NDArray[np.float32]], tuple[str, float]]:
    """Returns how the text of an utterance is found: by decoding it alone."""
    recognizer = Recognizer.load("base", find_whisper("base", Config()).path, "cpu", "int8", 2)

    def write(samples: NDArray[np.float32]) -> tuple[str, float]:
        encoded = recognizer.encode([recognizer.features(samples)])
        (heard,) = recognizer.decode(encoded, [DecodingRequest(language)])
        tokens = sum(word.tokens for word in heard.words)
        likely = sum(word.logprob for word in heard.words) / max(1, tokens)
        return "".join(word.text for word in heard.words).strip(), likely if heard.fault is None else -np.inf

    return write


def made(part: Part, count: int, quick: bool, folder: Path, seed: int = 1) -> Iterator[tuple[str, Dialogue]]:
    """Yields dialogues with their languages."""
    for language in ("en",) if quick else PEOPLE[part]:
        said = list(people(part, language, folder, write_alone(language)))
        for dialogue in dialogues(said, count, f"people, {language}", seed):
            yield language, dialogue
    for dialogue in dialogues(list(synthesised(part)), count, "voices", seed):
        yield "en", dialogue


def told(transcript: Transcript) -> list[tuple[float, float]]:
    """Returns the spans of speech without words that both `coverage` and a warning tell of."""
    warned = any(notice.code == "bare" for notice in transcript.notices)
    bare = [found for found in transcript.coverage if found.kind == "speech_without_words"]
    return [(found.start, found.end) for found in bare] if warned else []


def count_losses(tally: Tally, dialogue: Dialogue, transcript: Transcript, language: str) -> list[str]:
    """Adds a dialogue to a tally; returns the utterances that are lost."""
    spans = told(transcript)
    missing = lost([text for *_, text in dialogue.spoken], transcript.text, language)
    explained: set[tuple[float, float]] = set()
    report = []
    for (start, end, text), gone in zip(dialogue.spoken, missing, strict=True):
        near = [span for span in spans if span[0] < end + NEAR and span[1] > start - NEAR]
        if gone:
            explained.update(near)
            tally.told += bool(near)
            tally.untold += not near
            report.append(f"{'told' if near else 'NOT TOLD'} {start:.1f}-{end:.1f} {text}")
    tally.utterances += len(missing)
    tally.lost[""] += sum(missing)
    tally.false += len(set(spans) - explained)
    return report


def faster_whisper() -> dict[str, Hear]:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(find_whisper("base", Config()).path), device="cpu", compute_type="int8")
    batched = BatchedInferencePipeline(model)

    def text(segments: object) -> str:
        return " ".join(segment.text.strip() for segment in segments)  # type: ignore[attr-defined]

    return {
        "faster-whisper": lambda path, language: text(model.transcribe(str(path), language=language)[0]),
        "faster-whisper batched": lambda path, language: text(
            batched.transcribe(str(path), language=language, batch_size=8)[0]
        ),
    }


def sample(every: list[tuple[str, Dialogue]], most: int | None) -> list[tuple[str, Dialogue]]:
    """Returns at most so many of the dialogues, drawn by chance with a fixed seed; all for None."""
    if most is None or most >= len(every):
        return every
    return [every[at] for at in sorted(np.random.default_rng(1).permutation(len(every))[:most])]


def run(part: Part, chosen: list[tuple[str, Dialogue]], peers: dict[str, Hear], folder: Path) -> None:
    """Prints what is lost, by condition; an interrupt ends the run, and what has been heard is printed."""
    ours = Ours()
    tallies: dict[str, Tally] = {}
    try:
        for language, dialogue in chosen:
            hear(ours, dialogue, language, tallies=tallies, peers=peers, path=folder / "dialogue.wav")
    except KeyboardInterrupt:
        print("interrupted")
    ours.close()
    print(f"\n{part}: {ours.effort}")
    names = "".join(f"{peer:>24}" for peer in peers)
    print(f"{'':<28}{'utterances':>10}{'lost':>6}{'untold':>9}{'false':>7}{names}")
    for name in sorted(tallies):
        print(tallies[name].row(name, list(peers)))


def hear(
    ours: Ours,
    dialogue: Dialogue,
    language: str,
    *,
    tallies: dict[str, Tally],
    peers: dict[str, Hear],
    path: Path,
) -> None:
    """Adds what each system makes of a dialogue to the tallies of its conditions."""
    soundfile.write(path, dialogue.samples, SAMPLE_RATE)
    transcript = ours.hear(path, language)
    texts = {name: listen(path, language) for name, listen in peers.items()}
    condition = dialogue.condition
    pause = f"pause {condition.pause:.1f} s"
    speakers = "other speakers" if condition.others else "same speaker"
    level = "0 to -20 dB" if condition.levels else "0 dB"
    for name in (pause, f"{pause}, {speakers}", level, dialogue.kind, "all"):
        tally = tallies.setdefault(name, Tally())
        report = count_losses(tally, dialogue, transcript, language)
        for peer, text in texts.items():
            tally.lost[peer] += sum(lost([said for *_, said in dialogue.spoken], text, language))
    for line in report:
        print(f"  {dialogue.kind}, {condition.name}: {line}", flush=True)


def run_talk(folder: Path) -> None:
    """Prints what talk that is as it is costs, and what is told there."""
    ours = Ours()
    for path in [TALK, *(saying.path for saying in human_speech.fetch(folder))]:
        before = ours.decodes, ours.windows
        transcript = ours.hear(path, "en")
        decodes, windows = ours.decodes - before[0], ours.windows - before[1]
        spans = " ".join(f"{start:.1f}-{end:.1f}" for start, end in told(transcript))
        print(
            f"{path.name:<28}{transcript.duration:>7.1f} s{decodes:>3} of {windows:>2}  {spans}", flush=True
        )
    ours.close()
    print(f"talk: {ours.effort}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", default="report,talk")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--most", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.data or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        peers = faster_whisper() if given.peers else {}
        for part in given.part.split(","):
            if part == "talk":
                run_talk(folder)
                continue
            speaker_voices.fetch(folder)
            count = 1 if given.quick else given.count
            chosen = sample(list(made(part, count, given.quick, folder, given.seed)), given.most)
            run(part, chosen, peers, folder)


if __name__ == "__main__":
    main()
