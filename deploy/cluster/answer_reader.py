"""Reads the answer of a replica in a thread, so that its reader need not wait for the next reply."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue

from deploy.cluster.messages import ReplicaLost
from deploy.cluster.replicas import Answer, Reply


class AnswerReader:
    """Takes the replies of one answer as they come; `close` cancels the rest."""

    def __init__(self, answer: Answer[Reply]) -> None:
        self._answer = answer
        self._replies: SimpleQueue[Reply | BaseException | None] = SimpleQueue()
        threading.Thread(target=self._read, name="replica-answer", daemon=True).start()

    def next(self, seconds: float) -> Reply | None:
        """Returns the next reply; None if none comes within so many seconds.

        Raises what the answer raises, and ReplicaLost after its end.
        """
        try:
            reply = self._replies.get(timeout=seconds)
        except Empty:
            return None
        if reply is None:
            raise ReplicaLost("the answer ended early")
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def close(self) -> None:
        """Ends the work at the request."""
        self._answer.cancel()

    def _read(self) -> None:
        try:
            for reply in self._answer:
                self._replies.put(reply)
            self._replies.put(None)
        except BaseException as error:
            self._replies.put(error)
