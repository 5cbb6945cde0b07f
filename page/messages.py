"""What the page shows, as plain data: messages for the transcript view, facts, progress.

Nothing here knows of a user interface or of its language: names of stages, bands and timings are keys
that the page puts into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.languages import is_spaceless
from engine.text.clock import clock
from engine.text.paragraphs import paragraph_starts
from engine.transcript import Segment, Transcript, Word
from engine.updates import Update

ConfidenceBand = Literal["sure", "likely", "doubtful", "unsure"]

# The least probability of each band; the words of the last two are marked for a second look.
BANDS: tuple[tuple[ConfidenceBand, float], ...] = (
    ("sure", 0.8),
    ("likely", 0.6),
    ("doubtful", 0.35),
    ("unsure", 0.0),
)

# Segments that a message repeats from before its new ones. A browser that is busy keeps only the newest
# of the messages that arrive together; the overlap lets it catch up without asking.
OVERLAP = 24

# Seconds of audio done before the time left can be estimated, and the same as a share of the whole.
ESTIMATE_AFTER_SECONDS = 10.0
ESTIMATE_AFTER_PART = 0.05

# Whisper's codes that are not the ones of BCP 47, which `lang` attributes speak.
_BCP47 = {"jw": "jv"}

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transcription is.

    part          of the recording that is done, 0 to 1; None while its length is not known
    seconds_left  an estimate; None while there is too little to go by
    """

    stage: str
    seconds_done: float
    seconds_total: float
    part: float | None
    seconds_left: float | None


def confidence_band(word: Word) -> ConfidenceBand:
    """Returns how far the word's text can be trusted, by the decoder's probability."""
    return next(band for band, least in BANDS if word.probability >= least or least == 0.0)


def transcript_message(run: str, segments: Sequence[Segment], new_from: int, done: bool) -> dict[str, Any]:
    """Returns what the transcript view needs to append the segments from index `new_from` on.

    run       names the transcription: words of another run are cleared away
    segments  all segments of the run so far

    A message that is `done` holds every segment, so that the view is whole whatever it has missed.
    Words travel as [text, start, end, probability, band, timing, score?, speaker?], the shortest form that
    JSON allows.
    """
    first = 0 if done else max(0, new_from - OVERLAP)
    begins = list(paragraph_starts(segments))
    return {
        "run": run,
        "from": first,
        "segments": [_segment(segments[index], begins[index]) for index in range(first, len(segments))],
        "done": done,
    }


def _segment(segment: Segment, begins_paragraph: bool) -> dict[str, Any]:
    return {
        "lang": _BCP47.get(segment.language, segment.language),
        "language": segment.language,
        "spaced": not is_spaceless(segment.language),
        "paragraph": begins_paragraph,
        "chosen": segment.paragraph is not None,
        "speaker": segment.speaker,
        "logprob": round(segment.avg_logprob, 4),
        "silence": round(segment.no_speech_prob, 4),
        "words": [_word(word) for word in segment.words],
    }


def _word(word: Word) -> list[Any]:
    shown: list[Any] = [word.word, round(word.start, 3), round(word.end, 3), round(word.probability, 3)]
    shown += [confidence_band(word), word.timing]
    if word.score is not None or word.speaker is not None:
        shown += [None if word.score is None else round(word.score, 3), word.speaker]
    return shown


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
    if unsure := doubtful(transcript.words):
        found.append(("doubtful", f"{unsure:,}"))
    found.append(("model", transcript.model))
    found.append(("aligner", transcript.aligner))
    if seconds_taken > 0:
        found.append(("speed", f"{transcript.duration / seconds_taken:.1f}"))
    return [(key, text) for key, text in found if text]


def doubtful(words: Sequence[Word]) -> int:
    """Returns how many words are marked for a second look."""
    return sum(confidence_band(word) in ("doubtful", "unsure") for word in words)


def page_meta(transcript: Transcript, seconds_taken: float) -> dict[str, Any]:
    """Returns what the page needs of a transcript beside its words: the contract without them, and facts."""
    whole = transcript.to_dict()
    for words in ("text", "segments", "word_segments"):
        del whole[words]
    return {"transcript": whole, "facts": [list(fact) for fact in summary_facts(transcript, seconds_taken)]}


def progress(update: Update, seconds_taken: float) -> Progress:
    """Returns how far the update says the work is.

    seconds_taken  since the recording began to be read; the wait for the models does not count
    """
    done, total = update.seconds_done, update.seconds_total
    part = min(1.0, done / total) if total > 0 else None
    left = None
    if part and part < 1 and (done >= ESTIMATE_AFTER_SECONDS or part >= ESTIMATE_AFTER_PART):
        left = seconds_taken * (total - done) / done
    return Progress(update.stage, done, total, part, left)


def percent(part: float) -> str:
    """Returns a share as people say it; only certainty itself is called 100 %."""
    return f"{min(round(100 * part), 99) if part < 1 else 100} %"
