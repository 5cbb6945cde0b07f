"""Cuts a transcript into the paragraphs of text formats, each with its time, its speaker and its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.export.cue_limits import CueLimits
from engine.export.speaker_names import DASH, speaker_names
from engine.export.text_width import one_line
from engine.languages import is_spaceless
from engine.text.clock import clock
from engine.text.paragraphs import paragraphs
from engine.text.translation import NOTES, sentences_beside
from engine.transcript import Segment, Transcript, Word


@dataclass(frozen=True, slots=True)
class TextParagraph:
    """One paragraph.

    name  the speaker's name if a turn begins here and the file names speakers
    dash  what stands before the text if a turn begins here and dashes are set for names
    time  as 0:07, or "" if the file has no times of paragraphs
    next_bookmark  that of the word after the paragraph
    translation    what the transcript's translation has for it; "" if there is none
    """

    segments: tuple[Segment, ...]
    text: str
    name: str
    dash: str
    time: str
    next_bookmark: str | None = None
    translation: str = ""

    def pieces(self) -> Iterator[tuple[str, Word, Segment]]:
        """Yields (space before it and text, word, segment) of each word; joined, the texts are `text`."""
        before: Word | None = None
        for segment in self.segments:
            space = "" if is_spaceless(segment.language) else " "
            for word in segment.words:
                text = one_line(word.word)
                if text:
                    yield (space if before else "") + text, word, segment
                    before = word

    def notes(self) -> list[str]:
        """Returns for each piece the note of the bookmark that ends with it, else ""."""
        bookmarks = [word.bookmark for _, word, _ in self.pieces()]
        ends = zip(bookmarks, [*bookmarks[1:], self.next_bookmark], strict=True)
        return [one_line(bookmark or "") if bookmark != after else "" for bookmark, after in ends]


def text_paragraphs(transcript: Transcript, limits: CueLimits, times_by_default: bool) -> list[TextParagraph]:
    """Returns the paragraphs that have words.

    times_by_default  whether the format has times if the limits leave it open
    """
    names = speaker_names(transcript, limits)
    has_times = times_by_default if limits.paragraph_times == "auto" else limits.paragraph_times == "on"
    found: list[TextParagraph] = []
    speaker: str | None = None
    parts = paragraphs(transcript.segments)
    for at, part in enumerate(parts):
        text = one_line(replace(transcript, segments=tuple(part)).text)
        if not text:
            continue
        begins_turn = part[0].speaker is not None and part[0].speaker != speaker
        name = names.get(part[0].speaker or "", "") if begins_turn else ""
        dashed = limits.speaker_names == "dash"
        found.append(
            TextParagraph(
                segments=tuple(part),
                text=text,
                name="" if dashed else name,
                dash=DASH if dashed and name else "",
                time=clock(part[0].start) if has_times else "",
                next_bookmark=_first_bookmark(parts[at + 1 : at + 2]),
            )
        )
        speaker = part[0].speaker
    return _translated(found, transcript)


def _translated(found: list[TextParagraph], transcript: Transcript) -> list[TextParagraph]:
    """Returns the paragraphs, each with the sentences of the translation that belong to it."""
    if transcript.translation is None:
        return found
    spans = [(each.segments[0].start, max(segment.end for segment in each.segments)) for each in found]
    beside = sentences_beside(transcript.translation, spans)
    return [
        replace(each, translation=one_line(" ".join(sentence.text for sentence in sentences)))
        for each, sentences in zip(found, beside, strict=True)
    ]


def _first_bookmark(parts: Sequence[Sequence[Segment]]) -> str | None:
    """Returns the bookmark of the first word of paragraphs; None without words."""
    words = (word for part in parts for segment in part for word in segment.words)
    return next((word.bookmark for word in words), None)


def translation_note(transcript: Transcript, paragraphs: Sequence[TextParagraph]) -> str:
    """Returns what a file says of the translation below its paragraphs; "" if there is none below any of them."""
    has_translation = any(paragraph.translation for paragraph in paragraphs)
    return NOTES[transcript.translation.language] if transcript.translation and has_translation else ""
