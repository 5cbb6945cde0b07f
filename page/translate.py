"""Translates a stretch of a kept recording into English, beside the words of its transcript, which stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

from engine import Engine, Options, Segment, Update
from engine.errors import InvalidOption
from engine.text.translation import TranslatedSentence
from engine.weights.model_names import can_translate
from jobs.files import full_disk_refused
from page.clips import cut_clips, sound_of, transcribe_clip
from page.kept_recordings import load_with_recording
from page.transcript_files import copy_of
from page.transcript_store import TranscriptStore

TRANSLATED_SECONDS = 60.0  # that the page asks for at once, at borders of paragraphs as far as there are any
MAX_STRETCH = 2 * TRANSLATED_SECONDS

# Options of the first transcription that are about the words of the language that is spoken.
_OF_THE_WORDS = frozenset({"initial_prompt", "languages", "script", "suppress_numerals", "verbatim"})


def translate(
    engine: Engine,
    store: TranscriptStore,
    asked: Any,
    left: Event,
    note: Callable[[Update], None] = lambda _: None,
) -> dict[str, Any]:
    """Translates a stretch into English: {token, start, end} -> {segments: [{start, end, text}]}.

    start, end  seconds of the recording
    segments    sentences in order, with times of the recording, all within the stretch
    left        set once the client has disconnected: then no further batch begins, and there are no segments
    note        called with each of the engine's updates

    The other options are those of the first transcription. The language is the one that most of the stretch's words
    are in, as they were last saved. If the first model is not able to translate, one of the installation's that is
    takes its place.

    Raises NotKept if the recording has been deleted, InvalidOption if the stretch is invalid or no model here
    translates, and what `Engine.stream` raises.
    """
    token = str(asked["token"])
    media, message = load_with_recording(store, token)
    stretch = _Stretch.of(asked)
    options = _options(message, stretch)
    engine.model_of(options)  # refused before the recording is read
    copy = copy_of(media, token)
    with store.protect(media, copy), full_disk_refused(), store.folder.temporary("english-") as folder:
        clip = Path(folder, "stretch.wav")
        if copy.is_file():  # in which every second is found at once
            begin = stretch.start
            source = engine.read(copy, left, start=begin)
        else:
            begin = 0.0
            source = sound_of(engine, media, message["meta"], left, by_channel=False)
        with closing(source) as blocks:
            cut_clips(blocks, {clip: (stretch.start - begin, stretch.end - begin)}, channels=1)
        made = transcribe_clip(engine, clip, options, left=left, note=note)
    if made is None:
        return {"segments": []}
    return {"segments": list(_sentences(made.segments, stretch))}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of the recording, in seconds."""

    start: float
    end: float

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> _Stretch:
        start, end = float(asked["start"]), float(asked["end"])
        if not 0 <= start < end <= start + MAX_STRETCH:
            raise InvalidOption(
                "This is not a stretch of the recording.", f"It may last {MAX_STRETCH:.0f} seconds at most."
            )
        return cls(start, end)


def _options(message: Mapping[str, Any], stretch: _Stretch) -> Options:
    first = message["meta"].get("options", {})
    kept = {name: value for name, value in first.items() if name not in _OF_THE_WORDS}
    made = Options.of(
        {
            **kept,
            "task": "translate",
            "language": _language_of(message, stretch),
            "speakers": "off",
            "track": 0,  # the stretch is a file of its own, with one track
        }
    )
    able = made.model is None or can_translate(made.model)
    return made if able else replace(made, model=None)


def _language_of(message: Mapping[str, Any], stretch: _Stretch) -> str | None:
    """Returns the language of most words of a stretch, else that of the transcript; None if that has none."""
    counts: dict[str, int] = {}
    for segment in message["segments"]:
        inside = [word for word in segment["words"] if stretch.start <= word["start"] < stretch.end]
        language = segment["language"]
        if inside and language:
            counts[language] = counts.get(language, 0) + len(inside)
    whole: str | None = message["meta"]["transcript"].get("language")
    return max(counts, key=lambda language: counts[language]) if counts else whole


def _sentences(segments: tuple[Segment, ...], stretch: _Stretch) -> Iterator[dict[str, Any]]:
    for segment in segments:
        start = min(stretch.start + segment.start, stretch.end)
        end = min(max(stretch.start + segment.end, start), stretch.end)
        if text := segment.text.strip():
            yield TranslatedSentence(start, end, text).to_dict()
