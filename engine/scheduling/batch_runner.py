"""Runs a batch through the model: encode, detect the language, decode."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from engine.errors import OutOfMemory
from engine.log import LOGGER
from engine.memory import out_of_memory
from engine.recognition.decoding import DecodingRequest
from engine.recognition.encoder import Encoded
from engine.scheduling.batch import BatchItem, QueuedWindow, WindowResult
from engine.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """Holds a batch's remaining windows, with one result each or one error for all."""

    items: list[BatchItem]
    results: Sequence[WindowResult] = ()
    error: Exception | None = None


class BatchRunner:
    """Runs batches for several workers in parallel. Stateless."""

    def __init__(self, changed: threading.Condition) -> None:
        """Takes the scheduler's condition, which guards the lanes."""
        self._changed = changed

    def run(self, batch: list[BatchItem], between: Callable[[], None]) -> BatchOutcome:
        """Runs a batch and returns its outcome; the batch's memory is free again.

        between  is called after the batch has been encoded and before it is decoded
        """
        ready = batch
        encoded: Encoded | None = None
        try:
            watch = Stopwatch()
            ready, encoded = self._identify(batch, watch)
            between()
            return BatchOutcome(ready, self._decode(ready, encoded, watch) if ready else [])
        except Exception as error:
            encoded = None  # this frame would hold the encoder's output as long as the error exists
            traceback.clear_frames(error.__traceback__)  # so would those below
            if len(ready) > 1 or not out_of_memory(error):
                return BatchOutcome(ready, error=error)
            LOGGER.exception("out of memory with one window")
            return BatchOutcome(ready, error=OutOfMemory())

    def _identify(self, batch: list[BatchItem], watch: Stopwatch) -> tuple[list[BatchItem], Encoded]:
        """Encodes a batch and detects the language of its windows.

        Returns the windows of known language, with their encoder outputs. The others leave the batch, and
        their lanes hold them.
        """
        recognizer = batch[0].lane.recognizer
        with watch.stage("encode"):
            encoded = recognizer.encode([item.window.features for item in batch])
        rows: list[dict[str, float]] = [{} for _ in batch]
        with self._changed:  # another worker may be identifying the window before
            wanted = any(item.lane.needs_language(item.window) for item in batch)
            watched = any(item.lane.watches_language(item.window) for item in batch)
        if wanted or watched:
            with watch.stage("language"):
                rows = recognizer.detect_language(encoded, thorough=wanted)
        assigned: list[QueuedWindow | None] = []
        with self._changed:
            for item, row in zip(batch, rows, strict=True):
                self._changed.wait_for(partial(item.lane.is_next_to_identify, item.window))
                assigned.append(item.lane.assign_language(item.window, row))
                self._changed.notify_all()  # another worker may wait to identify the window after it
        stay = [row for row, window in enumerate(assigned) if window is not None]
        ready = [
            BatchItem(item.lane, window)
            for item, window in zip(batch, assigned, strict=True)
            if window is not None
        ]
        return ready, encoded.pick(stay) if 0 < len(stay) < len(batch) else encoded

    def _decode(self, batch: Sequence[BatchItem], encoded: Encoded, watch: Stopwatch) -> list[WindowResult]:
        """Decodes windows of known language."""
        languages = [item.window.language for item in batch if item.window.language is not None]
        requests = [
            DecodingRequest(language, item.lane.options, faint=item.window.faint)
            for item, (language, _) in zip(batch, languages, strict=True)
        ]
        with watch.stage("decode"):
            results = batch[0].lane.recognizer.decode(
                encoded, requests, [item.window.speech for item in batch]
            )
        kept: Sequence[Encoded | None] = [None] * len(batch)
        if any(item.lane.options.keep_encoded for item in batch):
            kept = batch[0].lane.recognizer.keep(encoded)
        shares = {stage: taken / len(batch) for stage, taken in watch.seconds.items()}
        return [
            WindowResult(
                heard=result,
                language=language,
                probability=probability,
                seconds=shares,
                languages=item.window.languages,
                other=item.window.other,
                encoded=row if item.lane.options.keep_encoded else None,
            )
            for item, result, (language, probability), row in zip(
                batch, results, languages, kept, strict=True
            )
        ]
