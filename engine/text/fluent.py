"""The text without fillers and repeats, so that its sentences stay well formed.

What stands beside a word that is left out goes to its neighbours: a capital letter and an opening mark to the next
word, the end of a sentence and a closing mark to the word before. Its comma goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.text.segments import mark_disfluencies
from engine.transcript import Segment, Transcript, Word, join_texts

_OPENING = "¿¡\"'“„«‹‘‚(（「『"
_CLOSING = "\"'”’»›)）」』"
_STOPS = ".?!。？！।؟"
_PAUSES = ",;:，、；：،؛…-–—"  # of a word after which a sentence is to end now


def with_marks(transcript: Transcript) -> Transcript:
    """Returns the transcript with its disfluent words marked, if no word of it is: it is of another program then."""
    if any(word.disfluency for word in transcript.words):
        return transcript
    segments = tuple(
        replace(
            segment, words=mark_disfluencies(segment.words, segment.language or transcript.language or "")
        )
        for segment in transcript.segments
    )
    return replace(transcript, segments=segments)


def fluent_texts(segments: Sequence[Segment]) -> list[list[str | None]]:
    """Returns the text of each word of each segment without what is disfluent; None for a word that is left out."""
    places = [_Place(word, segment.speaker, word.word) for segment in segments for word in segment.words]
    for first, last in _runs(places):
        before = places[first - 1] if first else None
        after = places[last] if last < len(places) else None
        speaker = places[first].speaker
        left_out = [place.word.word for place in places[first:last]]
        for place in places[first:last]:
            place.text = None
        stops = [at for at, text in enumerate(left_out) if _stop_of(text)]
        goes_on = after is not None and after.speaker == speaker
        if before and before.text and before.speaker == speaker:
            ending = left_out[stops[0] if stops else -1]
            before.text = _ended(before.text, ending, goes_on=goes_on)
        own = left_out[stops[-1] + 1 :] if stops else left_out  # of the sentence that goes on after them
        if after and after.text and after.speaker == speaker and own:
            after.text = _begun(after.text, own[0])
    texts = iter(places)
    return [[next(texts).text for _ in segment.words] for segment in segments]


def without_disfluencies(transcript: Transcript) -> tuple[Transcript, list[int]]:
    """Returns the transcript without fillers and repeats, and where each word of it stands in the whole one.

    Words keep their times, segments their ids. What a person has chosen at a word that is left out, the start of a
    paragraph or a subtitle, goes to the next word, the end of a subtitle to the word before.
    """
    marked = with_marks(transcript)
    kept: list[Segment] = []
    places: list[int] = []
    at = 0
    paragraph: bool | None = None
    for segment, texts in zip(marked.segments, fluent_texts(marked.segments), strict=True):
        words = _kept_words(segment.words, texts)
        places += [at + index for index, text in enumerate(texts) if text]
        at += len(texts)
        paragraph = segment.paragraph or paragraph
        if words:
            kept.append(_with_words(replace(segment, paragraph=paragraph or segment.paragraph), words))
            paragraph = None
    return replace(marked, segments=tuple(kept)), places


@dataclass(slots=True)
class _Place:
    """A word, its segment's speaker, and its text; None if the word is left out."""

    word: Word
    speaker: str | None
    text: str | None


def _runs(places: Sequence[_Place]) -> Iterator[tuple[int, int]]:
    """Yields [first, last) of the disfluent words in a row that one speaker says."""
    first = 0
    while first < len(places):
        last = first
        while (
            last < len(places)
            and places[last].word.disfluency
            and places[last].speaker == places[first].speaker
        ):
            last += 1
        if last > first:
            yield first, last
        first = max(last, first + 1)


def _stop_of(text: str) -> str:
    """Returns the mark by which a word ends a sentence; "" if it ends none, or only with an ellipsis."""
    bare = text.rstrip(_CLOSING)
    stop = bare[len(bare.rstrip(_STOPS)) :]
    return "" if stop.startswith("..") else stop


def _ended(text: str, left_out: str, *, goes_on: bool) -> str:
    """Returns the word before with the end of the sentence that a word left out had.

    goes_on  whether the speaker says more; an ellipsis then ends no sentence
    """
    bare = left_out.rstrip(_CLOSING)
    closing = left_out[len(bare) :]
    stop = _stop_of(left_out) or ("" if goes_on else bare[len(bare.rstrip("….")) :])
    if text.rstrip(_CLOSING).endswith(tuple(_STOPS)):
        stop = ""
    return (text.rstrip(_PAUSES) if stop else text) + stop + closing


def _begun(text: str, left_out: str) -> str:
    """Returns the next word with the opening mark and the capital letter that the first word left out had."""
    bare = left_out.lstrip(_OPENING)
    opening = left_out[: len(left_out) - len(bare)]
    if bare[:1].isupper() and text[:1].islower():
        text = text[:1].upper() + text[1:]
    return opening + text


def _kept_words(words: Sequence[Word], texts: Sequence[str | None]) -> list[Word]:
    kept: list[Word] = []
    begins = None  # a word left out at which somebody has chosen that a subtitle begins
    for word, text in zip(words, texts, strict=True):
        if text is None:
            begins = word if word.cue else begins
            if word.cue_end is not None and kept:
                kept[-1] = replace(kept[-1], cue_end=word.cue_end)
            continue
        if begins and word.cue is None:
            word = replace(word, cue=True, cue_start=begins.cue_start)
        begins = None
        kept.append(word if text == word.word else replace(word, word=text))
    return kept


def _with_words(segment: Segment, words: Sequence[Word]) -> Segment:
    return replace(
        segment,
        words=tuple(words),
        text=join_texts((word.word for word in words), segment.language),
        start=words[0].start,
        end=max(word.end for word in words),
    )
