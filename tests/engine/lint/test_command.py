"""`python -m engine lint FILE`: its report, its exit code, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.__main__ import main

GOOD = "1\n00:00:01,000 --> 00:00:03,000\nGood morning, everybody.\n"
BAD = GOOD + "\n2\n00:00:02,500 --> 00:00:02,900\nHurry  up, please.\n"


def run(tmp_path: Path, document: str, *words: str) -> int:
    file = tmp_path / "talk.srt"
    file.write_text(document, "utf-8")
    return main(["lint", str(file), *words])


def test_a_file_that_can_be_published_ends_with_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, GOOD) == 0
    assert capsys.readouterr().out == "1 subtitles, 0 findings\n"


def test_each_finding_is_a_line_with_its_cue_and_its_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, BAD, "--language", "English") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(":")[:3] == ["    1  00", "00", "01.000  overlap"]
    assert [line.split()[2].rstrip(":") for line in lines[1:-1]] == [
        "too_short",
        "too_fast",
        "too_many_words",
        "spaces",
    ]
    assert lines[-1] == "2 subtitles, 5 findings"


def test_the_limits_are_those_of_a_preset_and_those_that_are_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = GOOD + "\n2\n00:00:03,300 --> 00:00:06,000\nThank you for coming here.\n"
    assert run(tmp_path, document, "--preset", "netflix", "--json") == 0  # a small gap is advice
    assert json.loads(capsys.readouterr().out)["counts"] == {"gap_open": 1}
    assert (
        run(tmp_path, document, "--preset", "netflix", "--max-width", "20", "--chain-gap", "0", "--json") == 1
    )
    assert json.loads(capsys.readouterr().out)["counts"] == {"line_too_long": 2}


def test_what_cannot_be_checked_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "no subtitles") == 1
    assert "no subtitles in it. Send SRT" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["lint", str(tmp_path / "nothing.srt")])
    assert ended.value.code == 2
