"""Whisper's encoder on CTranslate2: log-mel features in, encoder outputs out.

Method: Radford et al. 2022, arXiv:2212.04356. Windows shorter than 30 s are not padded to 30 s here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import ctranslate2
import numpy as np

FRAMES = 3000  # mel frames in 30 s
FRAME_RATE = 100  # mel frames per second
# Mel frames that a window may be padded to. Only windows of one length share a batch. On a CPU large batches
# gain less than short windows save, so its lengths lie closer together.
BUCKET_LENGTHS = {
    "cpu": (*range(1000, 1800, 100), *range(1800, 3000, 400), FRAMES),
    "cuda": (*range(1000, 3000, 400), FRAMES),
}
MIN_PADDING = 200  # mel frames of padding after the sound; without it, text at the window's end loops


def bucket_length(frames: int, lengths: Sequence[int]) -> int:
    """Returns the mel frames that a window is padded to.

    The result is the first of `lengths` (ascending) that fits the window and MIN_PADDING. The length depends
    only on the window and not on its batch, since the text may depend on the length.
    """
    return next((length for length in lengths if length >= frames + MIN_PADDING), lengths[-1])


class FeatureExtractor(Protocol):
    """Turns (n,) samples into log-mel features (n_mels, frames), a frame for each `hop_length` samples."""

    hop_length: int

    def __call__(self, waveform: np.ndarray, /) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """Holds the encoder outputs of some windows.

    features  log-mel, (windows, n_mels, length), length at most 3000
    output    (windows, length / 2, dim)
    frames    mel frames of each window without padding
    """

    features: np.ndarray
    output: ctranslate2.StorageView
    frames: tuple[int, ...]

    @property
    def is_full_length(self) -> bool:
        """Returns whether the windows are padded to 30 s, as in the encoder's training."""
        return self.features.shape[2] == FRAMES

    def pick(self, rows: Sequence[int]) -> Encoded:
        """Returns some windows of the batch, by their indices."""
        if list(rows) == list(range(len(self.frames))):
            return self
        return self._rows(self._copy(), list(rows))

    def split(self) -> list[Encoded]:
        """Returns each window by itself."""
        if len(self.frames) == 1:
            return [self]
        output = self._copy()
        return [self._rows(output, [row]) for row in range(len(self.frames))]

    def _copy(self) -> np.ndarray:
        """Returns the encoder outputs in the memory of the CPU."""
        output = self.output
        return np.array(output.to_device(ctranslate2.Device.cpu) if output.device != "cpu" else output)

    def _rows(self, output: np.ndarray, rows: list[int]) -> Encoded:
        return Encoded(
            self.features[rows],
            ctranslate2.StorageView.from_array(np.ascontiguousarray(output[rows])),
            tuple(self.frames[row] for row in rows),
        )

    def window(self, row: int) -> np.ndarray:
        """Returns the features of a window without padding, (n_mels, frames)."""
        return self.features[row, :, : self.frames[row]]


class Encoder:
    """Encodes windows of at most 30 s, padded no further than needed.

    The encoder's cost grows with its input, and padding beyond MIN_PADDING adds no information.
    `encode_full_length` pads to 30 s.
    """

    def __init__(self, model: ctranslate2.models.Whisper, extractor: FeatureExtractor) -> None:
        """Takes a loaded model and its feature extractor."""
        self._model = model
        self._extractor = extractor
        self._lengths = BUCKET_LENGTHS[model.device]

    def features(self, samples: np.ndarray) -> np.ndarray:
        """Returns log-mel features (n_mels, frames) of (n,) float32 samples at 16 kHz."""
        frames = min(math.ceil(len(samples) / self._extractor.hop_length), FRAMES)
        return self._extractor(samples)[:, :frames]

    def padded_length(self, features: np.ndarray) -> int:
        """Returns the mel frames that a window is padded to, equal within a batch."""
        return bucket_length(features.shape[1], self._lengths)

    def encode(self, windows: Sequence[np.ndarray]) -> Encoded:
        """Encodes features (n_mels, frames) of windows as one batch.

        The padding is zeros, as in faster-whisper, and not the features of silence, as in openai-whisper: on
        short clips the language is then detected more often, and lists keep their commas.
        """
        return self._encode(*self.padded(windows))

    def padded(self, windows: Sequence[np.ndarray]) -> tuple[np.ndarray, tuple[int, ...]]:
        """Returns the features of windows, padded to one length, and the frames of each without padding."""
        frames = tuple(window.shape[1] for window in windows)
        length = bucket_length(max(frames), self._lengths)
        rows = [np.pad(window, ((0, 0), (0, length - window.shape[1]))) for window in windows]
        return np.stack(rows).astype(np.float32), frames

    def encode_full_length(self, encoded: Encoded, rows: Sequence[int]) -> Encoded:
        """Encodes some windows again, padded to 30 s as in the encoder's training."""
        missing = FRAMES - encoded.features.shape[2]
        features = np.pad(encoded.features[list(rows)], ((0, 0), (0, 0), (0, missing)))
        return self._encode(features, tuple(encoded.frames[row] for row in rows))

    def _encode(self, features: np.ndarray, frames: tuple[int, ...]) -> Encoded:
        """Encodes windows of one length: on a GPU together, on a CPU one after another.

        The activations of one window of 16 s fit a core's cache, those of two do not: two windows together
        cost 1.3 times as much CPU time as one after the other, for the same numbers.
        """
        if self._model.device != "cpu" or len(features) == 1:
            return Encoded(features, self._run(features), frames)
        outputs = [np.array(self._run(features[row : row + 1])) for row in range(len(features))]
        return Encoded(features, ctranslate2.StorageView.from_array(np.concatenate(outputs)), frames)

    def _run(self, features: np.ndarray) -> ctranslate2.StorageView:
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(features))
        return self._model.encode(view, to_cpu=False)
