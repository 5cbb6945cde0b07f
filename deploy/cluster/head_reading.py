"""Reads a recording at the head, for a caller that wants its samples while replicas transcribe it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import numpy as np

from engine.errors import WordlightError
from engine.media.audio_reader import AudioReader

_log = logging.getLogger("wordlight.cluster")


class HeadReading:
    """Gives the blocks of a recording to `tap`, in a thread, until `stop` is set."""

    def __init__(self, reader: AudioReader, tap: Callable[[np.ndarray], None], stop: threading.Event) -> None:
        self._reader = reader
        self._tap = tap
        self._stop = stop
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read, name="head-reading", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Waits for the end of the recording, at most so many seconds; returns whether it has come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Ends the reading."""
        self._closed.set()
        self._reader.close()  # ends a wait for ffmpeg
        self._thread.join()

    def _read(self) -> None:
        try:
            for block in self._reader:
                if self._closed.is_set() or self._stop.is_set():
                    return
                self._tap(block)
        except WordlightError:  # the replica meets it too, and reports it
            pass
        except Exception:
            _log.exception("the samples of a recording could not be given on")
        finally:
            self._reader.close()
