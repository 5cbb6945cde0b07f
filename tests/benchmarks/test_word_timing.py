"""What is promised of word times, on speech whose word times are known, clean and made hard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import Engine, Options
from tests.benchmarks.corpus import Take, takes
from tests.benchmarks.word_timing import Given, Score, errors, matched, pairs_of, score
from tests.support.synthesis import SAMPLE_RATE, Spoken

VOICE = "rms"
HARD = ("noise10", "noise5", "telephone", "echo")


@pytest.fixture(scope="module")
def measured(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Score]]:
    """condition -> aligner -> how near its words are, on the same words."""
    path = tmp_path_factory.mktemp("timing") / "speech.wav"
    return {condition: _measure(engine, path, condition) for condition in ("clean", *HARD)}


def _measure(engine: Engine, path: Path, condition: str) -> dict[str, Score]:
    take: Take = next(entry for entry in takes("report", condition) if entry.script.voice == VOICE)
    soundfile.write(path, take.recording.samples, SAMPLE_RATE)
    answers = {
        aligner: [
            Given(word.word, word.start, word.end, word.timing == "aligned", word.score)
            for word in engine.transcribe(path, Options(language="en", aligner=aligner)).words
        ]
        for aligner in ("auto", "attention")
    }
    pairs = pairs_of(take.recording, answers)
    assert np.isfinite(errors(pairs["auto"])).all()
    return {aligner: score(words) for aligner, words in pairs.items()}


def test_the_default_is_near_the_truth(measured: dict[str, dict[str, Score]]) -> None:
    found = measured["clean"]["auto"]
    assert found.words > 50 and found.aligned == 1.0
    assert found.median <= 0.02
    assert found.near[1] >= 0.75, "share within a tenth of a second"


@pytest.mark.parametrize("condition", HARD)
def test_the_default_is_as_good_as_attention_where_it_is_hard(
    measured: dict[str, dict[str, Score]], condition: str
) -> None:
    assert measured[condition]["auto"].mean <= measured[condition]["attention"].mean


def test_the_score_falls_where_the_error_grows(measured: dict[str, dict[str, Score]]) -> None:
    clean, noise = measured["clean"]["auto"], measured["noise5"]["auto"]
    assert noise.mean > clean.mean
    assert clean.reported is not None and noise.reported is not None
    assert noise.reported < clean.reported - 0.02


def test_a_word_is_matched_among_its_neighbours_and_not_by_itself() -> None:
    said = [
        Spoken(text, at, at + 0.5) for at, text in enumerate("these mountains the report was long".split())
    ]
    heard = [Given(text, at, at + 0.5) for at, text in enumerate("the mountain the report was long".split())]
    found = matched(said, heard, "en")
    assert {at: word.start for at, word in found.items()} == {2: 2.0, 3: 3.0, 4: 4.0, 5: 5.0}
