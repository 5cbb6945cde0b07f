"""A second try at a stretch of a recording, for where speech and words disagree."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from engine import Config, Engine, Options, Segment, Update
from engine.errors import InvalidOption
from engine.media.audio_reader import AudioReader
from engine.sampling import SAMPLE_RATE
from jobs.files import full_disk_refused
from page import messages
from page.kept import Kept, NotKept

MARGIN = 0.4  # seconds of sound heard on both sides of the stretch; no word is taken from there
LONGEST = 600.0  # seconds of one stretch


def listen_again(
    engine: Engine, kept: Kept, asked: Any, gone: Event, note: Callable[[Update], None] = lambda _: None
) -> dict[str, Any]:
    """{token, start, end, language, vad_sensitivity} -> {segments}: what is heard there at a second try.

    All else is as the recording was first asked for: a translation stays one. Segments are in the page's own
    form, with times of the recording. Once `gone` is set there is nobody left to answer to: no further batch
    is begun, and there are no segments. `note` is told of the engine's updates. Raises NotKept where the
    recording is gone, InvalidOption where the stretch is none or an option is unknown, and what
    `Engine.stream` raises.
    """
    known = kept.get(asked["token"])
    media = Path(known["media"]) if known else None
    if known is None or media is None or not media.is_file():
        raise NotKept("The recording is no longer kept.", "Upload it once more.")
    start, end = float(asked["start"]), float(asked["end"])
    if not 0 <= start < end <= start + LONGEST:
        raise InvalidOption(
            "This is no stretch of the recording.", f"It may last {LONGEST:.0f} seconds at most."
        )
    options = _options(known["message"]["meta"].get("options", {}), asked)
    begin = max(0.0, start - MARGIN)
    with kept.using(media), full_disk_refused(), kept.folder.temporary("again-") as folder:
        clip = Path(folder) / "stretch.wav"
        _cut(media, clip, begin, end + MARGIN, engine.config)
        heard = list(_heard(engine, clip, options, gone, note))
    moved = [_moved(segment, begin, start, end) for segment in heard]
    segments = [segment for segment in moved if segment.words]
    return {"segments": messages.transcript_message("", segments, 0, done=True)["segments"]}


def _options(first: Mapping[str, Any], asked: Mapping[str, Any]) -> Options:
    """Returns the options that the recording was transcribed with, but for what is chosen anew."""
    anew = {name: asked[name] for name in ("language", "vad_sensitivity") if asked.get(name)}
    return Options.of({**first, "vad_sensitivity": "high", **anew})


def _heard(
    engine: Engine, clip: Path, options: Options, gone: Event, note: Callable[[Update], None]
) -> Iterator[Segment]:
    with closing(engine.stream(clip, options, gone)) as updates:
        for update in updates:
            if gone.is_set():
                return
            note(update)
            yield from update.segments


def _cut(media: Path, clip: Path, begin: float, end: float, config: Config) -> None:
    """Writes part of a recording as a wav file, 16 bits at 16 kHz."""
    with wave.open(str(clip), "wb") as file, closing(AudioReader(media, config)) as blocks:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for block in _between(blocks, round(begin * SAMPLE_RATE), round(end * SAMPLE_RATE)):
            file.writeframes((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())


def _between(blocks: Any, first: int, last: int) -> Iterator[np.ndarray]:
    """Yields samples `first` to `last` of the blocks, and reads no further."""
    at = 0
    for block in blocks:
        if at + len(block) > first:
            yield block[max(0, first - at) : last - at]
        at += len(block)
        if at >= last:
            return


def _moved(segment: Segment, begin: float, start: float, end: float) -> Segment:
    """Returns the segment with times of the recording, and only its words from inside the stretch."""
    words = [
        replace(word, start=round(word.start + begin, 3), end=round(word.end + begin, 3))
        for word in segment.words
    ]
    inside = tuple(word for word in words if start <= (word.start + word.end) / 2 <= end)
    if not inside:
        return replace(segment, words=())
    return replace(segment, words=inside, start=inside[0].start, end=max(word.end for word in inside))
