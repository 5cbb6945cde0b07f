"""Voice activity detection by pyannote's segmentation network, as WhisperX uses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch

from engine.errors import OutOfMemory
from engine.log import LOGGER
from engine.memory import out_of_memory
from engine.sampling import SAMPLE_RATE
from engine.vad.detector import VoiceActivityDetector
from engine.vad.pyannet import FRAME_SIZE, FRAME_STEP, WINDOW, WINDOW_FRAMES, PyanNet
from engine.vad.silence import silent

STEP_FRAMES = 148  # frames between windows: about half a window, so nearly each frame is judged twice
STEP = STEP_FRAMES * FRAME_STEP  # 39,960 samples, 2.4975 s
# Windows in one forward at most. On a CPU more take memory that has to be fetched anew each time; on CUDA all
# of a block of 30 s at once take less than half of what they take in fours.
BATCH = {"cpu": 4, "cuda": 12}


class PyannoteVad(VoiceActivityDetector):
    """Finds speech with pyannote's network at half overlap.

    WhisperX moves its 5-s window by half a second; moving it by half a window costs a fifth and
    decides the same in 99 of 100 frames.
    """

    frame_step = FRAME_STEP
    frame_size = FRAME_SIZE

    def __init__(self, network: PyanNet, device: str) -> None:
        self._network = network
        self._device = device
        # Windows in one forward; halved for good where memory runs out.
        self._batch = BATCH[torch.device(device).type]
        self._of_silence: np.ndarray | None = (
            None  # what is judged of a silent window, once it has been asked for
        )

    def probabilities(
        self, blocks: Iterable[np.ndarray], first: int = 0
    ) -> Iterator[tuple[np.ndarray, float]]:
        # The window before the one that begins with `first`, or before it, judges its frames too.
        skipped_windows = max(0, first // STEP_FRAMES - 1)
        unread = skipped_windows * STEP  # samples that no window sees
        dropped = first - skipped_windows * STEP_FRAMES  # frames
        waiting = np.zeros(0, np.float32)  # samples from the start of the next window on
        overlap = np.zeros((0,), np.float32)  # sums over frames that one more window will judge
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
            inside = max(0, (read - FRAME_SIZE // 2) // FRAME_STEP + 1)  # frames whose middle is in the file
            yield np.concatenate([frames, overlap])[: inside - given][dropped:], read / SAMPLE_RATE

    def _judge(self, windows: np.ndarray) -> np.ndarray:
        """Returns the probability that anyone speaks, (windows, WINDOW_FRAMES).

        The network sees one silent window and no other: hours of digital silence are judged at once.
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
        """Returns what `_judge` does of some windows, or None where memory does not suffice for so many."""
        try:
            batch = torch.from_numpy(windows.copy()).to(self._device)
            return self._network(batch).amax(dim=2).cpu().numpy()
        except Exception as error:
            if not out_of_memory(error):
                raise
            return None


def _overlap_add(windows: np.ndarray, overlap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Averages windows STEP_FRAMES apart; returns finished frames and those the next window completes.

    windows  (n, WINDOW_FRAMES)
    overlap  what the window before left over: the probabilities of this first window's first frames
    """
    finished = []
    for window in windows:
        window = window.copy()
        shared = len(overlap)
        window[:shared] = (window[:shared] + overlap) / 2
        finished.append(window[:STEP_FRAMES])
        overlap = window[STEP_FRAMES:]
    return np.concatenate(finished), overlap
