"""Logs the outcome of one request, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass

from engine.errors import OutOfMemory, WordlightError
from engine.log import LOGGER, log_request
from engine.memory import out_of_memory
from engine.stopwatch import Stopwatch
from engine.updates import Update


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the log has of a request beside its outcome; see `log_request`."""

    audio_seconds: float
    language: str | None
    model: str | None
    aligner: str | None
    watch: Stopwatch


def logged(steps: Iterable[Update], facts: Callable[[], RequestFacts]) -> Generator[Update]:
    """Yields the updates of a request, and always logs its outcome.

    facts  returns what is known of the request; called at its end

    Raises OutOfMemory instead of an error that means the same.
    """
    duration: float | None = None
    outcome, code = "cancelled", None
    try:
        for update in steps:
            if update.transcript:
                outcome, duration = "ok", update.transcript.duration
            yield update
    except WordlightError as error:
        outcome, code = "error", error.code
        raise
    except Exception as error:
        if out_of_memory(error):
            LOGGER.exception("out of memory")
            outcome, code = "error", OutOfMemory.code
            raise OutOfMemory() from error
        outcome, code = "error", "internal"
        raise
    finally:
        known = facts()
        log_request(
            outcome=outcome,
            audio_seconds=known.audio_seconds if duration is None else duration,
            language=known.language,
            model=known.model,
            aligner=known.aligner,
            timings=known.watch.seconds,
            wall_seconds=known.watch.elapsed,
            error_code=code,
        )
