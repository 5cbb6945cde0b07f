"""Recognises speech on a GPU that another process has, and lends for one call at a time, as ZeroGPU does.

This process prepares windows and asks for the GPU once or twice a batch. What lies on the GPU does not outlive the
call. So a batch whose language is unknown is encoded twice, which takes a fraction of decoding it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import ctranslate2
import numpy as np
import tokenizers

from engine.recognition.decoding import DecodedWord, DecodingRequest, DecodingResult
from engine.recognition.encoder import FRAME_RATE, Encoded
from engine.recognition.recognizer import Recognizer
from engine.regions import Span
from engine.sampling import SAMPLE_RATE

MULTILINGUAL_TOKENS = (
    51_865  # at least so many has a multilingual Whisper model; CTranslate2 tells them by that
)
DEFAULT_MELS = 80  # mel bands of a model that does not name them
HELD = 2  # models that the process with the GPU keeps in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuTask:
    """Holds one call for the GPU; it can be pickled, and so can its result.

    model      name and folder of the model
    threads    for what remains on the CPU
    seconds    length of the audio
    work       the method of `Recognizer`
    windows    features (n_mels, frames) of each window, without padding
    arguments  the method's further arguments
    """

    model: tuple[str, Path]
    compute_type: str
    threads: int
    seconds: float
    work: Literal["detect_language", "decode", "time_text"]
    windows: tuple[np.ndarray, ...] = ()
    arguments: tuple[Any, ...] = ()


RunOnGpu = Callable[[GpuTask], Any]


def run_task(task: GpuTask) -> Any:
    """Does a task in this process, on its GPU if it has one; loads the model on first use."""
    recognizer = _loaded(*task.model, task.compute_type, task.threads)
    if task.work == "time_text":
        return recognizer.time_text(*task.arguments)
    encoded = recognizer.encode(task.windows)
    if task.work == "detect_language":
        return recognizer.detect_language(encoded, *task.arguments)
    return recognizer.decode(encoded, *task.arguments)


@lru_cache(maxsize=HELD)
def _loaded(name: str, path: Path, compute_type: str, threads: int) -> Recognizer:
    device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    if device == "cuda":
        # torch is imported first: it loads the cuDNN libraries that CTranslate2 then finds.
        import torch  # noqa: F401
    if compute_type == "auto":
        compute_type = "float16" if device == "cuda" else "int8"
    return Recognizer.load(name, path, device, compute_type=compute_type, threads=threads)


@dataclass(frozen=True, slots=True)
class _ModelFacts:
    """What a recognizer must know of a model that is not loaded here."""

    is_multilingual: bool
    n_mels: int
    device: str = "cuda"

    @classmethod
    def read(cls, path: Path) -> _ModelFacts:
        tokenizer = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
        file = path / "preprocessor_config.json"
        mels = json.loads(file.read_text()).get("feature_size") if file.is_file() else None
        return cls(tokenizer.get_vocab_size() >= MULTILINGUAL_TOKENS, mels or DEFAULT_MELS)


class LentRecognizer(Recognizer):
    """A recognizer whose model runs in another process; see `Recognizer` for the methods."""

    def __init__(
        self, name: str, path: Path, run: RunOnGpu, *, compute_type: str = "auto", threads: int = 1
    ) -> None:
        """Takes the function that runs a task on the GPU."""
        super().__init__(name, _ModelFacts.read(path), path)  # type: ignore[arg-type]
        self._path = path
        self._run = run
        self._compute_type = compute_type
        self._threads = threads

    def encode(self, windows: Sequence[np.ndarray]) -> Encoded:
        """Returns the padded windows with no encoder outputs: those would not outlive the call."""
        features, frames = self._encoder.padded(windows)
        nothing = ctranslate2.StorageView.from_array(np.zeros((len(frames), 1), np.float32))
        return Encoded(features, nothing, frames)

    def detect_language(self, encoded: Encoded, thorough: bool = True) -> list[dict[str, float]]:
        if not self._model.is_multilingual:
            return [{"en": 1.0} for _ in encoded.frames]
        return self._run(self._task("detect_language", encoded, thorough))

    def decode(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], speech: Sequence[Sequence[Span]] = ()
    ) -> list[DecodingResult]:
        return self._run(self._task("decode", encoded, list(asks), [list(spans) for spans in speech]))

    def keep(self, encoded: Encoded) -> Sequence[Encoded | None]:
        """Returns nothing of each window; see `encode`."""
        return [None for _ in encoded.frames]

    def time_text(self, sound: np.ndarray | Encoded, text: str, language: str) -> list[DecodedWord]:
        assert isinstance(sound, np.ndarray), "no window that has been encoded is kept"
        task = GpuTask(
            model=(self.name, self._path),
            compute_type=self._compute_type,
            threads=self._threads,
            seconds=len(sound) / SAMPLE_RATE,
            work="time_text",
            arguments=(sound, text, language),
        )
        return self._run(task)

    def _task(self, work: Literal["detect_language", "decode"], encoded: Encoded, *arguments: Any) -> GpuTask:
        return GpuTask(
            model=(self.name, self._path),
            compute_type=self._compute_type,
            threads=self._threads,
            seconds=sum(encoded.frames) / FRAME_RATE,
            work=work,
            windows=tuple(encoded.features[row, :, :frames] for row, frames in enumerate(encoded.frames)),
            arguments=arguments,
        )
