"""Every sentence of the page by its key, in each language that it speaks (page/texts/*.json).

gradio's own parts get `text(key)`, which the browser replaces with the sentence in its language; our
scripts look the same keys up themselves. The server sends keys and values, never finished sentences;
what the engine says of a recording or a setting comes in English, and what it comes to stands in the
other languages as error_<code> and warning_<code> (engine/text/notices.py has the English warnings).
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

# What Whisper's languages are called, by their codes and in the order of their names, as Unicode's CLDR has
# them; in English, engine/languages.py has.
LANGUAGE_NAMES: dict[str, dict[str, str]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "languages").glob("*.json"))
}

I18N = gr.I18n(**TEXTS)


def locale_of(accepted: str | None) -> str:
    """Returns the page's language for an Accept-Language header, by its first, as gradio's browser side does."""
    first = (accepted or "").split(",")[0].split(";")[0].strip().lower()
    return next((code for code in (first, first.split("-")[0]) if code in TEXTS), "en")


def text(key: str) -> str:
    """Returns the mark that the browser replaces. Raises KeyError for a key without a sentence."""
    assert ENGLISH[key]
    return I18N(key)  # type: ignore[return-value]  # gradio's parts take it where they take a str
