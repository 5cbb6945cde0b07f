"""Whisper's encoder: windows of sound as features, as short as they are, and what it makes of them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

FRAMES = 3000  # mel frames in 30 s
FRAME_RATE = 100  # mel frames a second
# Mel frames that a window may be encoded as. Those of one length may share a batch. On a CPU, where that counts
# for less than what is encoded, the short ones are closer to what they are.
BUCKET_LENGTHS = {
    "cpu": (*range(1000, 1800, 100), *range(1800, 3000, 400), FRAMES),
    "cuda": (*range(1000, 3000, 400), FRAMES),
}
MIN_PADDING = 200  # mel frames of nothing after the sound: text that runs up to the window's end loops


def bucket_length(frames: int, lengths: Sequence[int]) -> int:
    """Returns the mel frames that a window is encoded as: the first of some lengths, ascending, with room for it.

    They depend on the window alone, not on what shares its batch, since its text may depend on them.
    """
    return next((length for length in lengths if length >= frames + MIN_PADDING), lengths[-1])


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoder outputs of some windows.

    features  log-mel, (windows, n_mels, length), length at most 3000
    output    (windows, length / 2, dim)
    frames    how many mel frames each window really has
    """

    features: np.ndarray
    output: ctranslate2.StorageView
    frames: tuple[int, ...]

    @property
    def is_full_length(self) -> bool:
        """Tells whether the encoder saw the 30 s that it was trained on."""
        return self.features.shape[2] == FRAMES

    def pick(self, rows: Sequence[int]) -> Encoded:
        """Returns some windows of the batch."""
        if list(rows) == list(range(len(self.frames))):
            return self
        chosen, output = list(rows), self.output
        on_cpu = output.to_device(ctranslate2.Device.cpu) if output.device != "cpu" else output
        return Encoded(
            self.features[chosen],
            ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(on_cpu)[chosen])),
            tuple(self.frames[row] for row in chosen),
        )

    def part(self, row: int, start: float, end: float) -> np.ndarray:
        """Returns the features of part of a window, (n_mels, frames); times in seconds."""
        first, last = round(start * FRAME_RATE), min(round(end * FRAME_RATE), self.frames[row])
        return self.features[row, :, first:last]


class Encoder:
    """Encodes windows of at most 30 s.

    Short windows are encoded short: the encoder's cost grows with its input, and beyond some silence after
    the speech the rest of 30 s tells it nothing. `whole` goes back to them.
    """

    def __init__(self, model: ctranslate2.models.Whisper, path: Path) -> None:
        """`path` is the model's folder."""
        self._model = model
        self._extractor = FeatureExtractor(**_feature_settings(path, model.n_mels))
        self._lengths = BUCKET_LENGTHS[model.device]

    def features(self, samples: np.ndarray) -> np.ndarray:
        """Returns log-mel features (n_mels, frames) of a window's own sound, (n,) float32 at 16 kHz."""
        frames = min(math.ceil(len(samples) / self._extractor.hop_length), FRAMES)
        return self._extractor(samples)[:, :frames]

    def padded_length(self, features: np.ndarray) -> int:
        """Returns the mel frames that a window is encoded as; windows of one batch are given the same."""
        return bucket_length(features.shape[1], self._lengths)

    def encode(self, windows: Sequence[np.ndarray]) -> Encoded:
        """Encodes features (n_mels, frames) of windows.

        They are padded with zeros, as in faster-whisper, and not with features of silence, as in
        openai-whisper: on short clips the language is found more often and lists keep their commas.
        """
        frames = tuple(window.shape[1] for window in windows)
        length = bucket_length(max(frames), self._lengths)
        rows = [np.pad(window, ((0, 0), (0, length - window.shape[1]))) for window in windows]
        return self._encode(np.stack(rows).astype(np.float32), frames)

    def encode_full_length(self, encoded: Encoded, rows: Sequence[int]) -> Encoded:
        """Encodes some windows again, as the 30 s that the encoder was trained on."""
        missing = FRAMES - encoded.features.shape[2]
        features = np.pad(encoded.features[list(rows)], ((0, 0), (0, 0), (0, missing)))
        return self._encode(features, tuple(encoded.frames[row] for row in rows))

    def _encode(self, features: np.ndarray, frames: tuple[int, ...]) -> Encoded:
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(features))
        return Encoded(features, self._model.encode(view, to_cpu=False), frames)


def _feature_settings(path: Path, n_mels: int) -> dict[str, int]:
    """Reads the extractor's settings where the model brings them; only the number of mel bands varies."""
    settings = path / "preprocessor_config.json"
    known = {"feature_size", "sampling_rate", "hop_length", "chunk_length", "n_fft"}
    found = json.loads(settings.read_text()) if settings.is_file() else {}
    return {"feature_size": n_mels} | {key: value for key, value in found.items() if key in known}
