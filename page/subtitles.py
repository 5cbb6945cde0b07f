"""The subtitles of an edited transcript for the page: how they are cut, and what the rules find."""

from __future__ import annotations

from typing import Any

from engine.export.cue_limits import CueLimits
from engine.export.cues import Cue, cues
from engine.export.shown_words import ShownWords, shown_words
from engine.export.speaker_names import turn_prefix
from engine.export.text_width import read_characters
from engine.lint.report import check
from engine.lint.subtitle_file import of_cues
from page.edited_transcript import parse_edited_transcript
from page.shown_speakers import with_shown_speakers


def limits_of(asked: Any) -> CueLimits:
    """Returns the limits of the page's fields; an empty field is at its default. Raises InvalidOption."""
    return CueLimits.of(asked.get("limits") or {})


def subtitles_of(asked: Any) -> dict[str, Any]:
    """Returns the cues of a document with their places in its words, and the findings at them."""
    limits = limits_of(asked)
    named = with_shown_speakers(parse_edited_transcript(asked["document"]), "srt", asked.get("shown"))
    shown = shown_words(named, limits)
    transcript = shown.transcript
    found = list(cues(transcript, limits, turn_prefix(transcript, limits)))
    report = check(of_cues(transcript, found), limits)
    return {
        "cues": [_cue(cue, limits, shown) for cue in found],
        "issues": [issue.to_dict() for issue in report.issues],
    }


def _cue(cue: Cue, limits: CueLimits, shown: ShownWords) -> dict[str, Any]:
    first, count = shown.place_of(cue.first, cue.count)
    speed = 1000 * read_characters(cue.text.replace("\n", " ")) / (cue.end - cue.start)
    return {
        "start": cue.start / 1000,
        "end": cue.end / 1000,
        "first": first,
        "count": count,
        "text": cue.text,
        "cps": f"{speed:.1f}",
        "fast": round(speed, 1) > limits.cps(cue.language),
    }
