"""Silero's speech detection on onnxruntime, with the weights in faster-whisper.

Method: Silero VAD (https://github.com/snakers4/silero-vad). The network judges 32 ms at a time. Its LSTM
state and the last 4 ms of the frame before are carried from block to block, so the size of blocks changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from engine.sampling import SAMPLE_RATE
from engine.vad.detector import VoiceActivityDetector
from engine.vad.silence import silent
from engine.weights.shipped_networks import open_network

FRAME_SAMPLES = 512  # samples, 32 ms
CONTEXT = 64  # samples of the frame before that are part of each input
SETTLE_FRAMES = 31  # 1 s of digital silence goes to the network; pauses between two words are shorter
MEMORY = (1, 1, 128)  # shape of each of the LSTM's two states


class SileroVad(VoiceActivityDetector):
    """Finds speech with Silero's network."""

    frame_step = FRAME_SAMPLES
    frame_size = FRAME_SAMPLES

    def __init__(self, session: Any) -> None:
        """Takes an onnxruntime.InferenceSession."""
        self._session = session

    @classmethod
    def load(cls, path: Path) -> SileroVad:
        """Loads the network; another file is refused. Raises ModelMissing and WeightsDamaged."""
        return cls(open_network(path, "VAD", package="faster-whisper==1.2.1"))

    def probabilities(
        self, blocks: Iterable[np.ndarray], first: int = 0
    ) -> Iterator[tuple[np.ndarray, float]]:
        """Yields per block the speech probabilities of new frames from `first` on, (n,), and seconds read."""
        skipped = first  # frames still to leave out; the network reads them, since it has a memory
        judge = _Judge(self._session)
        waiting = np.zeros(0, np.float32)  # samples of an incomplete frame
        read = 0  # samples
        for block in blocks:
            read += len(block)
            waiting = np.concatenate([waiting, block])
            whole = len(waiting) // FRAME_SAMPLES * FRAME_SAMPLES
            frames = waiting[:whole].reshape(-1, FRAME_SAMPLES)
            waiting = waiting[whole:]
            judged = judge(frames)
            yield judged[skipped:], read / SAMPLE_RATE
            skipped = max(0, skipped - len(judged))
        if len(waiting):
            last = np.pad(waiting, (0, FRAME_SAMPLES - len(waiting)))[None]
            yield judge(last)[skipped:], read / SAMPLE_RATE


class _Judge:
    """Runs the network over one recording and keeps its state.

    After SETTLE_FRAMES of digital silence, the rest of the silence gets the probability of the last of these frames,
    and the network's state stays as it is. That is faster and better: the state drifts in silence, and after five
    minutes of it the network cuts half a minute of talk into 28 regions instead of 16.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._context = np.zeros(CONTEXT, np.float32)
        self._memory = np.zeros(MEMORY, np.float32), np.zeros(MEMORY, np.float32)
        self._quiet = 0  # frames of digital silence up to here, without a break
        self._last = 0.0  # probability of the last frame that the network judged

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """Returns the speech probability of each of the next frames, (n, FRAME_SAMPLES)."""
        judged = np.empty(len(frames), np.float32)
        first = 0
        for is_judged, frame_count in self._runs(frames):
            end = first + frame_count
            judged[first:end] = self._infer(frames[first:end]) if is_judged else self._last
            first = end
        return judged

    def _runs(self, frames: np.ndarray) -> Iterator[tuple[bool, int]]:
        """Yields runs of the next frames: whether the network judges a run, and its number of frames."""
        settled = np.zeros(len(frames), bool)
        for number, quiet in enumerate(silent(frames).tolist()):
            settled[number] = quiet and self._quiet >= SETTLE_FRAMES
            self._quiet = self._quiet + 1 if quiet else 0
        for skipped, run in groupby(settled.tolist()):
            yield not skipped, len(list(run))

    def _infer(self, frames: np.ndarray) -> np.ndarray:
        before = np.vstack([self._context, frames[:-1, -CONTEXT:]])
        h, c = self._memory
        seen = np.concatenate([before, frames], axis=1)
        judged, *memory = self._session.run(None, {"input": seen, "h": h, "c": c})
        self._memory = memory[0], memory[1]
        self._context = frames[-1, -CONTEXT:]
        self._last = float(judged.reshape(-1)[-1])
        return judged.reshape(-1)
