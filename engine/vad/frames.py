"""Sizes of pyannote's network for voice activity detection, in samples at 16 kHz and in frames."""

from __future__ import annotations

from engine.sampling import SAMPLE_RATE

WINDOW = 5 * SAMPLE_RATE  # samples of one input, as in training
FRAME_STEP = 10 * 3 * 3 * 3  # samples between frames: SincNet's stride times three poolings
FRAME_SIZE = 991  # samples that one frame sees
WINDOW_FRAMES = 293  # frames in a window
