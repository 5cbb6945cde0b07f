"""Packs the speech of a whole recording into windows: of its channels mixed, or of each by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.languages import MIXED
from engine.media.channel_contents import mute_leaks
from engine.options import Options
from engine.pipeline.channel_packing import pack_channels
from engine.pipeline.resumption import EarlierRun
from engine.regions import KnownUntil, SpeechRegion
from engine.vad.detector import THRESHOLDS, VoiceActivityDetector
from engine.vad.packing import pack_windows
from engine.windows import OpenSpeech, Window

LIVE_LONGEST = 8.0  # seconds of speech without a pause after which live words are written nevertheless


def pack_recording(
    blocks: Iterator[np.ndarray],
    detector: VoiceActivityDetector,
    options: Options,
    *,
    levels: tuple[float, float] | None,
    found: Sequence[list[SpeechRegion]],
    earlier: EarlierRun,
    pause: float | None = None,
) -> Iterator[Window | KnownUntil | OpenSpeech]:
    """Yields the windows that an earlier run has not finished, as `pack_windows` does.

    levels  in dB of each channel, if the channels carry different people and are packed one by one
    found   the list of each channel, to which its speech regions are appended
    pause   as in `pack_windows`
    """

    rule = THRESHOLDS[options.vad_sensitivity]

    def pack(sound: Iterator[np.ndarray], channel: int) -> Iterator[Window | KnownUntil | OpenSpeech]:
        return pack_windows(
            sound,
            detector,
            found[channel],
            rule=rule if pause is None else replace(rule, longest=min(rule.longest, LIVE_LONGEST)),
            apart=options.language == MIXED,
            known=earlier.speech(channel),
            finished=earlier.finished(channel),
            pause=pause,
            faint=levels is None,  # on a channel of one person, faint speech is the echo of the other one
        )

    if levels is None:
        return pack(blocks, 0)
    return pack_channels((mute_leaks(block, levels) for block in blocks), pack)
