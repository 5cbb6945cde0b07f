"""Transcribes a stretch of a recording again, in which speech and words disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from engine import Engine, Options, Segment, Update
from engine.errors import InvalidOption
from engine.pipeline.channel_packing import CHANNELS
from jobs.files import full_disk_refused
from page import messages
from page.clips import cut_clips, sound_of, transcribe_clip
from page.kept_recordings import load_with_recording
from page.stretch_speakers import (
    CONTEXT,
    KnownSpeakers,
    label_by_channels,
    label_by_turns,
    match_voices,
)
from page.transcript_store import TranscriptStore

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
    own form, with times of the recording. If words of the transcript have speakers, so have those that are found,
    as far as their channel or their voice is known.

    left  set once the client has disconnected: then no further batch begins, and there are no segments
    note  called with each of the engine's updates

    Raises NotKept if the recording has been deleted, InvalidOption if the stretch or an option is invalid, and
    what `Engine.stream` raises.
    """
    media, message = load_with_recording(store, asked["token"])
    stretch = _Stretch.of(asked)
    speakers = KnownSpeakers.of(message)
    meta = message["meta"]
    options = _options(meta.get("options", {}), asked, speakers.are_channels)
    with store.protect(media), full_disk_refused(), store.folder.temporary("again-") as folder:
        with closing(sound_of(engine, media, meta, left, by_channel=speakers.are_channels)) as blocks:
            clips = _Clips.make(blocks, Path(folder), stretch=stretch, speakers=speakers)
        made = transcribe_clip(engine, clips.stretch, options, left=left, note=note)
        if made is None:
            return {"segments": []}
        moved = [_moved(segment, stretch) for segment in made.segments]
        segments = [segment for segment in moved if segment.words]
        if speakers.are_channels:
            segments = label_by_channels(segments, made.speakers, speakers.channels)
        elif segments and speakers.words:
            segments = _labelled(engine, clips, segments, stretch=stretch, speakers=speakers, left=left)
    return {"segments": messages.transcript_message("", segments, 0, done=True)["segments"]}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of the recording, in seconds; `begin` and `stop` are those of what is transcribed."""

    start: float
    end: float

    @classmethod
    def of(cls, asked: Any) -> _Stretch:
        start, end = float(asked["start"]), float(asked["end"])
        if not 0 <= start < end <= start + MAX_STRETCH:
            raise InvalidOption(
                "This is not a stretch of the recording.", f"It may last {MAX_STRETCH:.0f} seconds at most."
            )
        return cls(start, end)

    @property
    def begin(self) -> float:
        return max(0.0, self.start - MARGIN)

    @property
    def stop(self) -> float:
        return self.end + MARGIN

    @property
    def heard_from(self) -> float:
        """Where the sound begins in which the voices are compared."""
        return max(0.0, self.start - CONTEXT)


@dataclass(frozen=True, slots=True)
class _Clips:
    """Parts of a recording as files.

    stretch  what is transcribed, with two channels if these are the speakers
    voices   what the voices are compared in; None if there is nothing to compare
    """

    stretch: Path
    voices: Path | None

    @classmethod
    def make(
        cls,
        blocks: Iterable[np.ndarray],
        folder: Path,
        *,
        stretch: _Stretch,
        speakers: KnownSpeakers,
    ) -> _Clips:
        """Cuts them out of a recording, which is read once."""
        clips = cls(folder / "stretch.wav", None)
        spans = {clips.stretch: (stretch.begin, stretch.stop)}
        several = len({word.speaker for word in speakers.beside(stretch.start, stretch.end)}) > 1
        if several and not speakers.are_channels:
            clips = replace(clips, voices=folder / "voices.wav")
            spans[folder / "voices.wav"] = (stretch.heard_from, stretch.end + CONTEXT)
        cut_clips(blocks, spans, CHANNELS if speakers.are_channels else 1)
        return clips


def _options(first: Mapping[str, Any], asked: Mapping[str, Any], by_channel: bool) -> Options:
    """Returns the options of the first transcription, with those that were chosen now.

    Without channels, speakers are not asked for: a stretch by itself says nothing about the voices beside it.
    """
    chosen = {name: asked[name] for name in ("language", "vad_sensitivity") if asked.get(name)}
    speakers = "channels" if by_channel else "off"
    kept = dict(first)
    if "language" in chosen:  # it may be none of those that were thought possible, and in another script
        kept = {name: value for name, value in kept.items() if name not in ("languages", "script")}
    # The stretch is a file of its own, with one track.
    return Options.of({**kept, "speakers": speakers, "vad_sensitivity": "high", "track": 0, **chosen})


def _labelled(
    engine: Engine,
    clips: _Clips,
    segments: list[Segment],
    *,
    stretch: _Stretch,
    speakers: KnownSpeakers,
    left: Event,
) -> list[Segment]:
    """Returns the segments with speakers, by their voices if several people speak beside the stretch."""
    if clips.voices is None:
        return segments  # the page gives words the speaker of those beside them
    with closing(engine.read(clips.voices, left)) as blocks:
        found = engine.turns(blocks, speakers.number, left)
    offset = stretch.heard_from
    turns = [replace(turn, start=turn.start + offset, end=turn.end + offset) for turn in found]
    return label_by_turns(segments, turns, match_voices(turns, speakers.beside(stretch.start, stretch.end)))


def _moved(segment: Segment, stretch: _Stretch) -> Segment:
    """Returns the segment with times of the recording, and only its words from inside the stretch."""
    begin, start, end = stretch.begin, stretch.start, stretch.end
    words = [
        replace(word, start=round(word.start + begin, 3), end=round(word.end + begin, 3))
        for word in segment.words
    ]
    inside = tuple(word for word in words if start <= (word.start + word.end) / 2 <= end)
    if not inside:
        return replace(segment, words=())
    return replace(segment, words=inside, start=inside[0].start, end=max(word.end for word in inside))
