"""pyannote's diarization pipeline, for machines with CUDA."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np

from engine.diarization.turns import Diarization, Samples, SpeakerCount, Turn
from engine.errors import ModelMissing
from engine.sampling import SAMPLE_RATE

REPO = "pyannote/speaker-diarization-community-1"


class PyannoteDiarizer:
    """Tells speakers apart with a pipeline of pyannote.audio 4, one recording at a time."""

    name = "pyannote"

    def __init__(self, pipeline: Any) -> None:
        """`pipeline` is a pyannote.audio.Pipeline for speaker diarization."""
        self._pipeline = pipeline
        self._lock = threading.Lock()  # the pipeline keeps state while it runs

    @classmethod
    def load(cls, folder: Path, device: str) -> PyannoteDiarizer:
        """Loads a pipeline from a folder on this machine. Raises ModelMissing."""
        # pyannote.audio reports each load and run to its makers unless this is set before its import.
        os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")
        import torch
        from pyannote.audio import Pipeline

        try:
            pipeline = Pipeline.from_pretrained(folder)
            if pipeline is None:
                raise ValueError("no pipeline")
            pipeline.to(torch.device(device))
        except Exception as error:  # what fails is in the folder or on the device, in many classes
            raise ModelMissing(
                f"The diarization pipeline in {folder} cannot be loaded ({type(error).__name__}: {error}).",
                f"Put a whole copy of {REPO} there.",
            ) from error
        return cls(pipeline)

    def open(self, count: SpeakerCount) -> PyannoteSession:
        """Begins the diarization of one recording."""
        return PyannoteSession(self, count)

    def run(self, samples: Samples, count: SpeakerCount) -> Diarization:
        """Diarizes a whole recording."""
        import torch

        file = {"waveform": torch.from_numpy(samples)[None], "sample_rate": SAMPLE_RATE}
        # pyannote takes either the exact number or limits.
        limits = (
            {"num_speakers": count.exact}
            if count.exact
            else {"min_speakers": count.minimum, "max_speakers": count.maximum}
        )
        with self._lock:
            return to_diarization(self._pipeline(file, **limits))


class PyannoteSession:
    """Keeps a recording on disk until its end, since the pipeline needs all of it at once.

    `current` knows no turns: the pipeline gives none before the end.
    """

    def __init__(self, diarizer: PyannoteDiarizer, count: SpeakerCount) -> None:
        self._diarizer = diarizer
        self._count = count
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._length = 0  # samples

    def add(self, block: Samples) -> None:
        self._file.write(np.ascontiguousarray(block, np.float32).data)
        self._length += len(block)

    def current(self) -> Diarization:
        return Diarization()

    def finish(self) -> Diarization:
        if not self._length:
            return Diarization()
        self._file.flush()
        samples = np.memmap(self._file, np.float32, "c", shape=(self._length,))
        return self._diarizer.run(samples, self._count)

    def close(self) -> None:
        self._file.close()


def to_diarization(output: Any) -> Diarization:
    """Reads the exclusive turns, and the overlapping ones beside them, of a pipeline's output."""
    exclusive = list(output.exclusive_speaker_diarization.itertracks(yield_label=True))
    everyone = output.speaker_diarization
    order = dict.fromkeys(label for _, _, label in exclusive)
    order |= dict.fromkeys(everyone.labels())
    numbers = {label: number for number, label in enumerate(order)}
    found = (Turn(segment.start, segment.end, numbers[label]) for segment, _, label in exclusive)
    turns = tuple(sorted(found, key=_start))
    overlaps = tuple((segment.start, segment.end) for segment in everyone.get_overlap())
    second = []
    for start, end in overlaps:
        main = {turn.speaker for turn in turns if turn.start < end and turn.end > start}
        for segment, _, label in everyone.itertracks(yield_label=True):
            if numbers[label] not in main and segment.start < end and segment.end > start:
                second.append(Turn(max(segment.start, start), min(segment.end, end), numbers[label]))
    size = len(numbers)
    # The pipeline says nothing about how sure it is.
    return Diarization(turns, overlaps, (1.0,) * size, (None,) * size, tuple(sorted(second, key=_start)))


def _start(turn: Turn) -> float:
    return turn.start
