"""Turns the binary messages of a live client into samples, within bounds."""

from __future__ import annotations

import asyncio
from typing import Protocol

import numpy as np

from engine.engine import Engine
from engine.errors import WordlightError
from engine.media.live_decoder import LiveDecoder
from engine.media.live_sound import LiveSound
from server.live_request import SoundFormat

FULL_SCALE = 32768.0  # of 16-bit samples
RETRY_SECONDS = 0.05  # between two looks at whether there is room again


class Intake(Protocol):
    """Takes the bytes of one client's sound.

    fault  the error that makes the sound unreadable, if any
    """

    @property
    def fault(self) -> WordlightError | None: ...

    async def add(self, data: bytes) -> None:
        """Adds the next bytes, and waits as long as there is no room for them."""
        ...

    def end(self) -> None:
        """Says that no more bytes come."""
        ...

    def close(self) -> None:
        """Ends the intake at once."""
        ...


def intake_of(format: SoundFormat, engine: Engine, sound: LiveSound) -> Intake:
    """Returns the intake for a format of sound."""
    return (
        PcmIntake(sound)
        if format == "pcm"
        else ContainerIntake(LiveDecoder(format, engine.config, engine.ffmpeg_memory, sound))
    )


class PcmIntake:
    """Takes 16-bit little-endian samples, mono, at 16 kHz."""

    fault: WordlightError | None = None

    def __init__(self, sound: LiveSound) -> None:
        self._sound = sound
        self._rest = b""  # half a sample: a message may end anywhere

    async def add(self, data: bytes) -> None:
        data = self._rest + data
        whole = len(data) // 2 * 2
        self._rest = data[whole:]
        while not self._sound.has_room:
            await asyncio.sleep(RETRY_SECONDS)
        self._sound.put(np.frombuffer(data[:whole], "<i2").astype(np.float32) / FULL_SCALE)

    def end(self) -> None:
        self._sound.end()

    def close(self) -> None:
        self._sound.close()


class ContainerIntake:
    """Takes the bytes of a container, which ffmpeg decodes as they come."""

    def __init__(self, decoder: LiveDecoder) -> None:
        self._decoder = decoder

    @property
    def fault(self) -> WordlightError | None:
        return self._decoder.fault

    async def add(self, data: bytes) -> None:
        while data:
            data = data[self._decoder.feed(data) :]
            if data:
                await asyncio.sleep(RETRY_SECONDS)

    def end(self) -> None:
        self._decoder.end()

    def close(self) -> None:
        self._decoder.close()
