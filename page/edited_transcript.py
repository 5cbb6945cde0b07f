"""An edited transcript as the page sends it, read back into the contract with every promise kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from engine.diarization.speakers import Speaker
from engine.errors import InvalidOption
from engine.text.bookmarks import LONGEST_NOTE
from engine.text.json_fields import read_fields
from engine.text.segments import make_segment
from engine.text.speaker_labels import split_by_speaker
from engine.text.turns import turns_of
from engine.text.validation import MAX_WORDS, check_speakers, check_translation
from engine.transcript import TIMINGS, Segment, Transcript, Word


def parse_edited_transcript(document: Mapping[str, Any]) -> Transcript:
    """Returns the transcript of a document: {"transcript": contract without segments, "segments": [...]}.

    A segment of the page has its words and all fields of the contract that do not follow from them. A segment
    in which the speaker changes is cut, and speakers are counted again if their words have changed.

    Raises InvalidOption if the document does not have that shape, BadTranscript if its speakers or its translation are
    not valid.
    """
    try:
        whole = Transcript.from_dict({**document["transcript"], "segments": ()})
        if sum(len(segment["words"]) for segment in document["segments"]) > MAX_WORDS:
            raise InvalidOption("The transcript is too long.", f"It may have {MAX_WORDS:,} words.")
        segments: list[Segment] = []
        earliest = 0.0
        for data in document["segments"]:
            words = _words(data["words"], earliest, whole.duration)
            if words:
                segment = _segment(0, words, data)
                several = len({word.speaker for word in words}) > 1
                segments += split_by_speaker(segment) if several else [segment]
                earliest = words[-1].start
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidOption("The transcript cannot be read.", "Reload the page and try again.") from error
    numbered = tuple(replace(segment, id=number) for number, segment in enumerate(segments))
    edited = replace(whole, segments=numbered)
    check_speakers(edited)
    check_translation(edited.translation)
    return replace(edited, speakers=counted_speakers(edited))


def counted_speakers(transcript: Transcript) -> tuple[Speaker, ...]:
    """Returns the speakers that have words, those of the transcript first, with what follows from their words."""
    counted = Counter(word.speaker for word in transcript.words if word.speaker)
    known = {speaker.id: speaker for speaker in transcript.speakers}
    if all(label in known and known[label].words == count for label, count in counted.items()):
        return tuple(speaker for speaker in transcript.speakers if speaker.id in counted)
    seconds = dict.fromkeys(counted, 0.0)
    for turn in turns_of(transcript.words):
        seconds[turn.speaker] += turn.end - turn.start
    labels = [*(label for label in known if label in counted), *sorted(counted.keys() - known.keys())]
    return tuple(
        known[label]
        if label in known and known[label].words == counted[label]
        else replace(known.get(label, Speaker(label, label)), words=counted[label], seconds=seconds[label])
        for label in labels
    )


def _words(rows: Any, earliest: float, duration: float) -> tuple[Word, ...]:
    """Returns the words with `earliest <= start <= end <= duration`, starts in order; empty ones go."""
    words = []
    for row in rows:
        word = Word.from_dict(row)
        if not word.word.strip():
            continue
        chosen = [time for time in (word.cue_start, word.cue_end) if time is not None]
        if not all(isfinite(value) for value in (word.start, word.end, word.probability, *chosen)):
            raise ValueError("a time or probability is not a number")
        if not all(0 <= time <= duration for time in chosen):
            raise ValueError("a time of a subtitle is outside of the recording")
        if word.timing not in TIMINGS:
            raise ValueError("an unknown timing")
        earliest = min(max(word.start, earliest), duration)
        end = min(max(word.end, earliest), duration)
        words.append(
            replace(
                word,
                word=word.word.strip(),
                start=earliest,
                end=end,
                probability=min(max(word.probability, 0.0), 1.0),
                # The notes of two readers may be too long together.
                bookmark=None if word.bookmark is None else word.bookmark[:LONGEST_NOTE],
            )
        )
    return tuple(words)


def _segment(id: int, words: tuple[Word, ...], data: Mapping[str, Any]) -> Segment:
    known = read_fields(Segment, data, derived=False)
    made = make_segment(
        words, id, known["language"], logprob=known["avg_logprob"], no_speech_prob=known["no_speech_prob"]
    )
    return replace(made, **known)
