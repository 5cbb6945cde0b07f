"""One thread that tells speakers apart, for all recordings in turn.

It runs beside recognition and takes one core at most. Each recording has a step of a few seconds of sound before it is
the next one's turn, so that an hour-long file does not hold up a short one.
"""

from __future__ import annotations

import atexit
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from engine.diarization.turns import Diarizer, SpeakerCount
from engine.errors import ShuttingDown
from engine.log import LOGGER
from engine.scheduling.diarization_feed import DiarizationFeed
from engine.text.notices import Notice

LAST_STEP = 10.0  # seconds that closing waits for the step at work


class DiarizationWorker:
    """The thread and the feeds of the recordings; the thread starts with the first of them.

    load  returns the diarizer, which is loaded at first use, with notices for the user; may raise
    keep  keeps the diarizer in memory, once it is loaded, as long as a recording has its feed
    """

    def __init__(
        self,
        load: Callable[[], tuple[Diarizer, tuple[Notice, ...]]],
        keep: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._load = load
        self._keep = keep
        self._changed = threading.Condition()
        self._feeds: deque[DiarizationFeed] = deque()  # the next one to be served first
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def feed(self, count: SpeakerCount) -> Iterator[DiarizationFeed]:
        """Gives a recording its feed; leaving ends the work on it. Raises ShuttingDown."""
        feed = DiarizationFeed(count, self._changed)
        with self._changed:
            if self._closed:
                raise ShuttingDown()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="diarization", daemon=True)
                self._thread.start()
                # A thread inside a model's native code when the interpreter ends takes the process down.
                atexit.register(self.close)
            self._feeds.append(feed)
        try:
            with self._keep():
                yield feed
        finally:
            with self._changed:
                feed.closed = True
                self._changed.notify_all()

    def close(self) -> None:
        """Ends the thread after the step at work; requests that wait raise ShuttingDown."""
        atexit.unregister(self.close)
        with self._changed:
            self._closed = True
            for feed in self._feeds:
                feed.shut_down = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(LAST_STEP)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next() is not None)
                if self._closed:
                    return
                feed = self._next()
                assert feed is not None
                self._feeds.remove(feed)
                if not feed.closed:
                    self._feeds.append(feed)  # behind all others
            self._serve(feed)
            del feed  # the sound and the voices of a recording that has left

    def _next(self) -> DiarizationFeed | None:
        return next((feed for feed in self._feeds if feed.next_step() is not None), None)

    def _serve(self, feed: DiarizationFeed) -> None:
        """Takes one step for a recording. Whatever fails concerns the speakers of this recording alone."""
        try:
            step = feed.next_step()
            if step == "close":
                feed.release()
            elif step is not None:
                session = feed.session
                if session is None:
                    diarizer, feed.notices = self._load()
                    session = diarizer.open(feed.count)
                feed.run(step, session)
        except Exception as error:
            LOGGER.exception("diarization failed")
            feed.fail(error)
