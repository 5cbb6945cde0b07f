"""Offers the audio tracks of a recording that has several, under the options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from engine import WordlightError
from engine.languages import LANGUAGES
from engine.media.audio_tracks import AudioTrack
from page.handlers import PageContext
from page.options_form import labelled_choices
from page.texts import LANGUAGE_NAMES, locale_of


def listing_tracks(context: PageContext) -> Callable[[list[str] | None, gr.Request], Any]:
    """Returns the handler of another choice of files: it lists the tracks if there is one file with several."""

    def list_tracks(files: list[str] | None, request: gr.Request) -> Any:
        locale = locale_of(request.headers.get("accept-language"))
        tracks = _tracks(context, Path(files[0])) if files and len(files) == 1 else ()
        choices = labelled_choices("track", [0], locale)
        if len(tracks) > 1:
            choices += [
                (_name(number, track, locale), number) for number, track in enumerate(tracks, start=1)
            ]
        return gr.update(choices=choices, value=0, visible=len(tracks) > 1)

    return list_tracks


def _tracks(context: PageContext, media: Path) -> Sequence[AudioTrack]:
    """Returns the tracks; none if the recording cannot be read, which is reported as it is transcribed."""
    try:
        with context.store.protect(media):
            return context.engine.tracks(media)
    except WordlightError:
        return ()


def _name(number: int, track: AudioTrack, locale: str) -> str:
    """Returns a track as a list shows it: "2 · German · aac"."""
    english = {code: language.name for code, language in LANGUAGES.items()}
    language = LANGUAGE_NAMES.get(locale, english).get(track.language or "")
    return " · ".join(filter(None, [str(number), language, track.codec]))
