"""The scripts that a request may ask for."""

from __future__ import annotations

# For each script that a request may ask for: its code in ISO 15924, and the languages that are written in it.
SCRIPTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "simplified": ("Hans", ("zh", "yue")),
    "traditional": ("Hant", ("zh", "yue")),
    "latin": ("Latn", ("sr",)),
    "cyrillic": ("Cyrl", ("sr",)),
}


def script_named(iso: str, language: str) -> str | None:
    """Returns the script of a request that a code of ISO 15924 means for a language; None if it means none."""
    return next(
        (name for name, (code, languages) in SCRIPTS.items() if code == iso and language in languages), None
    )
