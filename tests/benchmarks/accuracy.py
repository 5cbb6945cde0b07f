"""Languages found and words right, beside faster-whisper on the same weights.

    python -m tests.benchmarks.accuracy [--parts clips,corpus]

clips   pytest-audioeval's 27 clips, each of one to six seconds, nine languages
corpus  the scripts of tests/benchmarks/corpus.py under its conditions: thousands of words

Prints for each part one table: for each recording the language found and the error rate of our engine and of
faster-whisper with its defaults (beam 5). Word error rate, or character error rate for Chinese and Japanese, by
jiwer; both sides normalised alike: lower case, no punctuation, numbers spelled out. Below it stands the mean
difference with its 95 % bootstrap interval: where that holds 0, the two differ by no more than chance.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import soundfile

from engine import Config, Engine
from engine.weights.locate import find_whisper
from tests.benchmarks.bootstrap import Interval, paired
from tests.support.error_rate import BY_CHARACTER, error_rate, normalise
from tests.support.recordings import CLIPS

SEED = 1  # both systems draw texts at random where they are unsure


@dataclass(frozen=True, slots=True)
class Score:
    """One clip heard by one system."""

    language: str
    text: str
    error: float  # word or character error rate
    sure: float = 0.0  # probability of the language, where it is known

    @property
    def lost(self) -> float:
        """The error rate, at most 1: a clip taken for another language is lost, however much is made of it."""
        return min(self.error, 1.0)


@dataclass(frozen=True, slots=True)
class Recording:
    """name: starts with the code of the language, then "/"; truth: what is said."""

    name: str
    path: Path
    truth: str

    @property
    def language(self) -> str:
        return self.name.split("/")[0]

    @property
    def units(self) -> int:
        """Words said, or characters where words are not set apart."""
        text = normalise(self.truth, self.language)
        return len(text.replace(" ", "")) if self.language in BY_CHARACTER else len(text.split())


@dataclass(frozen=True, slots=True)
class Row:
    """One recording heard by both systems."""

    recording: Recording
    ours: Score
    theirs: Score


def clips() -> Iterator[Recording]:
    """Yields pytest-audioeval's clips."""
    for path in sorted(CLIPS.glob("*/*.wav")):
        yield Recording(f"{path.parent.name}/{path.stem}", path, path.with_suffix(".txt").read_text().strip())


def corpus(folder: Path) -> Iterator[Recording]:
    """Yields synthesised speech with known words, written below a folder. Raises SynthesisMissing."""
    from tests.benchmarks.corpus import CONDITIONS, SCRIPTS, takes
    from tests.support.synthesis import SAMPLE_RATE

    for part in SCRIPTS:
        for condition in CONDITIONS:
            for number, take in enumerate(takes(part, condition)):
                name = f"{take.recording.language}/{part}{number}-{condition}"
                path = folder / f"{name.replace('/', '-')}.wav"
                soundfile.write(path, take.recording.samples, SAMPLE_RATE)
                yield Recording(name, path, " ".join(take.script.sentences))


def rows(recordings: Iterable[Recording]) -> Iterator[Row]:
    """Yields one row a recording; both systems run on the same weights and the same numbers of threads."""
    from faster_whisper import WhisperModel

    ctranslate2.set_random_seed(SEED)
    config = Config.from_env()
    engine = Engine(config)
    engine.start()
    peer = WhisperModel(str(find_whisper("base", config).path), device="cpu", compute_type="int8")
    for each in recordings:
        transcript = engine.transcribe(each.path)
        segments, info = peer.transcribe(str(each.path))
        theirs = " ".join(segment.text.strip() for segment in segments)
        yield Row(
            each,
            Score(
                transcript.language or "",
                transcript.text,
                error_rate(each.truth, transcript.text, each.language),
            ),
            Score(
                info.language,
                theirs,
                error_rate(each.truth, theirs, each.language),
                info.language_probability,
            ),
        )
    engine.close()


def excess(found: list[Row], confidence: float = 0.95) -> Interval:
    """Returns by how much our error rate exceeds faster-whisper's, a word counting the same wherever it stands."""
    return paired(
        [row.ours.lost - row.theirs.lost for row in found],
        [row.recording.units for row in found],
        confidence,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parts", default="clips,corpus")
    with tempfile.TemporaryDirectory() as folder:
        for part in parser.parse_args().parts.split(","):
            print(f"\n{part:<26} {'ours':<5} {'error':>6}   {'peer':<5} {'error':>6}", flush=True)
            found = []
            for row in rows(clips() if part == "clips" else corpus(Path(folder))):
                found.append(row)
                print(
                    f"{row.recording.name:<26} {row.ours.language:<5} {row.ours.error:6.3f}   "
                    f"{row.theirs.language:<5} {row.theirs.error:6.3f}",
                    flush=True,
                )
            print(summary(found))


def summary(found: list[Row]) -> str:
    """Returns the languages found, the error rates, a recording's being at most 1, and their difference."""
    words = [row.recording.units for row in found]
    lines = [f"{len(found)} recordings, {sum(words)} words"]
    for label, name in (("Wordlight", "ours"), ("faster-whisper", "theirs")):
        scores: list[Score] = [getattr(row, name) for row in found]
        right = sum(
            score.language == row.recording.language for score, row in zip(scores, found, strict=True)
        )
        rate = paired([score.lost for score in scores], words).mean
        lines.append(f"{label:<15} language {right} of {len(scores)}, error rate {rate:.3f}")
    return "\n".join([*lines, f"{'difference':<15} {excess(found)}"])


if __name__ == "__main__":
    main()
