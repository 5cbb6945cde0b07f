"""Names by which people and other tools call languages."""

from __future__ import annotations

from engine.errors import InvalidOption
from engine.languages import AUTO, LANGUAGES

# Other names of the same languages, as people and other tools use them.
_ALIASES = {
    "mandarin": "zh", "castilian": "es", "valencian": "ca", "flemish": "nl", "moldavian": "ro",
    "moldovan": "ro", "haitian": "ht", "letzeburgesch": "lb", "pushto": "ps", "panjabi": "pa",
    "sinhalese": "si", "burmese": "my", "norwegian bokmål": "no", "nb": "no", "jv": "jw",
    "filipino": "tl", "iw": "he", "farsi": "fa",
}  # fmt: skip

_CODE_BY_NAME = {
    **{language.name.lower(): language.code for language in LANGUAGES.values()},
    **{language.native.lower(): language.code for language in LANGUAGES.values()},
    **_ALIASES,
}


def code_of(name: str) -> str | None:
    """Returns Whisper's code for a code, an English or a native name; None for "auto".

    Case and surrounding space do not matter. Raises InvalidOption for anything else.
    """
    wanted = name.strip().lower()
    if wanted == AUTO:
        return None
    if wanted in LANGUAGES:
        return wanted
    if wanted in _CODE_BY_NAME:
        return _CODE_BY_NAME[wanted]
    raise InvalidOption(
        f"Unknown language {name[:40]!r}.",
        'Give a code such as "en" or a name such as "German", or "auto" to detect it; '
        "GET /languages lists all of them.",
        "language",
    )


def codes_of(names: str) -> tuple[str, ...]:
    """Returns Whisper's codes of languages between commas, each once. Raises InvalidOption for an unknown one."""
    codes: dict[str, None] = {}
    for name in filter(None, (each.strip() for each in names.split(","))):
        code = code_of(name)
        if code is None:
            raise InvalidOption(
                f"languages holds {name[:40]!r}, which is no language.",
                "Leave languages out to allow any.",
                "languages",
            )
        codes[code] = None
    return tuple(codes)
