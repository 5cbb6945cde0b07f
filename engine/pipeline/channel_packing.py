"""Windows of speech from each channel of a recording, on one time line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import tee
from math import inf
from pathlib import Path

import numpy as np

from engine.config import Config
from engine.diarization.speaker_choice import SpeakerMode
from engine.errors import WordlightError
from engine.media.audio_reader import AudioReader
from engine.media.channel_contents import read_contents
from engine.regions import KnownUntil
from engine.vad.detector import VoiceActivityDetector
from engine.windows import Window

CHANNELS = 2  # that may be transcribed one by one
LOOK_SECONDS = 10.0  # of sound between looks at whether the channels carry different people

Pack = Callable[[Iterator[np.ndarray], int], Iterator[Window | KnownUntil]]


def channel_levels(
    media: Path, config: Config, detector: VoiceActivityDetector, mode: SpeakerMode
) -> tuple[float, float] | None:
    """Returns the level of each channel of a stereo recording, in dB, if they are to be transcribed one by one.

    mode  "auto" wants two people who can be told apart by channels, "channels" only two different sounds
    """
    try:
        with closing(AudioReader(media, config, LOOK_SECONDS, CHANNELS)) as reader:
            contents, is_call = read_contents(reader, detector)
    except WordlightError:  # met again, and reported, as the recording is read
        return None
    if is_call or (mode == "channels" and not contents.are_copies):
        return contents.levels
    return None


def pack_channels(blocks: Iterable[np.ndarray], pack: Pack) -> Iterator[Window | KnownUntil]:
    """Yields the windows of all channels as they fill, and the time up to which none is to come.

    blocks  (n, channels) float32 at 16 kHz
    pack    packs the sound of one channel, given with its number
    """
    copies = tee(blocks, CHANNELS)
    streams = {channel: pack(_column(copy, channel), channel) for channel, copy in enumerate(copies)}
    known = dict.fromkeys(streams, 0.0)
    read = dict.fromkeys(streams, 0)  # blocks that each channel has seen
    while streams:
        channel = min(streams, key=lambda each: read[each])  # so that `tee` holds one block at most
        match next(streams[channel], None):
            case Window() as window:
                yield replace(window, channel=channel)
            case None:
                del streams[channel]
                known[channel] = inf
            case KnownUntil(seconds):
                known[channel] = seconds
                read[channel] += 1
                yield KnownUntil(min(known.values()))


def _column(blocks: Iterator[np.ndarray], channel: int) -> Iterator[np.ndarray]:
    for block in blocks:
        yield np.ascontiguousarray(block[:, channel])
