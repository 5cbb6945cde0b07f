"""What the page shows, as plain data: messages for the transcript view, facts, progress.

Nothing here knows of a user interface or of its language: names of stages, bands and timings are keys
that the page puts into words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, Literal

from engine.languages import is_spaceless, language_tag
from engine.text.clock import clock
from engine.text.doubt import DOUBTFUL_BELOW
from engine.text.fluent import fluent_texts
from engine.text.json_fields import to_json
from engine.text.paragraphs import paragraph_starts
from engine.text.repeated_words import repeated_words
from engine.transcript import Segment, Transcript, Word
from engine.updates import SpeakerNews, Update

ConfidenceBand = Literal["sure", "likely", "doubtful", "unsure"]

# The least probability of each band, the surest first; the words of MARKED_BANDS are marked for a second look.
BANDS: tuple[tuple[ConfidenceBand, float], ...] = (
    ("sure", 0.8),
    ("likely", DOUBTFUL_BELOW),
    ("doubtful", 0.35),
    ("unsure", 0.0),
)
MARKED_BANDS: tuple[ConfidenceBand, ...] = ("doubtful", "unsure")

# Segments that a message repeats from before its new ones. A browser that is busy keeps only the newest
# of the messages that arrive together; the overlap lets it catch up without asking.
OVERLAP = 24

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transcription is.

    part          of the recording that is done, 0 to 1; None while its length is not known
    seconds_left  the engine's estimate; None while there is too little to go by, and at the end
    """

    stage: str
    seconds_done: float
    seconds_total: float
    part: float | None
    seconds_left: float | None


def confidence_band(word: Word) -> ConfidenceBand:
    """Returns how far the word's text can be trusted, by the decoder's probability."""
    return next(band for band, least in BANDS if word.probability >= least or least == 0.0)


def confidence_bands(segments: Sequence[Segment]) -> list[list[ConfidenceBand]]:
    """Returns the band of each word of each segment.

    Words that are written again and again, also over several sentences, are a guess, however probable: in a loop the
    decoder is sure of itself.
    """
    words = [word for segment in segments for word in segment.words]
    repeated = repeated_words([word.word for word in words])
    bands: Iterator[ConfidenceBand] = (
        "unsure" if index in repeated and not word.checked else confidence_band(word)
        for index, word in enumerate(words)
    )
    return [list(islice(bands, len(segment.words))) for segment in segments]


def transcript_message(run: str, segments: Sequence[Segment], new_from: int, done: bool) -> dict[str, Any]:
    """Returns what the transcript view needs to append the segments from index `new_from` on.

    run       names the transcription: words of another run are cleared away
    segments  all segments of the run so far

    `from` counts the words before the first of the segments: words stay what they are when a segment is cut
    because another speaker was found in it.

    A message that is `done` holds every segment, so that the view is whole whatever it has missed.
    Segments and words are the contract's, with what the page needs beside it; what follows from a segment's
    words is left out. `fluent` is a word's text while fillers and repeats are hidden, if it differs.
    """
    first = 0 if done else max(0, new_from - OVERLAP)
    begins = list(paragraph_starts(segments))[first:]
    shown = segments[first:]
    rows = zip(shown, begins, confidence_bands(shown), fluent_texts(shown), strict=True)
    return {
        "run": run,
        "from": sum(len(segment.words) for segment in segments[:first]),
        "segments": [_segment(*row) for row in rows],
        "done": done,
    }


def speaker_message(
    segments: Sequence[Segment], news: SpeakerNews | None, relabelled: bool
) -> dict[str, Any]:
    """Returns what the page needs to label words, those that it has already included; empty without news.

    relabelled  whether labels of earlier words have changed: then the message has the labels of all words

    `turns` are [start of the first word, label] for each run of words with one label.
    """
    if news is None:
        return {}
    known: dict[str, Any] = {
        "speakers": [speaker.to_dict() for speaker in news.speakers],
        "provisional": news.provisional,
    }
    if news.renumbered:
        known["renumbered"] = dict(news.renumbered)
    if relabelled:
        words = [word for segment in segments for word in segment.words]
        known["turns"] = [
            [round(next(run).start, 3), label] for label, run in groupby(words, key=lambda word: word.speaker)
        ]
    return known


def _segment(
    segment: Segment, begins_paragraph: bool, bands: Sequence[ConfidenceBand], texts: Sequence[str | None]
) -> dict[str, Any]:
    return {
        **to_json(segment, derived=False),
        "lang": language_tag(segment.language),
        "spaced": not is_spaceless(segment.language),
        "paragraph": begins_paragraph,
        "chosen": segment.paragraph is not None,
        "words": [
            word.to_dict() | {"band": band} | ({"fluent": text} if text not in (None, word.word) else {})
            for word, band, text in zip(segment.words, bands, texts, strict=True)
        ],
    }


def summary_facts(transcript: Transcript, seconds_taken: float) -> list[Fact]:
    """Returns (key, text) for the summary, in reading order; facts that are not known are left out.

    seconds_taken  from the click to the result, waiting included
    """
    found: list[Fact] = []
    if transcript.language:
        found.append(("language", transcript.language))
        if 0 < transcript.language_probability < 1:
            found.append(("certainty", percent(transcript.language_probability)))
    found.append(("duration", clock(transcript.duration)))
    found.append(("words", f"{len(transcript.words):,}"))
    if unsure := doubtful(transcript.segments):
        found.append(("doubtful", f"{unsure:,}"))
    found.append(("model", transcript.model))
    found.append(("aligner", transcript.aligner))
    if seconds_taken > 0:
        found.append(("speed", f"{transcript.duration / seconds_taken:.1f}"))
    return [(key, text) for key, text in found if text]


def doubtful(segments: Sequence[Segment]) -> int:
    """Returns how many words are marked for a second look; those that a person has checked are not."""
    return sum(
        band in MARKED_BANDS and not word.checked
        for segment, bands in zip(segments, confidence_bands(segments), strict=True)
        for word, band in zip(segment.words, bands, strict=True)
    )


def page_meta(transcript: Transcript, seconds_taken: float) -> dict[str, Any]:
    """Returns what the page needs of a transcript beside its words: the contract without them, and facts."""
    whole = transcript.to_dict()
    for words in ("text", "segments", "word_segments"):
        del whole[words]
    return {"transcript": whole, "facts": [list(fact) for fact in summary_facts(transcript, seconds_taken)]}


def progress(update: Update) -> Progress:
    """Returns how far the update says the work is."""
    done, total = update.seconds_done, update.seconds_total
    part = min(1.0, done / total) if total > 0 else None
    left = update.seconds_left if part and part < 1 else None
    return Progress(update.stage, done, total, part=part, seconds_left=left)


def percent(part: float) -> str:
    """Returns a share as people say it; only certainty itself is called 100 %."""
    return f"{min(round(100 * part), 99) if part < 1 else 100} %"
