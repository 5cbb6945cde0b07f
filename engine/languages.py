"""Whisper's 100 languages: code, English name and native name, in Whisper's order.

The codes are Whisper's own (`jw` for Javanese).
"""

from __future__ import annotations

from dataclasses import dataclass

AUTO = "auto"
MIXED = "mixed"  # a recording whose language may change
SEVERAL = "mul"  # the same as a tag of ISO 639


@dataclass(frozen=True, slots=True)
class Language:
    """Holds a language's code (Whisper's), English name and native name."""

    code: str
    name: str
    native: str


_TABLE = """
en English English|zh Chinese 中文|de German Deutsch|es Spanish Español|ru Russian Русский
ko Korean 한국어|fr French Français|ja Japanese 日本語|pt Portuguese Português|tr Turkish Türkçe
pl Polish Polski|ca Catalan Català|nl Dutch Nederlands|ar Arabic العربية|sv Swedish Svenska
it Italian Italiano|id Indonesian Bahasa Indonesia|hi Hindi हिन्दी|fi Finnish Suomi|vi Vietnamese Tiếng Việt
he Hebrew עברית|uk Ukrainian Українська|el Greek Ελληνικά|ms Malay Bahasa Melayu|cs Czech Čeština
ro Romanian Română|da Danish Dansk|hu Hungarian Magyar|ta Tamil தமிழ்|no Norwegian Norsk
th Thai ไทย|ur Urdu اردو|hr Croatian Hrvatski|bg Bulgarian Български|lt Lithuanian Lietuvių
la Latin Latina|mi Maori Māori|ml Malayalam മലയാളം|cy Welsh Cymraeg|sk Slovak Slovenčina
te Telugu తెలుగు|fa Persian فارسی|lv Latvian Latviešu|bn Bengali বাংলা|sr Serbian Српски
az Azerbaijani Azərbaycanca|sl Slovenian Slovenščina|kn Kannada ಕನ್ನಡ|et Estonian Eesti|mk Macedonian Македонски
br Breton Brezhoneg|eu Basque Euskara|is Icelandic Íslenska|hy Armenian Հայերեն|ne Nepali नेपाली
mn Mongolian Монгол|bs Bosnian Bosanski|kk Kazakh Қазақша|sq Albanian Shqip|sw Swahili Kiswahili
gl Galician Galego|mr Marathi मराठी|pa Punjabi ਪੰਜਾਬੀ|si Sinhala සිංහල|km Khmer ខ្មែរ
sn Shona chiShona|yo Yoruba Yorùbá|so Somali Soomaali|af Afrikaans Afrikaans|oc Occitan Occitan
ka Georgian ქართული|be Belarusian Беларуская|tg Tajik Тоҷикӣ|sd Sindhi سنڌي|gu Gujarati ગુજરાતી
am Amharic አማርኛ|yi Yiddish ייִדיש|lo Lao ລາວ|uz Uzbek Oʻzbekcha|fo Faroese Føroyskt
ht Haitian_Creole Kreyòl ayisyen|ps Pashto پښتو|tk Turkmen Türkmençe|nn Nynorsk Nynorsk|mt Maltese Malti
sa Sanskrit संस्कृतम्|lb Luxembourgish Lëtzebuergesch|my Myanmar မြန်မာ|bo Tibetan བོད་སྐད|tl Tagalog Tagalog
mg Malagasy Malagasy|as Assamese অসমীয়া|tt Tatar Татарча|haw Hawaiian ʻŌlelo Hawaiʻi|ln Lingala Lingála
ha Hausa Hausa|ba Bashkir Башҡортса|jw Javanese Basa Jawa|su Sundanese Basa Sunda|yue Cantonese 粵語
"""


def _parse(table: str) -> dict[str, Language]:
    entries = (entry.split(" ", 2) for line in table.strip().splitlines() for entry in line.split("|"))
    return {code: Language(code, name.replace("_", " "), native) for code, name, native in entries}


LANGUAGES: dict[str, Language] = _parse(_TABLE)
# Whisper's codes that BCP 47 has another tag for, as `lang` attributes and browsers' names of languages need it.
LANGUAGE_TAGS = {"jw": "jv"}
_SPACELESS = frozenset({"ja", "zh", "yue", "th", "lo", "my"})


def is_spaceless(code: str | None) -> bool:
    """Returns whether a language is written without spaces between words."""
    return code in _SPACELESS


def language_tag(code: str) -> str:
    """Returns the tag of BCP 47 for one of Whisper's codes."""
    return LANGUAGE_TAGS.get(code, code)
