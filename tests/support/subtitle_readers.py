"""Documents read back by libraries that did not write them: srt, webvtt-py, csv."""

from __future__ import annotations

import csv
import html
import io
from dataclasses import dataclass
from datetime import timedelta

import pytest
import srt
import webvtt

from engine import Transcript
from engine.export.cue_limits import CueLimits
from engine.export.writers import write

UNMARKED = dict.fromkeys(map(ord, "\u202b\u202c\u200f"))  # what says that a line runs from right to left
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Shown:
    """A cue as another library reads it; times in milliseconds."""

    start: int
    end: int
    text: str


def read_srt(document: str) -> list[Shown]:
    parsed = srt.parse(document)
    return [
        Shown(cue.start // MILLISECOND, cue.end // MILLISECOND, cue.content.translate(UNMARKED))
        for cue in parsed
    ]


def read_vtt(document: str) -> list[Shown]:
    parsed = webvtt.from_string(document, strict=True)
    return [
        Shown(_moment(cue.start), _moment(cue.end), html.unescape(cue.raw_text).translate(UNMARKED))
        for cue in parsed
    ]


def _moment(timestamp: str) -> int:
    return srt.srt_timestamp_to_timedelta(timestamp) // MILLISECOND


def read_tsv(document: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document), dialect="excel-tab"))


def read_csv(document: str) -> list[dict[str, str]]:
    """Reads the table as spreadsheets do: the mark in front says that it is UTF-8."""
    assert document.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(document.removeprefix("\ufeff"))))


READERS = {"srt": read_srt, "vtt": read_vtt}
subtitles = pytest.mark.parametrize("format", READERS)


def shown(made: Transcript, format: str = "vtt", limits: CueLimits = CueLimits()) -> list[Shown]:
    return READERS[format](write(made, format, limits))
