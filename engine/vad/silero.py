"""Silero's speech detection network, from the weights that faster-whisper ships, run by onnxruntime.

It judges 32 ms at a time by what came before: the state of its memory and the last 4 ms of the frame
before are carried from block to block, so that the blocks' size changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import WeightsDamaged
from engine.sampling import SAMPLE_RATE
from engine.vad.detector import VoiceActivityDetector

FRAME = 512  # samples, 32 ms
CONTEXT = 64  # samples of the frame before that each frame sees too
MEMORY = (1, 1, 128)  # of each of the two states of its LSTM


class SileroVad(VoiceActivityDetector):
    """Finds speech with Silero's network."""

    frame_step = FRAME
    frame_size = FRAME

    def __init__(self, session: Any) -> None:
        """`session` is an onnxruntime.InferenceSession."""
        self._session = session

    @classmethod
    def load(cls, path: Path) -> SileroVad:
        """Raises WeightsDamaged."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Its memory goes from frame to frame, so that more threads would wait for each other.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has one class a cause, and no common one
            raise WeightsDamaged(
                "The VAD model Silero cannot be read.", "Reinstall faster-whisper."
            ) from error
        return cls(session)

    def probabilities(
        self, blocks: Iterable[np.ndarray], first: int = 0
    ) -> Iterator[tuple[np.ndarray, float]]:
        skipped = first  # frames yet to be left out; the network has to see them for the sake of its memory
        judge = _Judge(self._session)
        waiting = np.zeros(0, np.float32)  # samples that fill no frame yet
        read = 0  # samples
        for block in blocks:
            read += len(block)
            waiting = np.concatenate([waiting, block])
            whole = len(waiting) // FRAME * FRAME
            frames = waiting[:whole].reshape(-1, FRAME)
            waiting = waiting[whole:]
            judged = judge(frames)
            yield judged[skipped:], read / SAMPLE_RATE
            skipped = max(0, skipped - len(judged))
        if len(waiting):
            last = np.pad(waiting, (0, FRAME - len(waiting)))[None]
            yield judge(last)[skipped:], read / SAMPLE_RATE


class _Judge:
    """The network on its way through one recording."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._context = np.zeros(CONTEXT, np.float32)
        self._memory = np.zeros(MEMORY, np.float32), np.zeros(MEMORY, np.float32)

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """Returns the probability of speech in each of the next frames, (n, FRAME)."""
        if not len(frames):
            return np.zeros(0, np.float32)
        before = np.vstack([self._context, frames[:-1, -CONTEXT:]])
        h, c = self._memory
        seen = np.concatenate([before, frames], axis=1)
        judged, *memory = self._session.run(None, {"input": seen, "h": h, "c": c})
        self._memory = memory[0], memory[1]
        self._context = frames[-1, -CONTEXT:]
        return judged.reshape(-1)
