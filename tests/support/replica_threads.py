"""A replica of a cluster in threads of the tests' process, which loses its connection when it is asked to."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deploy.cluster.messages import ReplicaFacts, ReplicaLost, TranscriptionRequest
from deploy.cluster.transcriber import Transcriber
from engine.diarization.turns import Turn
from engine.scheduling.portion import Portion


class ReplicaThreads:
    """The real `Transcriber`, as several replicas.

    losses      for each further request, the checkpoints after which its replica is lost; None for a replica that lives
    sees_files  whether replicas find the files of the head
    requests    that have been sent
    cancelled   set once an answer has been cancelled before its end
    """

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber
        self.losses: list[int | None] = []
        self.sees_files = True
        self.requests: list[TranscriptionRequest] = []
        self.cancelled = threading.Event()

    def transcribe(self, request: TranscriptionRequest, _model: str) -> ThreadAnswer:
        self.requests.append(request)
        if request.recording.content is None and not self.sees_files:
            request = replace(request, recording=replace(request.recording, modified_ns=0))
        loss = self.losses.pop(0) if self.losses else None
        replies = self._transcriber.updates(sent(request))
        return ThreadAnswer(
            replies, lambda reply: getattr(reply, "checkpoint", None) is not None, loss, self.cancelled
        )

    def facts(self) -> ReplicaFacts:
        return sent(self._transcriber.facts())

    def turns(self, samples: np.ndarray, most: int) -> tuple[Turn, ...]:
        return self._transcriber.turns(samples, most)

    def store(self, path: Path) -> tuple[Any, ...]:
        content = path.read_bytes()
        middle = len(content) // 2
        return (content[:middle], content[middle:])

    def count(self) -> int:
        return 1

    def close(self) -> None:
        pass


class OtherReplicaThreads:
    """The real `Transcriber` as a replica that helps another one.

    transcriber  that helps
    losses       for each further portion, the replies with results after which its replica is lost; None for none
    replies      that have come, and `results` the number of windows in them
    cancelled    set once an answer has been cancelled before its end
    """

    def __init__(self, transcriber: Transcriber) -> None:
        self.transcriber = transcriber
        self.losses: list[int | None] = []
        self.replies: list[Any] = []
        self.cancelled = threading.Event()

    def help(self, portion: Portion) -> ThreadAnswer:
        loss = self.losses.pop(0) if self.losses else None
        replies = self.transcriber.work_at(sent(portion))
        return ThreadAnswer(replies, self._note, loss, self.cancelled)

    @property
    def results(self) -> int:
        return sum(len(reply) for reply in self.replies if isinstance(reply, list))

    def _note(self, reply: Any) -> bool:
        self.replies.append(reply)
        return bool(reply)


class ThreadAnswer:
    """The answer of one replica, from an event loop of its own."""

    def __init__(
        self,
        replies: AsyncGenerator[Any],
        counts: Callable[[Any], bool],
        loss: int | None,
        cancelled: threading.Event,
    ) -> None:
        """Takes the replies; after `loss` of those that count, the replica is lost."""
        self._replies = replies
        self._counts = counts
        self._loss = loss
        self._cancelled = cancelled
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[Any] | None = None
        self._is_over = False

    def __iter__(self) -> Iterator[Any]:
        replies = self._replies
        left = self._loss
        try:
            while True:
                if left == 0:
                    raise ReplicaLost("killed by the test")
                self._task = self._loop.create_task(anext(replies, None))  # type: ignore[arg-type]
                reply = self._loop.run_until_complete(self._task)
                if reply is None:
                    return
                if self._counts(reply) and left is not None:
                    left -= 1
                yield sent(reply)
        finally:
            self._is_over = True
            self._loop.run_until_complete(replies.aclose())
            self._loop.close()

    def cancel(self) -> None:
        if not self._is_over and self._task is not None:
            self._cancelled.set()
            self._loop.call_soon_threadsafe(self._task.cancel)


def sent(message: Any) -> Any:
    """Returns a message as it comes out of a connection."""
    return pickle.loads(pickle.dumps(message))
