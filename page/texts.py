"""Loads every sentence of the page by its key, in each of its languages (page/texts/*.json).

gradio's own components get `text(key)`, which the browser replaces with the sentence in its language; our scripts
look up the same keys themselves. The server sends keys and values, never finished sentences. The engine's messages
are in English; the other languages have a short form of each as error_<code> with error_<code>_hint, and as
warning_<code> (engine/text/notices.py has the English warnings).
"""

from __future__ import annotations

import json
from pathlib import Path

import gradio as gr

from engine.text.notices import SENTENCES

FOLDER = Path(__file__).resolve().parent / "texts"

TEXTS: dict[str, dict[str, str]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
ENGLISH = TEXTS["en"]
ENGLISH |= {f"warning_{code}": sentence for code, sentence in SENTENCES.items()}

# The names of Whisper's languages by code, in the order of the names, from Unicode's CLDR; the English names are in
# engine/languages.py.
LANGUAGE_NAMES: dict[str, dict[str, str]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "languages").glob("*.json"))
}

I18N = gr.I18n(**TEXTS)


def locale_of(accepted: str | None) -> str:
    """Returns the page's language for an Accept-Language header, by its first, as gradio's browser side does."""
    first = (accepted or "").split(",")[0].split(";")[0].strip().lower()
    return next((code for code in (first, first.split("-")[0]) if code in TEXTS), "en")


def text(key: str) -> str:
    """Returns the marker that the browser replaces. Raises KeyError for an unknown key."""
    assert ENGLISH[key]
    return I18N(key)  # type: ignore[return-value]  # gradio's components accept it as a str
