"""Validates a client's transcript before a file is made of the transcript."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from engine.errors import BadTranscript
from engine.text.bookmarks import LONGEST_NOTE
from engine.text.disfluent_words import DISFLUENCIES
from engine.text.translation import LONGEST_SENTENCE, TARGET_LANGUAGES, Translation
from engine.transcript import TIMINGS, Segment, Transcript, Word

MAX_TIME = 1000 * 3600.0  # seconds; no recording is longer
MAX_WORDS = 500_000  # of one transcript: two days of talk
LONGEST_WORD = 1000  # characters; languages without spaces have short words too
LONGEST_PHONES = 10_000  # characters of a word's phones, each of which has some eight
MAX_SPEAKERS = 1000  # of one transcript; a person may split voices by hand
MAX_SENTENCES = 100_000  # of one translation: two days of talk
LONGEST_NAME = 200  # characters of a speaker's name or label

_HINT = "Send the JSON as /transcribe returns it."


def validate_transcript(data: Any) -> Transcript:
    """Returns the transcript in `data`. Raises BadTranscript if its form is wrong."""
    if not isinstance(data, Mapping):
        raise BadTranscript("A transcript is a JSON object.", _HINT)
    try:
        if sum(len(segment["words"]) for segment in data["segments"]) > MAX_WORDS:
            raise BadTranscript("The transcript is too long.", f"It may have at most {MAX_WORDS:,} words.")
        transcript = Transcript.from_dict(data)
        # Checks that all numbers are finite, all values are JSON, and all texts can be written as UTF-8.
        json.dumps(transcript.to_dict(), allow_nan=False, ensure_ascii=False).encode()
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise BadTranscript("This is not a transcript.", _HINT) from error
    if not isinstance(transcript.language, str | None):
        raise BadTranscript("The transcript's language is not text.", _HINT)
    if not all(isinstance(warning, str) for warning in transcript.warnings):
        raise BadTranscript("The transcript's warnings are not texts.", _HINT)
    if transcript.notices and len(transcript.notices) != len(transcript.warnings):
        raise BadTranscript(
            f"The transcript has {len(transcript.warnings)} warnings and {len(transcript.notices)} notices.",
            "Send one notice for each warning, or no notices.",
        )
    _check_times(transcript.segments, "segments")
    _check_times(transcript.words, "words")
    if any(len(word.word) > LONGEST_WORD for word in transcript.words):
        raise BadTranscript(f"A word has more than {LONGEST_WORD:,} characters.", _HINT)
    if any(len(word.phones or "") > LONGEST_PHONES for word in transcript.words):
        raise BadTranscript(f"The phones of a word have more than {LONGEST_PHONES:,} characters.", _HINT)
    if any(len(word.bookmark or "") > LONGEST_NOTE for word in transcript.words):
        raise BadTranscript("The note of a bookmark is too long.", f"It may have {LONGEST_NOTE} characters.")
    if not all(word.timing in TIMINGS for word in transcript.words):
        raise BadTranscript("A word's timing is unknown.", f"Known: {', '.join(TIMINGS)}.")
    if not all(word.disfluency in (None, *DISFLUENCIES) for word in transcript.words):
        raise BadTranscript("A word's disfluency is unknown.", f"Known: {', '.join(DISFLUENCIES)}.")
    chosen = (
        time for word in transcript.words for time in (word.cue_start, word.cue_end) if time is not None
    )
    if not all(0 <= time <= MAX_TIME for time in chosen):
        raise BadTranscript("A time that was chosen for a subtitle is out of range.", _HINT)
    check_speakers(transcript)
    check_translation(transcript.translation)
    return transcript


def check_speakers(transcript: Transcript) -> None:
    """Raises BadTranscript if labels, names or overlaps of a transcript are not valid."""
    ids = [speaker.id for speaker in transcript.speakers]
    if len(ids) > MAX_SPEAKERS or len(set(ids)) < len(ids):
        hint = f"Each needs an id of its own, and {MAX_SPEAKERS:,} fit."
        raise BadTranscript("The transcript's list of speakers cannot be read.", hint)
    labels = [segment.speaker for segment in transcript.segments]
    labels += [word.speaker for word in transcript.words]
    labels += [speaker.near for speaker in transcript.speakers]
    if not all(isinstance(label, str | None) for label in labels):
        raise BadTranscript("A speaker's label is no text.", _HINT)
    names = (*ids, *(speaker.name for speaker in transcript.speakers), *(label or "" for label in labels))
    if any(len(name) > LONGEST_NAME for name in names):
        raise BadTranscript("A speaker's name is too long.", f"It may have {LONGEST_NAME} characters.")
    if not all(0 <= overlap.start <= overlap.end <= MAX_TIME for overlap in transcript.overlaps):
        raise BadTranscript("The times of the overlaps are not in order.", "Each starts before it ends.")


def _check_times(spans: Sequence[Segment | Word], name: str) -> None:
    if not all(0 <= span.start <= span.end <= MAX_TIME for span in spans):
        raise BadTranscript(f"The times of the {name} are not in order.", "Each must start before it ends.")
    if not all(one.start <= two.start for one, two in pairwise(spans)):
        raise BadTranscript(
            f"The {name} are not in order.", "Each must start no earlier than the one before."
        )


def check_translation(translation: Translation | None) -> None:
    """Raises BadTranscript if the language, the size or the times of a translation are not valid."""
    if translation is None:
        return
    if translation.language not in TARGET_LANGUAGES:
        known = ", ".join(TARGET_LANGUAGES)
        raise BadTranscript("The language of the translation is unknown.", f"Known: {known}.")
    if len(translation.segments) > MAX_SENTENCES:
        raise BadTranscript("The translation is too long.", f"It may have {MAX_SENTENCES:,} segments.")
    if any(len(sentence.text) > LONGEST_SENTENCE for sentence in translation.segments):
        raise BadTranscript(
            "A segment of the translation is too long.", f"It may have {LONGEST_SENTENCE:,} characters."
        )
    starts = [sentence.start for sentence in translation.segments]
    in_order = all(0 <= each.start <= each.end <= MAX_TIME for each in translation.segments)
    if not (in_order and starts == sorted(starts) and 0 <= translation.until <= MAX_TIME):
        raise BadTranscript(
            "The times of the translation are not in order.", "Send it as the page's JSON has it."
        )
