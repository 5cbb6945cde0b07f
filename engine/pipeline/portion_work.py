"""Decodes and aligns a portion of a recording that another process has read."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import fields
from threading import Event

from engine.installation import Installation
from engine.pipeline.window_feed import DecodedWindow, Heartbeat, WindowFeed
from engine.pipeline.word_timing import time_decoded
from engine.recognition.language_tracker import LanguageTracker
from engine.recognition.prompts import decoding_options
from engine.scheduling.batch import WindowResult
from engine.scheduling.portion import AlignedResult, Portion
from engine.stopwatch import Stopwatch


def work_at(models: Installation, portion: Portion, stop: Event) -> Generator[Sequence[AlignedResult]]:
    """Yields the results of a portion's windows in order, as many as are ready; empty lists are signs of life.

    stop  once set, no further window goes into a batch

    Raises SetupError, Busy, OutOfMemory or ShuttingDown.
    """
    options, watch = portion.options, Stopwatch()
    recognizer = models.recognizer(options.model)
    tracker = LanguageTracker.settled(
        portion.language,
        portion.probability,
        requested=options.language,
        allowed=options.allowed_languages,
    )
    scheduler = models.scheduler
    with (
        models.keep(options),
        scheduler.lane(recognizer, None, decoding_options(options), stop=stop, tracker=tracker) as lane,
    ):
        for step in WindowFeed(lane, iter(portion.windows), scheduler.windows_in_flight, watch):
            yield [] if isinstance(step, Heartbeat) else _aligned(models, portion, step, watch)


def _aligned(
    models: Installation, portion: Portion, step: Sequence[DecodedWindow], watch: Stopwatch
) -> list[AlignedResult]:
    before = watch.seconds["align"]
    with watch.stage("align"):
        timed, notices = time_decoded(step, portion.language, models.aligners, portion.options)
    share = (watch.seconds["align"] - before) / len(step)
    results = []
    for number, (decoded, placed) in enumerate(zip(step, timed, strict=True)):
        given = {field.name: getattr(decoded.result, field.name) for field in fields(WindowResult)}
        given["seconds"] = {**decoded.result.seconds, "align": share}
        raised = () if number else tuple(notices)
        results.append(AlignedResult(**given, words=placed.words, aligner=placed.aligner, notices=raised))
    return results
