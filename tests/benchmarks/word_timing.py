"""Word times beside the truth, and beside faster-whisper's on the same weights.

    python -m tests.benchmarks.word_timing [--part tune|report] [--conditions clean,echo] [--language en]
        [--given-text]

Speech with known word times comes from flite (`flite.py`) and espeak-ng (`synthesis.py`), clean and
degraded (`corpus.py`). A word counts where both the truth and the system have it, in the runs of words that
they share, normalised, the longest first; and where every system heard it, so that all are judged on the
same words.

With --given-text, our engine is given what is said, so that only the times are
judged. A word that it takes for not said counts as a miss.

Prints a line for each condition and system; then how often a word's ends were within 0.1 s at each
height of the score that came with it; then every recording on which the default was not the nearest.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import soundfile

from engine import Config, Engine, Transcript
from engine.alignment.phonetic.g2p import g2p_model_path
from engine.options import AlignerChoice, Options
from engine.text_alignment.text_formats import read_text
from engine.weights.locate import find_whisper, wav2vec2_available
from tests.benchmarks.corpus import CONDITIONS, SCRIPTS, Take, takes
from tests.support.error_rate import normalise
from tests.support.synthesis import SAMPLE_RATE, Recording, Spoken

PEER = "faster-whisper"
NEAR = (0.05, 0.1, 0.2)  # seconds
BANDS = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)  # edges of the scores that are looked at together


@dataclass(frozen=True, slots=True)
class Given:
    """A word that a system gave; its score where there is one."""

    text: str
    start: float
    end: float
    aligned: bool = False  # against the sound itself, and not by attention or between neighbours
    score: float | None = None


Pairs = list[tuple[Spoken, Given]]


@dataclass(frozen=True, slots=True)
class Judged:
    """One recording's words as one system timed them."""

    take: Take
    system: str
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class Score:
    words: int
    near: tuple[float, ...]  # share of words with both ends within each of NEAR
    mean: float  # of the errors of all boundaries, seconds
    median: float
    start: float  # mean signed error, seconds: positive is late
    end: float
    aligned: float
    reported: float | None  # mean of the scores that the system gave


def matched(truth: Sequence[Spoken], given: Sequence[Given], language: str) -> dict[int, Given]:
    """Returns the word given for each true word that has one."""
    said = [normalise(word.text, language) for word in truth]
    heard = [normalise(word.text, language) for word in given]
    blocks = SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
    return {block.a + at: given[block.b + at] for block in blocks for at in range(block.size)}


def errors(pairs: Pairs) -> np.ndarray:
    """Returns how late each word's start and end are, in seconds (words, 2)."""
    return np.array([(given.start - true.start, given.end - true.end) for true, given in pairs])


def score(pairs: Pairs) -> Score:
    signed = errors(pairs)
    error = np.abs(signed)
    scores = [given.score for _, given in pairs if given.score is not None]
    return Score(
        len(pairs),
        tuple(float((error.max(axis=1) <= limit).mean()) for limit in NEAR),
        float(error.mean()),
        float(np.median(error)),
        float(signed[:, 0].mean()),
        float(signed[:, 1].mean()),
        float(np.mean([given.aligned for _, given in pairs])),
        float(np.mean(scores)) if scores else None,
    )


def pairs_of(truth: Recording, answers: dict[str, list[Given]]) -> dict[str, Pairs]:
    """Pairs each system's words with the truth, the words that all of them heard."""
    found = {name: matched(truth.words, given, truth.language) for name, given in answers.items()}
    shared = set.intersection(*(set(words) for words in found.values()))
    kept = [index for index in sorted(shared) if truth.words[index].exact]
    return {name: [(truth.words[i], words[i]) for i in kept] for name, words in found.items()}


class Systems:
    """Our engine on each rung that this installation has, and faster-whisper."""

    def __init__(self, given_text: bool = False) -> None:
        """`given_text` says whether our engine is given what is said."""
        from faster_whisper import WhisperModel

        self._given_text = given_text
        self._config = Config.from_env()
        self.engine = Engine(self._config)
        self.engine.start()
        base = find_whisper("base", self._config)
        self._peer = WhisperModel(str(base.path), device="cpu", compute_type="int8")
        self._default = {entry["code"]: entry["aligner"] for entry in self.engine.languages()}

    def _rungs(self, language: str) -> list[AlignerChoice]:
        """Returns the rungs whose weights are here for a language, the default first."""
        here = {
            "wav2vec2": wav2vec2_available(language, replace(self._config, offline=True)),
            "phonetic": g2p_model_path(language) is not None,
            "attention": True,
        }
        rungs = [rung for rung in get_args(AlignerChoice) if here.get(rung)]
        return sorted(rungs, key=lambda rung: rung != self._default[language])

    def answers(self, recording: Recording) -> dict[str, list[Given]]:
        """Returns each system's words, the default's first. A rung's are those of a request for it, also
        where it fell to the next for some of them."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.wav"
            soundfile.write(path, recording.samples, SAMPLE_RATE)
            found = {}
            for rung in self._rungs(recording.language):
                options = Options(language=recording.language, aligner=rung)
                transcript = self._transcript(path, recording, options)
                found[rung] = [
                    Given(word.word, word.start, word.end, word.timing == "aligned", word.score)
                    if word.is_said
                    else Given(word.word, -1.0, -1.0)
                    for segment in transcript.segments
                    for word in segment.words
                ]
            if self._given_text:  # the peer takes no text, and would only hide words that it misheard
                return found
            segments, _ = self._peer.transcribe(
                str(path), language=recording.language, word_timestamps=True, vad_filter=True
            )
            found[PEER] = [Given(w.word.strip(), w.start, w.end) for s in segments for w in s.words]
        return found

    def _transcript(self, path: Path, recording: Recording, options: Options) -> Transcript:
        if not self._given_text:
            return self.engine.transcribe(path, options)
        return self.engine.align(path, read_text(" ".join(word.text for word in recording.words)), options)

    def judged(self, heard: Iterable[Take]) -> Iterator[Judged]:
        """Yields each recording's words by each system, the default first."""
        for take in heard:
            for name, pairs in pairs_of(take.recording, self.answers(take.recording)).items():
                if pairs:
                    yield Judged(take, name, pairs)


def together(results: Iterable[Judged]) -> dict[str, Pairs]:
    """Returns the words of all recordings, by system."""
    pairs: dict[str, Pairs] = {}
    for entry in results:
        pairs.setdefault(entry.system, []).extend(entry.pairs)
    return pairs


def print_systems(condition: str, results: Sequence[Judged]) -> None:
    for name, pairs in together(results).items():
        entry = score(pairs)
        shares = " ".join(f"{share:6.2f}" for share in entry.near)
        reported = "" if entry.reported is None else f"{entry.reported:6.2f}"
        print(
            f"{condition:<10} {name:<15} {entry.words:>5} {shares} {entry.mean:6.3f} {entry.median:6.3f} "
            f"{entry.start:+7.3f} {entry.end:+7.3f} {entry.aligned:7.2f} {reported}",
            flush=True,
        )


def print_scores(results: Iterable[Judged]) -> None:
    """Prints how near words were at each height of the score that they came with."""
    print(f"\n{'system':<15} {'score':>12} {'words':>5} {'100 ms':>6} {'mean':>6}")
    for name, pairs in together(results).items():
        for low, high in pairwise(BANDS):
            inside = [entry for entry in pairs if entry[1].score is not None and low <= entry[1].score < high]
            if inside:
                found = score(inside)
                band = f"{low:.2f} to {high:.2f}"
                print(f"{name:<15} {band:>12} {found.words:>5} {found.near[1]:6.2f} {found.mean:6.3f}")


def print_worse(results: Sequence[Judged]) -> None:
    """Prints each recording on which some other system's mean error was below the default's."""
    recordings = [list(group) for _, group in groupby(results, key=lambda entry: id(entry.take))]
    worse = []
    for default, *others in recordings:
        means = [score(entry.pairs).mean for entry in (default, *others)]
        if means[0] > min(means[1:]):
            systems = ", ".join(
                f"{entry.system} {m:.3f}" for entry, m in zip((default, *others), means, strict=True)
            )
            said = default.take.script
            worse.append(f"{default.take.condition}, {said.voice}, {said.sentences[0]!r}: {systems}")
    print(
        f"\nThe default is not the nearest on {len(worse)} of {len(recordings)} recordings.", *worse, sep="\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Word times beside the truth.")
    parser.add_argument("--part", choices=sorted(SCRIPTS), default="report")
    parser.add_argument("--conditions", default=",".join(CONDITIONS))
    parser.add_argument("--language", help="one alone")
    parser.add_argument("--given-text", action="store_true", help="give our engine what is said")
    arguments = parser.parse_args()
    systems = Systems(arguments.given_text)
    print(
        f"{'condition':<10} {'system':<15} {'words':>5} {'50 ms':>6} {'100 ms':>6} {'200 ms':>6} "
        f"{'mean':>6} {'median':>6} {'start':>7} {'end':>7} {'aligned':>7} {'score':>6}"
    )
    results: list[Judged] = []
    for condition in arguments.conditions.split(","):
        heard = takes(arguments.part, condition)
        chosen = (entry for entry in heard if arguments.language in (None, entry.recording.language))
        found = list(systems.judged(chosen))
        print_systems(condition, found)
        results += found
    if len(arguments.conditions.split(",")) > 1:
        print_systems("all", results)
    print_scores(results)
    print_worse(results)
    systems.engine.close()


if __name__ == "__main__":
    main()
