"""Warnings as a code with values, for programs and for translation, and the English sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Literal, cast, get_args

from engine.languages import LANGUAGES
from engine.text.clock import clock, stretch

NoticeCode = Literal[
    "cut_off", "damaged", "silent", "no_words", "bare", "uncertain", "loop", "repetition", "fast", "unlikely",
    "prompt", "timed", "timed_there", "stopped", "one_channel", "diarizer", "no_speakers",
    "track", "cancelled", "centre", "other_language",
    "unsaid", "subtitles_late", "subtitles_early", "subtitles_drift", "not_retimed",
]  # fmt: skip
CODES: tuple[NoticeCode, ...] = get_args(NoticeCode)

# What the transcript's reader is shown in English. The page has the same sentences in its other languages, as
# `warning_<code>` in page/texts/*.json.
SENTENCES: Mapping[NoticeCode, str] = {
    "cut_off": "The recording should last {stated}, but only {decoded} of it could be read. "
    "The file seems to be cut off or damaged.",
    "damaged": "Parts of this file are damaged or missing. Words may be missing there.",
    "silent": "No speech was found in this recording.",
    "no_words": "There seems to be speech in this recording, but no words could be made out.",
    "bare": "Speech without words: {seconds} in all, first at {when}. Listen there, words may be missing.",
    "uncertain": "The language is uncertain: {language} is only {percent}% likely. "
    "If it is another, choose it and transcribe again.",
    "loop": "At {when} the text repeated itself; what was repeated is written once.",
    "repetition": "At {when} the text repeats itself, perhaps more often than was said.",
    "fast": "At {when} there is more text than can be said in that time.",
    "unlikely": "At {when} the text is doubtful throughout.",
    "prompt": "The prompt is too long; only its end was used.",
    "timed": "Words were timed by {aligner}, not by {instead_of}: {reason}",
    "timed_there": "At {when} words were timed by {aligner}, not by {instead_of}: {reason}",
    "one_channel": "The recording has no two channels with different sound; speakers were told apart by their voices.",
    "diarizer": "Speakers were told apart by {diarizer}, not by {instead_of}: {reason}",
    "no_speakers": "The speakers could not be told apart; the text and its times are complete. {reason}",
    "track": "The recording has several audio tracks: {tracks}. This is track {track}.",
    "cancelled": "Left and right cancel each other out; one of them was transcribed.",
    "centre": "The recording has surround sound; its centre channel was transcribed.",
    "other_language": "{other} seems to be spoken for {seconds}, first at {when}, where the text is in {language}. "
    "Choose the language 'mixed' and transcribe again.",
    "unsaid": "Of the text, {count} words were not found in the recording. They are marked, and lie between their "
    "neighbours.",
    "subtitles_late": "The subtitles came {shift} s too late; their times follow the sound now.",
    "subtitles_early": "The subtitles came {shift} s too early; their times follow the sound now.",
    "subtitles_drift": "The subtitles drifted by {percent}% of the time; their times follow the sound now.",
    "not_retimed": "{count} changed words keep the times that they had, since the sound does not fit them.",
    "stopped": "Stopped after {heard}; the rest has not been heard.",
}

# How a value is shown. "seconds" is a number, "span" a list of two, both from the start of the file; "language" is
# Whisper's code; "text" stands as it is, as does "number".
ValueKind = Literal["seconds", "span", "language", "number", "text"]
VALUES: Mapping[str, ValueKind] = {
    "stated": "seconds",
    "decoded": "seconds",
    "heard": "seconds",
    "when": "span",
    "language": "language",
    "other": "language",
    "seconds": "seconds",
    "percent": "number",
    "aligner": "text",
    "instead_of": "text",
    "reason": "text",
    "diarizer": "text",
    "track": "number",
    "tracks": "text",
    "count": "number",
    "shift": "number",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One warning: a code, and the values that its sentence names.

    The code is one of CODES, but for a notice that a later version has written.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, code: NoticeCode, **values: Any) -> Notice:
        """Makes a notice. Raises ValueError if the values are not those that its sentence names."""
        if set(values) != placeholders(code):
            raise ValueError(f"The notice {code} names {placeholders(code)}, not {set(values)}.")
        rounded = {name: _rounded(value) for name, value in values.items()}
        return cls(code, rounded)

    @property
    def sentence(self) -> str:
        """The warning in English. Raises KeyError for a code that is not in CODES."""
        shown = {name: _show(name, value) for name, value in self.values.items()}
        return SENTENCES[cast(NoticeCode, self.code)].format(**shown)

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "values": dict(self.values)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Notice:
        return cls(str(data["code"]), dict(data.get("values", {})))


def placeholders(code: NoticeCode) -> set[str]:
    """Returns the names of the values in a code's sentence."""
    return {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}


def _rounded(value: Any) -> Any:
    """Returns times with 3 decimals, as the contract has them, and spans as lists, as JSON has them."""
    if isinstance(value, list | tuple):
        return [round(float(part), 3) for part in value]
    return round(float(value), 3) if isinstance(value, float) else value


def _show(name: str, value: Any) -> str:
    match VALUES[name]:
        case "seconds":
            return clock(value)
        case "span":
            return stretch(*value)
        case "language":
            return LANGUAGES[value].name
        case _:
            return str(value)
