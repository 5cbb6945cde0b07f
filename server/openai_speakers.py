"""OpenAI's `diarized_json`: a transcript as segments of speakers who are called A, B and so on."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

from engine.transcript import Transcript

SEGMENT = "transcript.text.segment"  # the type of a segment, and of its event


def diarized(transcript: Transcript) -> dict[str, Any]:
    """Returns the body of `diarized_json`, without usage and warnings, which all JSON formats have."""
    return {
        "task": "transcribe",
        "duration": round(float(transcript.duration), 3),
        "text": transcript.text,
        "segments": diarized_segments(transcript),
    }


def diarized_segments(transcript: Transcript) -> list[dict[str, Any]]:
    """Returns the segments; a transcript without speakers has one, A, since the format requires it."""
    letters: dict[str | None, str] = {}
    segments = []
    for segment in transcript.segments:
        speaker = letters.setdefault(segment.speaker, _letters(len(letters)))
        segments.append(
            {
                "type": SEGMENT,
                "id": f"seg_{segment.id:03d}",
                "start": round(float(segment.start), 3),
                "end": round(float(segment.end), 3),
                "text": segment.text,
                "speaker": speaker,
            }
        )
    return segments


def _letters(index: int) -> str:
    """Returns A to Z, then AA, AB and so on."""
    more, last = divmod(index, len(ascii_uppercase))
    return (_letters(more - 1) if more else "") + ascii_uppercase[last]
