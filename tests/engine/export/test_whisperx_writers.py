"""WhisperX's own writers take our JSON and write the same words at the same times as ours do."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import srt
import webvtt
from whisperx.utils import get_writer

from engine.export.writers import write
from engine.transcript import Transcript
from tests.support.app import App

OPTIONS = {"max_line_width": None, "max_line_count": None, "highlight_words": False}
TOLERANCE = 0.0011  # seconds; their milliseconds are rounded from the same number


@pytest.fixture(scope="module")
def result(app: App, talk_file: Path) -> dict[str, Any]:
    return app.post(file=talk_file.read_bytes(), language="en").json()


def theirs(result: dict[str, Any], format: str, folder: Path) -> str:
    get_writer(format, str(folder))(json.loads(json.dumps(result)), "talk.wav", OPTIONS)
    return (folder / f"talk.{format}").read_text()


def words_of(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("format", ["srt", "vtt"])
def test_subtitles_have_the_same_words_from_the_same_time_to_the_same_time(
    result: dict[str, Any], tmp_path: Path, format: str
) -> None:
    ours = write(Transcript.from_dict(result), format)
    documents = [ours, theirs(result, format, tmp_path)]
    mine, other = (_cues(document, format, tmp_path) for document in documents)
    assert words_of(" ".join(text for _, _, text in mine)) == words_of(" ".join(text for _, _, text in other))
    # Ours are cut to be read: long ones of theirs are split, short ones joined. Each begins with its first word.
    edges = {round(word["start"], 3): word["word"] for word in result["word_segments"]}
    assert all(edges[round(start, 3)] == words_of(text)[0] for start, _, text in mine)
    assert {round(start, 3) for start, _, _ in mine} & {round(start, 3) for start, _, _ in other}
    assert max(end for _, end, _ in mine) >= max(end for _, end, _ in other) - TOLERANCE


def test_text_is_the_same(result: dict[str, Any], tmp_path: Path) -> None:
    assert words_of(theirs(result, "txt", tmp_path)) == words_of(write(Transcript.from_dict(result), "txt"))


def test_the_table_has_the_segments_times(result: dict[str, Any], tmp_path: Path) -> None:
    rows = [line.split("\t") for line in theirs(result, "tsv", tmp_path).splitlines()[1:]]
    assert [(int(start), int(end), text) for start, end, text in rows] == [
        (round(1000 * entry["start"]), round(1000 * entry["end"]), entry["text"])
        for entry in result["segments"]
    ]


def test_the_words_of_our_table_are_those_of_theirs_at_the_same_times(
    result: dict[str, Any], tmp_path: Path
) -> None:
    lines = write(Transcript.from_dict(result), "tsv").splitlines()
    ours = list(csv.DictReader(lines, delimiter="\t"))
    rows = [line.split("\t") for line in theirs(result, "tsv", tmp_path).splitlines()[1:]]
    assert len(rows) == len({row["segment"] for row in ours})
    for segment, (start, end, text) in zip(result["segments"], rows, strict=True):
        words = [row for row in ours if row["segment"] == str(segment["id"])]
        assert [row["text"] for row in words] == words_of(text)
        assert int(words[0]["start"]) == int(start) and max(int(row["end"]) for row in words) == int(end)


def test_json_is_untouched(result: dict[str, Any], tmp_path: Path) -> None:
    assert json.loads(theirs(result, "json", tmp_path)) == result


def _cues(document: str, format: str, folder: Path) -> list[tuple[float, float, str]]:
    if format == "srt":
        return [
            (entry.start.total_seconds(), entry.end.total_seconds(), entry.content)
            for entry in srt.parse(document)
        ]
    path = folder / "read.vtt"
    path.write_text(document)
    cues = webvtt.read(str(path))
    return [(_seconds(cue.start), _seconds(cue.end), cue.text) for cue in cues]


def _seconds(clock: str) -> float:
    hours, minutes, seconds = clock.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
