"""Text from right to left: its marks in each format, and what libass makes of an ASS file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pysubs2
import pytest

from engine.export.direction import is_right_to_left
from engine.export.writers import write
from engine.transcript import Transcript
from tests.support.transcripts import sentence, transcript

HEBREW = "שלום לכולם, היום נדבר על iPhone חדש."
ARABIC = "مرحبا بكم، اليوم نتحدث عن هاتف جديد."
LATIN_FIRST = "iPhone הוא טלפון."
TEXTS = pytest.mark.parametrize(("text", "language"), [(HEBREW, "he"), (ARABIC, "ar")])
SIZE = (960, 540)  # pixels
LIT = (255, 224, 138)  # the colour of words that have been said


def spoken(text: str, language: str) -> Transcript:
    """One word every half second, from half a second on."""
    said = sentence(text, 0.5, language=language, seconds_a_word=0.5)
    return transcript(said, language=language, duration=8.0)


@TEXTS
def test_srt_and_lrc_embed_each_line(text: str, language: str) -> None:
    assert f"\n\u202b{text}\u202c\n" in write(spoken(text, language), "srt")
    line = write(spoken(text, language), "lrc").splitlines()[2]
    assert re.fullmatch(r"\[00:00\.50\]\u202b<00:00\.50>.*<[\d:.]+>\u202c", line)


def test_vtt_and_ass_mark_a_line_that_begins_with_a_latin_word() -> None:
    made = spoken(LATIN_FIRST, "he")
    assert f"\n\u200f{LATIN_FIRST}\n" in write(made, "vtt")
    assert pysubs2.SSAFile.from_string(write(made, "ass"))[0].plaintext == f"\u200f{LATIN_FIRST}"
    assert "\u200f" not in write(spoken(HEBREW, "he"), "vtt")


@pytest.mark.parametrize("format", ["srt", "vtt", "ass", "lrc"])
def test_text_from_left_to_right_has_no_marks(format: str) -> None:
    document = write(spoken("Hello, dear world.", "en"), format)
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", document)
    assert format != "ass" or ",60,1\n" in document


@pytest.mark.parametrize(
    ("text", "language", "right_to_left"),
    [
        (HEBREW, "he", True),
        (LATIN_FIRST, "he", True),
        ("OK", "he", False),
        (ARABIC, None, True),
        ("He said שלום.", "en", False),
        ("12", "ar", False),
    ],
)
def test_the_direction_is_that_of_the_language_or_of_the_first_letter(
    text: str, language: str | None, right_to_left: bool
) -> None:
    assert is_right_to_left(text, language) is right_to_left


def lit_columns(subtitles: Path, seconds: float) -> np.ndarray:
    """Returns the columns of a frame, rendered by libass, in which a pixel has the colour of words that were said."""
    source = f"color=c=gray:s={SIZE[0]}x{SIZE[1]}:d=8:r=10"
    arguments = [
        "-f",
        "lavfi",
        "-i",
        source,
        "-vf",
        f"ass={subtitles.name}",
        "-ss",
        str(seconds),
        "-frames:v",
        "1",
    ]
    made = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", *arguments, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"],
        check=True,
        capture_output=True,
        timeout=60,
        cwd=subtitles.parent,
    )
    picture = np.frombuffer(made.stdout, np.uint8).reshape(SIZE[1], SIZE[0], 3).astype(int)
    return np.flatnonzero((np.abs(picture - LIT).sum(axis=2) < 60).any(axis=0))


@TEXTS
def test_libass_lights_the_words_from_right_to_left(tmp_path: Path, text: str, language: str) -> None:
    subtitles = tmp_path / "talk.ass"
    subtitles.write_text(write(spoken(text, language), "ass"), "utf-8")
    edges = [lit_columns(subtitles, seconds) for seconds in (0.7, 1.2, 1.7, 3.9)]
    assert all(len(columns) for columns in edges)
    assert len({int(columns.max()) for columns in edges}) == 1  # all begin at the right
    lefts = [int(columns.min()) for columns in edges]
    assert lefts == sorted(lefts, reverse=True) and len(set(lefts)) == len(lefts)
    assert edges[0].min() > SIZE[0] / 2  # the first word stands in the right half
