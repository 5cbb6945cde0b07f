"""Whether the two channels of a recording carry two people, as those of a recorded call do.

A first stretch of at most two minutes decides. Its frames of 20 ms are compared by level and by correlation: in a call
one channel is mostly far louder than the other, now the left and now the right one, and the channels share no sound.
The voice activity detector then confirms that both are speech. Stereo music, room recordings, panned voices and
inverted copies share their sound or are loud on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.regions import SpeechRegion
from engine.sampling import to_samples
from engine.vad.detector import VoiceActivityDetector

STRETCH = 120.0  # seconds that are looked at
FRAME = 0.02  # seconds
LOUDER = 15.0  # dB by which one channel exceeds the other if only one person speaks; echo is mostly weaker
AUDIBLE = -55.0  # dB of full scale; fainter frames are silence
BELOW_SPEECH = 30.0  # dB below a channel's loud frames at which its silence begins
LEAKING = 15.0  # dB below a channel's loud frames: fainter sound is the other person's, if that one is louder
ALONE = 3.0  # seconds that each channel must be heard alone, and in which each must have speech
MOSTLY_ALONE = 0.6  # least part of the audible time in which one channel is far louder
MOST_SHARED = 0.1  # largest part of the audible time in which both carry the same sound
SAME_SOUND = 0.6  # correlation of two frames that hold the same sound, whichever sign it has
ONE_SOUND = 0.9  # part of the audible time from which on two channels are copies of each other
AT_LEAST = 10.0  # seconds of audible sound before anything is decided
SURELY_NOT = 30.0  # seconds after which a recording that hardly ever has one channel alone is no call
HARDLY_ALONE = 0.1  # part of the audible time
KEPT_AROUND = 5  # frames around a person's own speech that are never muted: 0.1 s


@dataclass(frozen=True, slots=True)
class ChannelContents:
    """What a stretch of two channels is like.

    audible   seconds in which either channel is
    alone     seconds in which only the left or only the right one is
    shared    part of the audible time in which both carry the same sound, about as loud
    copied    the same, however faint it is on one side: echo too
    levels    of each channel's loud frames, in dB of full scale
    """

    audible: float
    alone: tuple[float, float]
    shared: float
    copied: float
    levels: tuple[float, float]

    @property
    def looks_like_a_call(self) -> bool:
        return (
            self.audible >= AT_LEAST
            and min(self.alone) >= ALONE
            and sum(self.alone) >= MOSTLY_ALONE * self.audible
            and self.shared <= MOST_SHARED
        )

    @property
    def surely_no_call(self) -> bool:
        return self.audible >= SURELY_NOT and sum(self.alone) <= HARDLY_ALONE * self.audible

    @property
    def are_copies(self) -> bool:
        """Whether both channels carry one sound, or one of them carries none."""
        one_sound = self.copied >= ONE_SOUND and min(self.alone) < ALONE
        return one_sound or min(self.levels) < AUDIBLE


def measure_channels(samples: np.ndarray) -> ChannelContents:
    """Compares two channels, (n, 2) float32 at 16 kHz, frame by frame."""
    frames = _frames(samples)
    levels = _decibels(frames)
    loud = [_loud(levels[:, side]) for side in (0, 1)]
    audible = np.stack([levels[:, side] > max(AUDIBLE, loud[side] - BELOW_SPEECH) for side in (0, 1)], axis=1)
    alone = np.stack(
        [audible[:, side] & (levels[:, side] - levels[:, 1 - side] >= LOUDER) for side in (0, 1)], axis=1
    )
    heard = audible.any(axis=1)
    same = heard & (np.abs(_correlations(frames)) >= SAME_SOUND)
    count = max(1, int(heard.sum()))
    return ChannelContents(
        audible=FRAME * int(heard.sum()),
        alone=(FRAME * int(alone[:, 0].sum()), FRAME * int(alone[:, 1].sum())),
        shared=int((same & ~alone.any(axis=1)).sum()) / count,
        copied=int(same.sum()) / count,
        levels=(loud[0], loud[1]),
    )


def read_contents(
    blocks: Iterable[np.ndarray], detector: VoiceActivityDetector
) -> tuple[ChannelContents, bool]:
    """Reads the first stretch, and returns what it is like and whether the channels carry two people.

    blocks  (n, 2) float32 at 16 kHz; no more of them are read than it takes
    """
    stretch = np.zeros((0, 2), np.float32)
    contents = measure_channels(stretch)
    asked = False  # the detector takes far longer than the comparison, so that it is asked twice at most
    for block in blocks:
        stretch = np.concatenate([stretch, block])
        contents = measure_channels(stretch)
        at_end = len(stretch) >= to_samples(STRETCH)
        if contents.looks_like_a_call and (at_end or not asked):
            if _both_speak(stretch, contents, detector):
                return contents, True
            asked = True
        if contents.surely_no_call or at_end:
            break
    return contents, False


def mute_leaks(block: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Returns a block of two channels in which each is silent while it only carries the other's echo.

    levels  of each channel's loud frames, in dB
    """
    frames = _frames(block)
    if not len(frames):
        return block
    found = _decibels(frames)
    same = np.abs(_correlations(frames)) >= SAME_SOUND
    muted = block.copy()
    for side in (0, 1):
        faint = same | (found[:, side] < levels[side] - LEAKING)
        leak = faint & (found[:, 1 - side] - found[:, side] >= LOUDER)
        own = ~leak & (found[:, side] > max(AUDIBLE, levels[side] - BELOW_SPEECH))
        near_own = np.convolve(own, np.ones(2 * KEPT_AROUND + 1), mode="same") > 0
        gain = np.repeat(near_own | ~leak, to_samples(FRAME)).astype(np.float32)
        muted[: len(gain), side] *= gain
    return muted


def _both_speak(stretch: np.ndarray, contents: ChannelContents, detector: VoiceActivityDetector) -> bool:
    quiet = mute_leaks(stretch, contents.levels)
    for side in (0, 1):
        regions = detector.regions([np.ascontiguousarray(quiet[:, side])])
        speech = sum(region.end - region.start for region in regions if isinstance(region, SpeechRegion))
        if speech < ALONE:
            return False
    return True


def _loud(levels: np.ndarray) -> float:
    """Returns the level that one in twenty of the audible frames exceeds, in dB."""
    audible = levels[levels > AUDIBLE]
    return float(np.percentile(audible, 95)) if len(audible) else -100.0


def _frames(samples: np.ndarray) -> np.ndarray:
    """Returns (frames, samples of a frame, 2); the rest that makes no whole frame is left out."""
    size = to_samples(FRAME)
    whole = len(samples) // size * size
    return samples[:whole].reshape(-1, size, 2)


def _decibels(frames: np.ndarray) -> np.ndarray:
    return np.asarray(10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-10))


def _correlations(frames: np.ndarray) -> np.ndarray:
    """Returns the correlation of both channels in each frame; 0 where one of them is silent."""
    left, right = frames[:, :, 0], frames[:, :, 1]
    power = np.sqrt(np.sum(left * left, axis=1) * np.sum(right * right, axis=1))
    return np.asarray(np.sum(left * right, axis=1) / np.maximum(power, 1e-9))
