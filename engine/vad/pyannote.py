"""Voice activity detection with pyannote's segmentation network, as in WhisperX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from engine.errors import OutOfMemory
from engine.log import LOGGER
from engine.memory import out_of_memory
from engine.sampling import SAMPLE_RATE
from engine.vad.detector import VoiceActivityDetector
from engine.vad.frames import FRAME_SIZE, FRAME_STEP, WINDOW, WINDOW_FRAMES
from engine.vad.silence import silent

STEP_FRAMES = 148  # frames between windows: half a window, so that nearly each frame is judged twice
STEP = STEP_FRAMES * FRAME_STEP  # 39,960 samples, 2.4975 s
# Most windows in one forward pass. On a CPU, more windows need memory that the system must clear for each
# pass. On CUDA, all windows of a 30-s block at once take less than half the time of batches of four.
BATCH = {"cpu": 4, "cuda": 12}


class SpeechNetwork(Protocol):
    """Maps windows (n, WINDOW) to the probability that anyone speaks, (n, WINDOW_FRAMES)."""

    def __call__(self, windows: np.ndarray) -> np.ndarray:
        """Returns probabilities; fails if memory does not suffice for so many windows."""
        ...


class PyannoteVad(VoiceActivityDetector):
    """Finds speech with pyannote's network on windows that overlap by half.

    WhisperX moves its 5-s window by half a second. Moving it by half a window costs a fifth and decides the
    same in 99 of 100 frames.
    """

    frame_step = FRAME_STEP
    frame_size = FRAME_SIZE
    reach = WINDOW / SAMPLE_RATE  # the network scales each window to one level

    def __init__(self, network: SpeechNetwork, batch: int = BATCH["cpu"]) -> None:
        self._network = network
        self._batch = batch  # windows in one forward pass; halved for good if memory runs out
        self._of_silence: np.ndarray | None = None  # probabilities of a silent window, once computed

    @classmethod
    def load(cls, device: str) -> PyannoteVad:
        """Loads the network for "cpu" or "cuda". Raises ModelMissing and WeightsDamaged."""
        if device == "cpu":
            from engine.vad.onnx_network import OnnxNetwork

            return cls(OnnxNetwork.load())
        from engine.vad.torch_network import TorchNetwork

        return cls(TorchNetwork.load(device), BATCH["cuda"])

    def probabilities(
        self, blocks: Iterable[np.ndarray], first: int = 0
    ) -> Iterator[tuple[np.ndarray, float]]:
        """Yields per block the speech probabilities of new frames from `first` on, (n,), and seconds read."""
        # The window that begins with `first`, or before it, shares frames with the window before.
        skipped_windows = max(0, first // STEP_FRAMES - 1)
        unread = skipped_windows * STEP  # samples that no window reads
        dropped = first - skipped_windows * STEP_FRAMES  # frames
        waiting = np.zeros(0, np.float32)  # samples from the start of the next window
        overlap = np.zeros((0,), np.float32)  # probabilities of frames that the next window judges again
        read, given = 0, skipped_windows * STEP_FRAMES  # samples, frames
        for block in blocks:
            read += len(block)
            waiting = np.concatenate([waiting, block[unread:]])
            unread = max(0, unread - len(block))
            count = (len(waiting) - WINDOW) // STEP + 1 if len(waiting) >= WINDOW else 0
            if count:
                windows = np.lib.stride_tricks.sliding_window_view(waiting, WINDOW)[: count * STEP : STEP]
                frames, overlap = _overlap_add(self._judge(windows), overlap)
                waiting = waiting[count * STEP :]
            else:
                frames = np.zeros(0, np.float32)
            given += len(frames)
            yield frames[dropped:], read / SAMPLE_RATE
            dropped = max(0, dropped - len(frames))
        if read:
            padded = np.pad(waiting[:WINDOW], (0, max(0, WINDOW - len(waiting))))
            frames, overlap = _overlap_add(self._judge(padded[None]), overlap)
            # Frames whose middle lies in the file.
            inside = max(0, (read - FRAME_SIZE // 2) // FRAME_STEP + 1)
            yield np.concatenate([frames, overlap])[: inside - given][dropped:], read / SAMPLE_RATE

    def _judge(self, windows: np.ndarray) -> np.ndarray:
        """Returns the probability that anyone speaks, (windows, WINDOW_FRAMES).

        All silent windows share one pass, so that hours of digital silence take no time.
        """
        quiet = silent(windows)
        if not quiet.any():
            return self._judge_sound(windows)
        if self._of_silence is None:
            self._of_silence = self._judge_sound(np.zeros((1, WINDOW), np.float32))[0]
        judged = np.empty((len(windows), WINDOW_FRAMES), np.float32)
        judged[quiet] = self._of_silence
        if not quiet.all():
            judged[~quiet] = self._judge_sound(windows[~quiet])
        return judged

    def _judge_sound(self, windows: np.ndarray) -> np.ndarray:
        judged: list[np.ndarray] = []
        first = 0
        while first < len(windows):
            batch = windows[first : first + self._batch]
            frames = self._forward(batch)
            if frames is not None:
                judged.append(frames)
                first += len(batch)
            elif len(batch) > 1:
                self._batch = min(self._batch, len(batch) // 2)
                LOGGER.warning("out of memory: speech detection by %d windows from now on", self._batch)
            else:
                raise OutOfMemory()
        return np.concatenate(judged)

    def _forward(self, windows: np.ndarray) -> np.ndarray | None:
        """Returns the probabilities of a batch; None if memory does not suffice."""
        try:
            return self._network(windows)
        except Exception as error:
            if not out_of_memory(error):
                raise
            return None


def _overlap_add(windows: np.ndarray, overlap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Averages windows STEP_FRAMES apart; returns finished and unfinished frames.

    windows  (n, WINDOW_FRAMES)
    overlap  unfinished frames of the window before: probabilities of the first frames of `windows`
    """
    finished = []
    for window in windows:
        window = window.copy()
        shared = len(overlap)
        window[:shared] = (window[:shared] + overlap) / 2
        finished.append(window[:STEP_FRAMES])
        overlap = window[STEP_FRAMES:]
    return np.concatenate(finished), overlap
