"""What a head and the replicas of a cluster send each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import WordlightError
from engine.options import Options
from engine.pipeline.checkpoint import Checkpoint
from engine.text_alignment.given_text import GivenText


class ReplicaLost(Exception):
    """Reports that a replica ended, or refused, before it had answered; another one can answer."""


class RecordingElsewhere(WordlightError):
    """Reports that a replica does not see the file that a request names, and needs its content."""


@dataclass(frozen=True, slots=True)
class SentRecording:
    """A recording of the head, by its path and, if replicas do not see that, its content.

    size, modified_ns  show that a file at this path is the same one; bytes, and nanoseconds since 1970
    content            its parts in the cluster's object store, in order; None if only the path is sent
    """

    path: str
    size: int
    modified_ns: int
    content: tuple[Any, ...] | None = None

    @classmethod
    def of(cls, path: Path) -> SentRecording:
        """Describes a file. Raises OSError if there is none."""
        status = path.stat()
        return cls(str(path.absolute()), status.st_size, status.st_mtime_ns)

    def is_here(self) -> bool:
        """Returns whether this process sees the same file at the same path."""
        try:
            status = Path(self.path).stat()
            with open(self.path, "rb"):
                return (status.st_size, status.st_mtime_ns) == (self.size, self.modified_ns)
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """One recording for a replica.

    resume  what earlier replicas have finished of it, as for `Engine.stream`
    text    is aligned with the recording, which is transcribed if None
    seeks   as for `Engine.stream_alignment`
    """

    recording: SentRecording
    options: Options
    resume: tuple[Checkpoint, ...] = ()
    text: GivenText | None = None
    seeks: bool = False


@dataclass(frozen=True, slots=True)
class PortionRefusal:
    """Says that a replica takes no portion now."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Holds the error that ends a request, since an error that is raised would lose its class on the way."""

    error: WordlightError


@dataclass(frozen=True, slots=True)
class ReplicaFacts:
    """What a head needs to know of the replicas, which are all alike.

    models      that a request may name, the default first
    languages   as `Engine.languages` returns them
    health      as `Engine.health` returns it, of one replica
    batch_size  windows decoded together at most
    workers     batches decoded side by side at most
    """

    models: tuple[str, ...]
    languages: tuple[Mapping[str, str], ...]
    health: Mapping[str, Any]
    batch_size: int
    workers: int
