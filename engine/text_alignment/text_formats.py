"""Reads texts to align: plain text, Markdown, SRT, WebVTT, ASS, this project's JSON and WhisperX's."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

from engine.errors import BadText, WordlightError
from engine.languages import LANGUAGES
from engine.text.subtitle_reader import SubtitleFormat, UnreadableTimes, read_cues, subtitle_format
from engine.text.validation import validate_transcript
from engine.text_alignment.given_text import GivenText, Line
from engine.transcript import Segment, Transcript

Only = Literal["all", "changed"]
ONLY: tuple[Only, ...] = get_args(Only)
MAX_CHARACTERS = 8_000_000  # of one text: forty hours of talk, or two as JSON with every time
# A line that is broken to fit a page has about the length of the longest one beside it.
_WRAPPED_LENGTH, _WRAPPED_SHARE = 50, 0.6  # characters, share of the longest line

_VOICE = re.compile(r"^<v(?:\.[\w.]+)?\s+([^>]*)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d+:[\d:.]+>|\{\\[^}]*\}")
_LABEL = re.compile(r"^(?:[-–—]\s*)?([^\W\d_][\w .'’\-]{0,39}?)\s*[:：](?=\s|$)")
_LABEL_WORDS = 4  # a name has no more
_HEADING = re.compile(r"^#{1,6} +\S", re.MULTILINE)
_MARKDOWN_LINE = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+(?=\S))")
_MARKDOWN_RULE = re.compile(r"^\s*(?:[-*_]\s*){3,}$|^\s*(?:=+|-{2,})\s*$|^\s*```.*$")
_MARKDOWN_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKDOWN_MARK = re.compile(r"(\*\*|__|\*|_|`|~~)(?=\S)(.+?)(?<=\S)\1")
_MARKDOWN_HIGHLIGHT = re.compile(r"</?mark>")
_MARKDOWN_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def read_text(content: str, name: str = "", *, only: Only = "all") -> GivenText:
    """Reads a text in whichever of the formats it is.

    name  of its file, which may end in ".md"; without it, a heading tells Markdown from plain text
    only  "changed" for a transcript of which only the words that a person has changed are to be timed

    Raises BadText if there are no words in it, or if it is too long or damaged.
    """
    if len(content) > MAX_CHARACTERS:
        raise BadText(
            f"The text has {len(content):,} characters.", f"It may have {MAX_CHARACTERS:,}: send it in parts."
        )
    content = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if content.lstrip().startswith("{"):
        text = _read_json(content)
        if only == "changed" and text.changed is None:
            raise BadText("The JSON is no transcript of this project.", "Send it as /transcribe returns it.")
        text = text if only == "changed" else replace(text, changed=None)
    elif only == "changed":
        raise BadText(
            "Only a transcript has words that were changed.", "Send the JSON of /transcribe as text."
        )
    elif format := subtitle_format(content):
        text = GivenText(tuple(_cues(content, format)), "subtitles")
    else:
        markdown = name.lower().endswith((".md", ".markdown")) or bool(_HEADING.search(content))
        text = GivenText(tuple(_labelled(list(_lines(_UNREADABLE.sub(" ", content), markdown)))))
    if not any(character.isalnum() for line in text.lines for character in line.text):
        raise BadText("There are no words in the text.", "Send what is said in the recording.")
    return text


def from_transcript(transcript: Transcript) -> GivenText:
    """Returns the text of a transcript, its segments as lines."""
    lines = tuple(_segment_line(segment) for segment in transcript.segments if segment.words)
    names = tuple((speaker.id, speaker.name) for speaker in transcript.speakers if speaker.name)
    return GivenText(
        lines,
        "transcript",
        transcript.language,
        names,
        changed=transcript,
        translation=transcript.translation,
    )


def _segment_line(segment: Segment) -> Line:
    return Line(
        segment.text,
        whole=True,
        paragraph=segment.paragraph,
        speaker=segment.speaker,
        start=segment.start,
        end=segment.end,
        words=segment.words,
        language=segment.language,
    )


def _read_json(content: str) -> GivenText:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadText(
            "The text begins like JSON, but it cannot be read as JSON.", str(error)[:100]
        ) from error
    try:
        return from_transcript(validate_transcript(data))
    except WordlightError as error:
        if isinstance(data, Mapping) and isinstance(data.get("segments"), list):
            return _whisperx(data)
        raise BadText(error.message, "Send JSON as /transcribe or WhisperX writes it.") from error


def _whisperx(data: Mapping[str, Any]) -> GivenText:
    """Reads WhisperX's JSON, in which words may lack times or segments may lack words."""
    language = data.get("language")
    lines = []
    for segment in data["segments"]:
        text = segment.get("text") if isinstance(segment, Mapping) else None
        if not isinstance(text, str):
            raise BadText("A segment of the JSON has no text.", "Send JSON as WhisperX writes it.")
        speaker, start, end = (segment.get(name) for name in ("speaker", "start", "end"))
        timed = isinstance(start, int | float) and isinstance(end, int | float)
        lines.append(
            Line(
                _clean(text),
                whole=True,
                speaker=speaker if isinstance(speaker, str) else None,
                start=float(start) if timed else None,
                end=float(end) if timed else None,
            )
        )
    known = language if isinstance(language, str) and language in LANGUAGES else None
    return GivenText(tuple(line for line in lines if line.text), "transcript", known)


def _cues(content: str, format: SubtitleFormat) -> Iterator[Line]:
    """Yields the cues of subtitles, in order of their starts. Raises BadText."""
    found: list[Line] = []
    try:
        for cue in read_cues(content, format):
            text = " ".join(cue.lines).strip()
            voice = _VOICE.match(text)
            speaker = html.unescape(voice[1]).strip() if voice else None
            start, end = cue.start / 1000, cue.end / 1000  # seconds
            if shown := _clean(html.unescape(_TAG.sub("", text))):
                line = Line(shown, whole=True, speaker=speaker or None, start=start, end=max(start, end))
                found.append(line)
    except UnreadableTimes as error:
        raise BadText(f"The times {str(error)!r} cannot be read.", "Write them as 0:00:01.50.") from None
    yield from _labelled(sorted(found, key=lambda line: line.start or 0.0))


def _lines(content: str, markdown: bool) -> Iterator[Line]:
    """Yields the lines of a text; those of a paragraph that is only broken to fit a page are joined."""
    for block in re.split(r"\n[ \t]*\n", content):
        rows = [row for row in block.split("\n") if row.strip()]
        if markdown:
            rows = [_without_marks(row) for row in rows if not _MARKDOWN_RULE.match(row)]
        texts = [text for text in map(_clean, rows) if text]
        if _is_wrapped(texts):
            texts = [" ".join(texts)]
        for index, text in enumerate(texts):
            yield Line(text, paragraph=index == 0)


def _is_wrapped(rows: Sequence[str]) -> bool:
    longest = max(map(len, rows), default=0)
    if longest < _WRAPPED_LENGTH or any(map(_LABEL.match, rows[1:])):
        return False
    return all(len(row) >= _WRAPPED_SHARE * longest for row in rows[:-1])


def _without_marks(row: str) -> str:
    row = _MARKDOWN_LINK.sub(r"\1", _MARKDOWN_LINE.sub("", row))
    row = _MARKDOWN_HIGHLIGHT.sub("", row)
    for _ in range(3):  # marks inside of marks
        row = _MARKDOWN_MARK.sub(r"\2", row)
    return _MARKDOWN_ESCAPE.sub(r"\1", row)


def _labelled(lines: Sequence[Line]) -> Iterator[Line]:
    """Yields the lines, those that begin with a speaker's name and a colon with the name as label.

    A name is in capitals, or begins several lines: "Note: this" alone is text.
    """
    begins = [_LABEL.match(line.text) for line in lines]
    often = Counter(found[1] for found in begins if found)
    last: str | None = None
    for line, found in zip(lines, begins, strict=True):
        if found is None or line.speaker or not _is_name(found[1], often[found[1]]):
            # The lines of a speech that goes on have no label of their own, but a new paragraph may be anybody's.
            last = None if line.paragraph or line.whole else last
            yield line if line.speaker else replace(line, speaker=last)
            continue
        last = found[1].strip()
        rest = line.text[found.end() :].strip()
        yield replace(line, text=rest, label=line.text[: found.end()].strip(), speaker=last)


def _is_name(name: str, times: int) -> bool:
    words = name.split()
    if len(words) > _LABEL_WORDS:
        return False
    return (name.isupper() and len(name) > 1) or (times > 1 and all(word[0].isupper() for word in words))


def _clean(text: str) -> str:
    return " ".join(_UNREADABLE.sub(" ", text).split())
