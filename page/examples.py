"""Recordings to try the page with, spoken by espeak-ng from sentences of ours (tests/examples.py makes them)."""

from __future__ import annotations

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
    """Returns a copy of an example among the uploads: it is served and deleted like any. Raises StorageFull."""
    name = f"{code}.mp3"
    return kept.folder.publish_file(name, (FOLDER / name).read_bytes(), "example")
