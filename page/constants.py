"""What the page's scripts share with Python: bands, languages, notices, limits of subtitles, names, paragraphs.

Each stands in one place of Python. The scripts have no copies: they get these values
as an argument (assets/create_app.js).
"""

from __future__ import annotations

from typing import Any

from engine.export.cue_limits import (
    FILLERS,
    PARAGRAPH_TIMES,
    PRESETS,
    SPEAKER_NAMES,
    UNCLEAR,
    CueLimits,
    limit_specs,
)
from engine.export.writers import FORMATS
from engine.languages import LANGUAGE_TAGS, LANGUAGES
from engine.text import disfluent_words
from engine.text.bookmarks import LONGEST_NOTE
from engine.text.notices import VALUES
from engine.text.paragraphs import LONG, PARAGRAPH_PAUSE
from page.chosen_language import COOKIE
from page.messages import BANDS, MARKED_BANDS
from page.retime import RETIMED_WORDS
from page.texts import LANGUAGE_NAMES, TEXTS
from page.translate import TRANSLATED_SECONDS

SHOWN_LIMITS = ("max_width", "max_lines", "max_seconds")  # of subtitles, in the order of their fields
UNNAMED = ("ba", "bo")  # languages whose names Chromium does not have
SECONDS_STEP = 0.1  # between the seconds that a field takes; counted from its smallest


def constants() -> dict[str, Any]:
    """Returns the values by the names that the scripts know them by, in plain JSON types."""
    return {
        "bands": [band for band, _ in BANDS],
        "band_floors": [least for _, least in BANDS],
        "marked_bands": list(MARKED_BANDS),
        "languages": sorted(LANGUAGES),
        "language_tags": dict(LANGUAGE_TAGS),
        "language_names": _language_names(),
        "page_languages": list(TEXTS),
        "page_language_cookie": COOKIE,
        "notice_values": dict(VALUES),
        "limits": _limits(),
        "presets": _presets(),
        "speaker_names": list(SPEAKER_NAMES),
        "paragraph_times": list(PARAGRAPH_TIMES),
        "fillers": list(FILLERS),
        "unclear": list(UNCLEAR),
        "formats": list(FORMATS),
        "hesitations": {language: sorted(words) for language, words in disfluent_words.FILLERS.items()},
        "paragraphs": {"pause": PARAGRAPH_PAUSE, "long": LONG},
        "retimed_words": RETIMED_WORDS,
        "longest_note": LONGEST_NOTE,
        "translated_seconds": TRANSLATED_SECONDS,
    }


def _language_names() -> dict[str, dict[str, str]]:
    """Returns names of languages that a browser may lack, by the language of the page and by their codes."""
    english = {"en": {code: LANGUAGES[code].name for code in UNNAMED}}
    others = {locale: {code: names[code] for code in UNNAMED} for locale, names in LANGUAGE_NAMES.items()}
    return english | others


def _presets() -> dict[str, dict[str, Any]]:
    """Returns what each preset sets the number fields to."""
    return {
        preset: {name: getattr(CueLimits.of({"preset": preset}), name) for name in SHOWN_LIMITS}
        for preset in PRESETS
    }


def _limits() -> list[dict[str, Any]]:
    """Returns the number fields of the limits as HTML's `input` has them."""
    specs = {spec.name: spec for spec in limit_specs()}
    return [
        {
            "name": name,
            "value": specs[name].default,
            "min": specs[name].minimum,
            "max": specs[name].maximum,
            "step": 1 if isinstance(specs[name].default, int) else SECONDS_STEP,
        }
        for name in SHOWN_LIMITS
    ]
