"""Transcribes a stretch of a recording again, in which speech and words disagree."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from engine import Engine, Options, Segment, Update
from engine.errors import InvalidOption
from engine.sampling import SAMPLE_RATE
from jobs.files import full_disk_refused
from page import messages
from page.transcript_store import NotKept, TranscriptStore

MARGIN = 0.4  # seconds of audio transcribed on both sides of the stretch; their words are dropped
MAX_STRETCH = 600.0  # seconds


def retranscribe(
    engine: Engine,
    store: TranscriptStore,
    asked: Any,
    left: Event,
    note: Callable[[Update], None] = lambda _: None,
) -> dict[str, Any]:
    """Transcribes a stretch again: {token, start, end, language, vad_sensitivity} -> {segments}.

    All other options are those of the first transcription: a translation stays one. Segments are in the page's
    own form, with times of the recording.

    left  set once the client has disconnected: then no further batch begins, and there are no segments
    note  called with each of the engine's updates

    Raises NotKept if the recording has been deleted, InvalidOption if the stretch or an option is invalid, and
    what `Engine.stream` raises.
    """
    known = store.load(asked["token"])
    media = Path(known["media"]) if known else None
    if known is None or media is None or not media.is_file():
        raise NotKept("The recording is no longer kept.", "Upload it once more.")
    start, end = float(asked["start"]), float(asked["end"])
    if not 0 <= start < end <= start + MAX_STRETCH:
        raise InvalidOption(
            "This is not a stretch of the recording.", f"It may last {MAX_STRETCH:.0f} seconds at most."
        )
    options = _options(known["message"]["meta"].get("options", {}), asked)
    begin = max(0.0, start - MARGIN)
    with store.protect(media), full_disk_refused(), store.folder.temporary("again-") as folder:
        clip = Path(folder) / "stretch.wav"
        with closing(engine.read(media, left)) as blocks:
            _cut(blocks, clip, begin, end=end + MARGIN)
        found = list(_segments(engine, clip, options, left=left, note=note))
    moved = [_moved(segment, begin, start, end=end) for segment in found]
    segments = [segment for segment in moved if segment.words]
    return {"segments": messages.transcript_message("", segments, 0, done=True)["segments"]}


def _options(first: Mapping[str, Any], asked: Mapping[str, Any]) -> Options:
    """Returns the options of the first transcription, with those that were chosen now.

    Speakers are not asked for: the voices of a stretch say nothing about those of the recording.
    """
    chosen = {name: asked[name] for name in ("language", "vad_sensitivity") if asked.get(name)}
    kept = dict(first)
    if (
        "language" in chosen
    ):  # it may be none of the languages that were thought possible, and in another script
        kept = {name: value for name, value in kept.items() if name not in ("languages", "script")}
    return Options.of({**kept, "speakers": "off", "vad_sensitivity": "high", **chosen})


def _segments(
    engine: Engine, clip: Path, options: Options, left: Event, note: Callable[[Update], None]
) -> Iterator[Segment]:
    with closing(engine.stream(clip, options, left)) as updates:
        for update in updates:
            if left.is_set():
                return
            note(update)
            yield from update.segments


def _cut(blocks: Iterable[np.ndarray], clip: Path, begin: float, end: float) -> None:
    """Writes part of a recording as a wav file, 16 bits at 16 kHz."""
    with wave.open(str(clip), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for block in _between(blocks, round(begin * SAMPLE_RATE), round(end * SAMPLE_RATE)):
            file.writeframes((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())


def _between(blocks: Iterable[np.ndarray], first: int, last: int) -> Iterator[np.ndarray]:
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
