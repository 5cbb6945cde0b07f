"""Windows of speech from each channel of a recording, on one time line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import tee
from math import inf

import numpy as np

from engine.regions import KnownUntil
from engine.windows import OpenSpeech, Window

CHANNELS = 2  # that may be transcribed one by one

Pack = Callable[[Iterator[np.ndarray], int], Iterator[Window | KnownUntil | OpenSpeech]]


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
