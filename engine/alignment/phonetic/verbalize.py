"""Verbalizes words of languages other than English: numbers and signs in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from num2words import num2words

from engine.alignment.phonetic.verbalize_en import MAX_SPOKEN_FORMS, SpokenForm, combine

_LONGEST = 15  # digits; longer numbers are read digit by digit

# Languages that write "1.250,5" for English "1,250.5".
_COMMA_IS_POINT = frozenset(
    """
    af az be bg bs ca cs da de el es et eu fi fr gl hr hu hy id is it ka kk lt lv mk nl nn no pl pt ro ru sk
    sl sq sr sv tr tt uk uz vi
    """.split()
)
_SEPARATORS = "'’\u00a0\u202f"  # always between thousands

# Names of the decimal point if num2words leaves decimals out, gets them wrong or uses another name.
_POINTS = {"es": ("coma", "punto"), "it": ("virgola",), "tr": ("virgül",)}

# Names of %, €, $ and £ as they follow most numbers.
_SPOKEN_SIGNS = {
    language: dict(zip("%€$£", (tuple(name.split("_")) for name in names.split()), strict=True))
    for language, names in {
        "ca": "per_cent euros dòlars lliures", "cs": "procent eur dolarů liber", "da": "procent euro dollar pund",
        "de": "Prozent Euro Dollar Pfund", "es": "por_ciento euros dólares libras",
        "fi": "prosenttia euroa dollaria puntaa", "fr": "pour_cent euros dollars livres",
        "hu": "százalék euró dollár font", "it": "per_cento euro dollari sterline",
        "nl": "procent euro dollar pond", "no": "prosent euro dollar pund", "pl": "procent euro dolarów funtów",
        "pt": "por_cento euros dólares libras", "ro": "la_sută euro dolari lire",
        "ru": "процентов евро долларов фунтов", "sv": "procent euro dollar pund",
        "tr": "yüzde avro dolar sterlin", "uk": "відсотків євро доларів фунтів",
    }.items()
}  # fmt: skip

# Zero-width non-joiner and joiner. They shape the letters around them, and g2p knows neither.
_NON_JOINER, _JOINERS = "\u200c", "\u200c\u200d"
_PART = re.compile(
    rf"(?:(?P<before>[%€$£])\s?)?(?P<number>\d(?:[\d.,{_SEPARATORS}]*\d)?)(?:\s?(?P<after>[%€$£]))?"
    r"|(?:[^\d%€$£]|[%€$£](?!\s?\d))+"
)


def spoken_forms(word: str, language: str) -> tuple[SpokenForm, ...]:
    """Returns a word's spoken forms; none if a number cannot be verbalized."""
    options = []
    for part in _PART.finditer(word):
        if part["number"]:
            options.append(list(_amount(part["number"], part["before"] or part["after"] or "", language)))
        else:
            options.append(list(dict.fromkeys((_words(part[0]), _words(part[0].replace(_NON_JOINER, " "))))))
    return tuple(reading for reading in combine(options) if reading)


def _words(text: str) -> SpokenForm:
    """Returns the words of a text: letters, and their marks, joiners and apostrophes."""
    shape = "".join(map(_kind, text))
    found = (text[match.start() : match.end()] for match in re.finditer("a[am']*", shape))
    return tuple(re.sub(f"[{_JOINERS}]", "", word) for word in found)


def _kind(character: str) -> str:
    """Returns "a" for a letter, "m" for a mark, "'" for an apostrophe, else " "."""
    if character.isalpha():
        return "a"
    if character in _JOINERS or unicodedata.category(character).startswith("M"):
        return "m"
    return "'" if character in "'’" else " "


def _amount(number: str, sign: str, language: str) -> Iterator[SpokenForm]:
    """Yields the spoken forms of a number with the sign's name, then without."""
    plain = list(dict.fromkeys(_number(number, language)))
    if name := _SPOKEN_SIGNS.get(language, {}).get(sign):
        first = language == "tr" and sign == "%"  # "yüzde elli" ("percent fifty")
        yield from (
            (*name, *reading) if first else (*reading, *name) for reading in plain[: MAX_SPOKEN_FORMS // 2]
        )
    yield from plain


def _number(text: str, language: str) -> Iterator[SpokenForm]:
    """Yields the spoken forms of digits with marks between them.

    First with the language's own thousands and decimal marks, then each group of digits by itself (dates,
    times), then with the marks swapped, as in other countries.
    """
    comma_is_point = language in _COMMA_IS_POINT
    yield from _punctuated(text, language, comma_is_point)
    yield from combine([list(_whole(run, language)) for run in re.findall(r"\d+", text)])
    yield from _punctuated(text, language, not comma_is_point)


def _punctuated(text: str, language: str, comma_is_point: bool) -> Iterator[SpokenForm]:
    thousand, point = (".", ",") if comma_is_point else (",", ".")
    separator = f"[{thousand}{_SEPARATORS}]"
    # India writes groups of two digits: "1,25,000".
    whole = rf"\d{{1,3}}(?:{separator}\d{{2,3}})*{separator}\d{{3}}|\d+"
    if found := re.fullmatch(rf"(?P<whole>{whole})(?:\{point}(?P<part>\d+))?", text):
        digits = re.sub(r"\D", "", found["whole"])
        if found["part"]:
            yield from _decimal(digits, found["part"], language)
        else:
            yield from _whole(digits, language, years=digits == text)


def _whole(digits: str, language: str, years: bool = True) -> Iterator[SpokenForm]:
    """Yields the forms of a whole number: as a year, as a number, by digits."""
    if len(digits) <= _LONGEST:
        if years and len(digits) == 4 and 1100 <= int(digits) <= 2099:
            yield from filter(None, [_say(int(digits), language, "year")])
        yield from filter(None, [_say(int(digits), language)])
    if len(digits) > 4 or (digits[0] == "0" and len(digits) > 1):
        one_by_one = [_say(int(digit), language) for digit in digits]
        if all(one_by_one):
            yield tuple(word for digit in one_by_one for word in digit)


def _decimal(whole: str, part: str, language: str) -> Iterator[SpokenForm]:
    """Yields the spoken forms of a decimal: num2words', then with the point's name."""
    if len(whole) + len(part) > _LONGEST:
        return
    before, half = _say(int(whole), language), _say(Decimal("3.5"), language)
    if not before:
        return
    if language not in _POINTS:
        number = _say(Decimal(f"{whole}.{part}"), language)
        yield from (
            [number] if number and number != before else []
        )  # num2words leaves decimals out in some languages
    # "drei Komma fünf" holds the point's name; "три целых пять десятых" has none.
    for point in _POINTS.get(language, half[1:2] if len(half) == 3 else ()):
        digits = [_say(int(digit), language) for digit in part]
        zeros = len(part) - len(part.lstrip("0"))
        tail = _say(int(part), language) if zeros < len(part) else ()
        yield (*before, point, *(word for digit in digits[:zeros] for word in digit), *tail)
        yield (*before, point, *(word for digit in digits for word in digit))


def _say(number: int | Decimal, language: str, kind: str = "cardinal") -> SpokenForm:
    """Returns a number in words, by num2words or g2p2; empty if neither can."""
    if language == "am" and number >= 10**6:
        return ()  # num2words 0.5.14 never returns for an Amharic million
    try:
        spelled = num2words(number, lang=language, to=kind)
    except (NotImplementedError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        if kind != "cardinal" or isinstance(number, Decimal):
            return ()
        from g2p2 import expand_numbers  # loads a native library

        spelled = expand_numbers(str(number), language)
    words = tuple(spelled.replace("-", " ").split())
    # A number left in digits or signs was not verbalized.
    return words if all(any(c.isalpha() for c in word) for word in words) else ()
