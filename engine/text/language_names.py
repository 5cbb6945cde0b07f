"""Names and tags by which people and other tools call languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import InvalidOption
from engine.languages import AUTO, LANGUAGES

if TYPE_CHECKING:
    from langcodes import Language

# Whisper's codes of languages that BCP 47 has another code for.
_CODES = {"jv": "jw", "fil": "tl", "nb": "no"}
# Tags of Windows that BCP 47 has not, but Chinese programs send.
_OLD_TAGS = {"zh-cht": "zh-Hant", "zh-chs": "zh-Hans"}
# Scripts that a language is written in, for those that `engine.text.scripts` can write in both.
_BY_TERRITORY = {"TW": "Hant", "HK": "Hant", "MO": "Hant", "CN": "Hans", "SG": "Hans", "MY": "Hans"}
_CHINESE = ("zh", "yue")
# What a tag begins with: a code of two or three letters and, if more follows, a separator.
_TAG = re.compile(r"[a-z]{2,3}(?![a-z0-9])|i-[a-z]+", re.IGNORECASE)
# Other names of the same languages, as people and other tools use them.
_ALIASES = {
    "mandarin": "zh", "castilian": "es", "valencian": "ca", "flemish": "nl", "moldavian": "ro",
    "moldovan": "ro", "haitian": "ht", "letzeburgesch": "lb", "pushto": "ps", "panjabi": "pa",
    "sinhalese": "si", "burmese": "my", "norwegian bokmål": "no", "nb": "no", "jv": "jw",
    "filipino": "tl", "fil": "tl", "iw": "he", "farsi": "fa",
}  # fmt: skip

_CODE_BY_NAME = {
    **{language.name.lower(): language.code for language in LANGUAGES.values()},
    **{language.native.lower(): language.code for language in LANGUAGES.values()},
    **_ALIASES,
}


# What people and programs write for a language that is not known.
_DETECT = frozenset({AUTO, "", "null", "none", "undefined", "nil", "und", "unknown", "detect"})
# Names that also tell the script, as people and Whisper's prompts have them.
_NAMED_SCRIPTS = {
    "simplified chinese": "Hans", "chinese (simplified)": "Hans", "chinese simplified": "Hans", "简体中文": "Hans",
    "traditional chinese": "Hant", "chinese (traditional)": "Hant", "chinese traditional": "Hant",
    "繁體中文": "Hant", "繁体中文": "Hant",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LanguageTag:
    """A language as Whisper's code, and the script as ISO 15924 has it; "" if the tag leaves it open."""

    code: str
    script: str = ""


def read_language(name: str) -> LanguageTag | None:
    """Returns what a code, an English or a native name, or a BCP 47 tag means; None to detect the language.

    Case and surrounding space do not matter. Raises InvalidOption for anything else.
    """
    wanted = name.strip().lower()
    if wanted in _DETECT:
        return None
    if wanted in LANGUAGES:
        return LanguageTag(wanted)
    if wanted in _CODE_BY_NAME:
        return LanguageTag(_CODE_BY_NAME[wanted])
    if wanted in _NAMED_SCRIPTS:
        return LanguageTag("zh", _NAMED_SCRIPTS[wanted])
    if tag := parse_tag(wanted):
        return tag
    raise InvalidOption(
        f"Unknown language {name[:40]!r}.",
        'Give a code such as "en", a tag such as "pt-BR" or a name such as "German", or "auto" to detect it; '
        "GET /languages lists all of them.",
        "language",
    )


def code_of(name: str) -> str | None:
    """Returns Whisper's code for a language as `read_language` takes it; None to detect it. Raises InvalidOption."""
    tag = read_language(name)
    return tag.code if tag else None


def codes_of(names: str) -> tuple[str, ...]:
    """Returns Whisper's codes of languages between commas, each once. Raises InvalidOption for an unknown one."""
    codes: dict[str, None] = {}
    for name in filter(None, (each.strip() for each in names.split(","))):
        try:
            code = code_of(name)
        except InvalidOption as error:
            raise InvalidOption(f"languages: {error.message}", error.hint, "languages") from None
        if code is None:
            raise InvalidOption(
                f"languages: {name[:40]!r} is no language.", "Leave languages out to allow any.", "languages"
            )
        codes[code] = None
    return tuple(codes)


def parse_tag(text: str) -> LanguageTag | None:
    """Returns what a BCP 47 tag, an ISO 639 code or a POSIX locale names; None if Whisper does not know it.

    Regions, variants and extensions are left out, but for Chinese, whose region tells the script.
    """
    tag, modifier = _without_locale(text.strip())
    if not _TAG.match(tag):
        return None
    from langcodes import Language  # takes a quarter of a second, so only if a tag is there
    from langcodes.tag_parser import LanguageTagError

    try:
        found = Language.get(_OLD_TAGS.get(tag.lower().replace("_", "-"), tag))
    except (LanguageTagError, ValueError):
        return None
    code = _whisper_code(found)
    if code is None:
        return None
    script = found.script or modifier
    if not script and code in _CHINESE:
        script = _BY_TERRITORY.get(found.territory or "", "")
    return LanguageTag(code, script)


def _without_locale(text: str) -> tuple[str, str]:
    """Returns a locale without its character set, and the script of its modifier: sr_RS.UTF-8@latin."""
    bare, _, modifier = text.partition("@")
    scripts = {"latin": "Latn", "cyrillic": "Cyrl"}
    return bare.partition(".")[0], scripts.get(modifier.lower(), "")


def _whisper_code(found: Language) -> str | None:
    """Returns Whisper's code of a language, or of the language that it is a part of, such as zh for cmn."""
    for each in (found, found.prefer_macrolanguage()):
        language = each.language or ""
        code = _CODES.get(language, language)
        if code in LANGUAGES:
            return code
    return None
