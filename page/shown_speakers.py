"""Speakers without a name, called in files as the page calls them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from engine.diarization.speakers import Speaker
from engine.transcript import Transcript

# Programs read the labels of these formats.
DATA_FORMATS = frozenset({"json", "csv", "tsv", "rttm", "textgrid"})

_LABEL = re.compile(r"SPEAKER_(\d+)")
_NUMBER = "{number}"
_LONGEST = 100  # characters


def with_shown_speakers(transcript: Transcript, format: str, shown: Any) -> Transcript:
    """Returns the transcript as a file of the format has it: no speaker is a bare label if people read it.

    A voice that speaks alone stays a label: files do not write it.

    shown  how the page calls a speaker without a name in the reader's language: "Speaker {number}"; the number
           counts from 1. Anything else leaves the transcript as it is.
    """
    if not isinstance(shown, str) or _NUMBER not in shown or len(shown) > _LONGEST:
        return transcript
    if format in DATA_FORMATS or len(transcript.speakers) < 2:
        return transcript
    return replace(transcript, speakers=tuple(_shown(speaker, shown) for speaker in transcript.speakers))


def _shown(speaker: Speaker, shown: str) -> Speaker:
    label = _LABEL.fullmatch(speaker.id)
    if not label or speaker.name not in ("", speaker.id):
        return speaker
    return replace(speaker, name=shown.replace(_NUMBER, str(int(label[1]) + 1)))
