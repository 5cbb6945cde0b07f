"""The audio tracks of a file, as ffmpeg lists them, and which of them a request wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langcodes import Language, LanguageTagError

from engine.errors import InvalidOption
from engine.languages import AUTO, LANGUAGES, MIXED
from engine.text.language_names import code_of

_UNNAMED = re.compile(r", (\d+) channels(?:,|$)")  # otherwise "stereo", "5.1" or "3 channels (FL+FR+LFE)"
_STEREO = re.compile(r", (?:stereo|2 channels)\b")
# Surround layouts with a front centre. "quad", "3.0(back)" and the like have none.
_CENTRE = re.compile(r", (?:3\.[01]|[45]\.[01]|[67]\.[01])(?!\((?:back|front)\))(?:\([a-z-]+\))?,|\+FC\b")
_FURTHER_PURPOSES = ("(visual impaired)", "(descriptions)", "(comment)", "(karaoke)")


@dataclass(frozen=True, slots=True)
class TrackChoice:
    """Which audio track a request wants: its number from 1, or the one in a language (a code) if there is one."""

    number: int | None = None
    language: str | None = None


ANY_TRACK = TrackChoice()


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One audio track of a file.

    codec              ffmpeg's name; the four-letter name in the file if ffmpeg does not know the codec
    is_known           ffmpeg knows the codec
    language           Whisper's code; None if the file states no language that Whisper knows
    is_default         the file marks it as the one to play
    is_main            it is no audio description or commentary
    unnamed_channels   number of channels if their positions are not named, else 0
    is_stereo          it has two channels, left and right
    has_centre         it is surround sound with a front centre
    """

    codec: str
    is_known: bool = True
    language: str | None = None
    is_default: bool = False
    is_main: bool = True
    unnamed_channels: int = 0
    is_stereo: bool = False
    has_centre: bool = False

    @classmethod
    def parse(cls, language: str | None, description: str) -> AudioTrack:
        """Reads what ffmpeg's log says after "Audio: "."""
        codec, _, rest = description.partition(",")
        name = re.split(r"\W", codec, maxsplit=1)[0]
        tag = re.search(r"\((\S+) / 0x", codec)
        is_known = name not in ("none", "unknown")
        unnamed = _UNNAMED.search(description)
        return cls(
            codec=name if is_known or not tag else tag[1],
            is_known=is_known,
            language=_whisper_code(language),
            is_default="(default)" in rest,
            is_main=not any(purpose in rest for purpose in _FURTHER_PURPOSES),
            unnamed_channels=int(unnamed[1]) if unnamed else 0,
            is_stereo=bool(_STEREO.search(description)),
            has_centre=bool(_CENTRE.search(description)),
        )


def preferred(tracks: Sequence[AudioTrack], choice: TrackChoice) -> list[int]:
    """Returns the indexes of the tracks to try, the best first. Raises InvalidOption if there is no such track.

    A track that is asked for by its number is the only one. Otherwise those in the language asked for come first,
    then the default one, then the others in the file's order; audio descriptions and unknown codecs come last.
    """
    if choice.number is not None:
        if choice.number > len(tracks):
            raise InvalidOption(
                f"There is no audio track {choice.number} in this file.", f"It has {listed(tracks)}.", "track"
            )
        return [choice.number - 1]

    def rank(index: int) -> tuple[bool, bool, bool, bool]:
        track = tracks[index]
        other_language = choice.language is not None and track.language != choice.language
        return not track.is_known, other_language, not track.is_main, not track.is_default

    return sorted(range(len(tracks)), key=rank)


def choose_track(tracks: Sequence[AudioTrack], choice: TrackChoice, has_sound: Callable[[int], bool]) -> int:
    """Returns the index of the preferred track that has sound, or of the preferred one if none has.

    A track that is asked for by its number may be silent. Raises InvalidOption if there is no such track.

    has_sound  whether the track of an index decodes and is not silent
    """
    order = preferred(tracks, choice)
    return order[0] if len(order) == 1 else next(filter(has_sound, order), order[0])


def listed(tracks: Sequence[AudioTrack]) -> str:
    """Returns the tracks as text: "1 (de, aac, default), 2 (en, aac)"."""
    shown = []
    for number, track in enumerate(tracks, start=1):
        facts = [track.language, track.codec, "default" if track.is_default else None]
        shown.append(f"{number} ({', '.join(fact for fact in facts if fact)})")
    return ", ".join(shown)


def choice_of(track: int, language: str | None) -> TrackChoice:
    """Returns the choice of a request's options.

    track     the number of a track; 0 if the request names none
    language  as in `Options.language`
    """
    return TrackChoice(track or None, None if language in (None, AUTO, MIXED) else language)


def _whisper_code(tag: str | None) -> str | None:
    """Returns Whisper's code for a language tag of a file, such as "ger", "deu" or "de-AT"."""
    if not tag or tag == "und":
        return None
    try:
        code = Language.get(tag).language or ""
    except (LanguageTagError, ValueError):
        return None
    try:
        return code if code in LANGUAGES else code_of(code)
    except InvalidOption:
        return None
