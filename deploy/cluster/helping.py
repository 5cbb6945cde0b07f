"""Has other replicas of the cluster work at recordings of this one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from deploy.cluster.messages import Failure, PortionRefusal
from deploy.cluster.replicas import Answer, OtherReplicas, PortionReply
from engine.scheduling.portion import AlignedResult, Portion, PortionRefused


class ReplicaHelpers:
    """The helpers of a replica; see `Helpers`.

    most  other replicas that work at one recording together
    """

    def __init__(self, others: OtherReplicas, most: int) -> None:
        self.most = most
        self._others = others

    def offer(self, portion: Portion) -> ReplicaPortion:
        """Returns the work at a portion, which is sent when the work is read."""
        return ReplicaPortion(self._others, portion)


class ReplicaPortion:
    """The work of another replica at a portion; see `PortionWork`."""

    def __init__(self, others: OtherReplicas, portion: Portion) -> None:
        self._others = others
        self._portion = portion
        self._lock = threading.Lock()
        self._answer: Answer[PortionReply] | None = None
        self._is_cancelled = False

    def __iter__(self) -> Iterator[Sequence[AlignedResult]]:
        with self._lock:
            if self._is_cancelled:
                raise PortionRefused
            self._answer = self._others.help(self._portion)
        for reply in self._answer:
            if isinstance(reply, PortionRefusal):
                raise PortionRefused
            if isinstance(reply, Failure):
                raise reply.error
            yield reply

    def cancel(self) -> None:
        """Ends the work, from any thread; does nothing after its end."""
        with self._lock:
            self._is_cancelled = True
        if self._answer is not None:
            self._answer.cancel()
