"""Times the words of windows: from decoded words to words in file time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.alignment.aligner import AlignerName, Utterance, WordTime
from engine.alignment.fallback import AlignerChain, failure_notices
from engine.options import AlignerChoice, Options, Task
from engine.pipeline.window_feed import DecodedWindow
from engine.recognition.decoding import DecodedWord
from engine.recognition.pause_snapping import snap_to_pauses
from engine.scheduling.portion import AlignedResult
from engine.text.notices import Notice
from engine.transcript import Word
from engine.windows import Window


@dataclass(frozen=True, slots=True)
class TimedWindow:
    """Holds a window's words in file time, and the aligner that timed them."""

    words: tuple[Word, ...]
    aligner: AlignerName


def time_windows(
    windows: Sequence[Window],
    decoded: Sequence[Sequence[DecodedWord]],
    language: str,
    aligners: AlignerChain,
    task: Task = "transcribe",
    choice: AlignerChoice = "auto",
) -> tuple[list[TimedWindow], list[Notice]]:
    """Returns each window's words in file time, and a notice per aligner that failed.

    decoded  each window's words, with attention's times in window seconds
    """
    utterances = [_utterance(window, words, language) for window, words in zip(windows, decoded, strict=True)]
    aligned = aligners.align(utterances, language, task, choice)
    timed = [
        TimedWindow(_in_file(window, words, found.times), found.aligner)
        for window, words, found in zip(windows, decoded, aligned, strict=True)
    ]
    return timed, failure_notices(windows, aligned)


def time_decoded(
    batch: Sequence[DecodedWindow], language: str, aligners: AlignerChain, options: Options
) -> tuple[list[TimedWindow], list[Notice]]:
    """Returns each window's words in file time, and the notices that timing them has raised.

    language  of the words, Whisper's code

    Words that a helper has timed stay as they are.
    """
    own = [decoded for decoded in batch if not isinstance(decoded.result, AlignedResult)]
    timed, notices = time_windows(
        [decoded.window for decoded in own],
        [decoded.result.heard.words for decoded in own],
        language,
        aligners,
        options.task,
        options.aligner,
    )
    left = iter(timed)
    found = []
    for decoded in batch:
        if isinstance(decoded.result, AlignedResult):
            found.append(TimedWindow(decoded.result.words, decoded.result.aligner))
            notices += decoded.result.notices
        else:
            found.append(next(left))
    return found, notices


def _utterance(window: Window, words: Sequence[DecodedWord], language: str) -> Utterance:
    texts = tuple(word.text.strip() for word in words)
    spans = snap_to_pauses(window.samples, texts, [(word.start, word.end) for word in words])
    return Utterance(window.samples, texts, language, tuple(spans))


def _in_file(window: Window, words: Sequence[DecodedWord], times: Sequence[WordTime]) -> tuple[Word, ...]:
    """Maps a window's words to file time; starts never go back."""
    placed: list[Word] = []
    for word, time_ in zip(words, times, strict=True):
        start, end = window.to_file(time_.start, time_.end)
        start = max(start, placed[-1].start) if placed else start
        placed.append(
            Word(word.text.strip(), start, max(end, start), word.probability, time_.timing, time_.score)
        )
    return tuple(placed)
