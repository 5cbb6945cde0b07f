"""Recordings to try the page with, spoken by espeak-ng from sentences of ours (tests/examples.py makes them)."""

from __future__ import annotations

import shutil
from pathlib import Path

from page.components import ASSETS
from page.kept import Kept

FOLDER = ASSETS / "examples"

EXAMPLES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "it": "Italiano",
    "ar": "العربية",
}


def example(code: str, kept: Kept) -> Path:
    """Returns a copy of an example below gradio's cache: it is served and deleted like any upload."""
    folder = kept.root / f"example-{Kept.token()}"
    folder.mkdir(parents=True)
    return Path(shutil.copy(FOLDER / f"{code}.mp3", folder))
