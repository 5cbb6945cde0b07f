"""Parts of a kept recording as files of their own, which the engine transcribes by themselves."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from engine import Engine, Options, Transcript, Update
from engine.media.audio_reader import AudioReader
from engine.media.audio_tracks import choice_of
from engine.media.reading_plan import Channels
from engine.sampling import SAMPLE_RATE


def sound_of(
    engine: Engine, media: Path, meta: Mapping[str, Any], left: Event, *, by_channel: bool
) -> AudioReader:
    """Returns a reader of the track and the channels that were transcribed first."""
    first = Options.of(meta.get("options", {}))
    codes = {notice["code"] for notice in meta["transcript"].get("notices", [])}
    channels: Channels = "stereo" if by_channel else "centre" if "centre" in codes else "mixed"
    return engine.read(media, left, channels=channels, track=choice_of(first.track, first.language))


def transcribe_clip(
    engine: Engine, clip: Path, options: Options, left: Event, note: Callable[[Update], None]
) -> Transcript | None:
    """Returns the transcript of a clip; None if the client has disconnected."""
    transcript = None
    with closing(engine.stream(clip, options, left)) as updates:
        for update in updates:
            if left.is_set():
                return None
            note(update)
            transcript = update.transcript
    return transcript


def cut_clips(blocks: Iterable[np.ndarray], spans: Mapping[Path, tuple[float, float]], channels: int) -> None:
    """Writes parts of a recording as wav files, 16 bits at 16 kHz; each from and to some seconds."""
    with ExitStack() as stack:
        parts: list[tuple[wave.Wave_write, int, int]] = []
        for clip, (begin, end) in spans.items():
            file = stack.enter_context(wave.open(str(clip), "wb"))
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            parts.append((file, round(begin * SAMPLE_RATE), round(end * SAMPLE_RATE)))
        last = max(end for _, _, end in parts)
        for at, block in _numbered(blocks):
            for file, first, end in parts:
                part = block[max(0, first - at) : max(0, end - at)]
                file.writeframes((np.clip(part, -1, 1) * 32767).astype("<i2").tobytes())
            if at + len(block) >= last:
                return


def _numbered(blocks: Iterable[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """Yields blocks with the number of the first sample of each."""
    at = 0
    for block in blocks:
        yield at, block
        at += len(block)
