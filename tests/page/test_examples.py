"""The page's examples: what a visitor clicks first is right, or says where it may not be."""

from __future__ import annotations

import json
import re

import jiwer
import pytest

from engine import Engine, Options
from engine.transcript import Transcript
from page.examples import EXAMPLES, FOLDER, SAMPLE
from page.messages import BANDS, confidence_band
from page.texts import TEXTS
from tests.support.examples import hear, sample

MARKED = ("doubtful", "unsure")
TIMES_DIFFER = 0.1  # seconds; int8 rounds otherwise on other processors
PROBABILITIES_DIFFER = 0.3
SECONDS = (8, 20)
KILOBYTES = 200


@pytest.fixture(scope="module")
def heard(engine: Engine) -> dict[str, Transcript]:
    """Each example as the engine hears it; the language is found, not given."""
    return {code: hear(engine, code) for code in EXAMPLES}


def said(text: str) -> list[str]:
    """Returns the words of a text without case and punctuation."""
    return re.sub(r"[^\w\s'’]", " ", text.lower()).split()


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_is_right_but_for_marked_words(heard: dict[str, Transcript], code: str) -> None:
    transcript = heard[code]
    assert transcript.language == code
    assert transcript.warnings == ()
    assert SECONDS[0] <= transcript.duration <= SECONDS[1]
    words = [(part, confidence_band(word)) for word in transcript.words for part in said(word.word)]
    truth = said(EXAMPLES[code].text)
    compared = jiwer.process_words(" ".join(truth), " ".join(part for part, _ in words))
    assert compared.wer < 0.05, transcript.text
    wrong = [
        words[at]
        for chunk in compared.alignments[0]
        if chunk.type in ("substitute", "insert")
        for at in range(chunk.hyp_start_idx, chunk.hyp_end_idx)
    ]
    assert [word for word, band in wrong if band not in MARKED] == []


def test_as_many_people_speak_as_the_page_says(engine: Engine) -> None:
    found = {}
    for code, each in EXAMPLES.items():
        *_, last = engine.stream(FOLDER / each.file, Options(speakers="auto"))
        assert last.transcript is not None
        found[code] = len(last.transcript.speakers)
    assert found == {code: 2 if code == "es" else 1 for code in EXAMPLES}


def test_one_has_two_people_and_one_a_picture() -> None:
    assert [entry.file for entry in EXAMPLES.values() if entry.file.endswith(".mp4")] == [
        "winter-evening.mp4"
    ]
    assert "two people" in TEXTS["en"]["example_es"]


def test_each_file_is_small_and_has_its_credit_beside_it() -> None:
    notice = (FOLDER / "NOTICE.md").read_text("utf-8")
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir() if path.suffix in (".mp3", ".mp4")}
    assert files.keys() == {entry.file for entry in EXAMPLES.values()}
    assert [name for name in files if f"`{name}`" not in notice] == []
    assert [name for name, size in files.items() if size > 1024 * KILOBYTES] == []


def test_the_sample_is_what_the_engine_makes_of_the_first(heard: dict[str, Transcript]) -> None:
    kept = json.loads(SAMPLE.read_text("utf-8"))
    made = sample(next(iter(heard.values())))
    assert kept["language"] == made["language"]
    assert kept["duration"] == pytest.approx(made["duration"], abs=0.05)
    assert said(" ".join(word["word"] for word in kept["words"])) == said(
        " ".join(word["word"] for word in made["words"])
    )
    for word, other in zip(kept["words"], made["words"], strict=True):
        for name in ("start", "end"):
            assert word[name] == pytest.approx(other[name], abs=TIMES_DIFFER), word
        assert word["probability"] == pytest.approx(other["probability"], abs=PROBABILITIES_DIFFER), word
        assert word["timing"] == other["timing"], word


def test_the_sample_s_marks_are_those_of_its_probabilities() -> None:
    for word in json.loads(SAMPLE.read_text("utf-8"))["words"]:
        assert word["band"] == next(name for name, least in BANDS if word["probability"] >= least)
