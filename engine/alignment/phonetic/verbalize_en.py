"""Verbalizes English words: "£1,250" gives "one thousand two hundred fifty ...".

Whisper writes digits and signs for spoken words. The text does not say which words ("1984" is a year or a
number), so all usual spoken forms are returned and the acoustic search chooses one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product

from num2words import num2words

SpokenForm = tuple[str, ...]  # words in lower case, in order

MAX_SPOKEN_FORMS = 12  # spoken forms of one written word
_CONSIDERED = 256  # combinations of a word's parts that are considered
_LONGEST = 12  # digits; longer numbers are read digit by digit

_CURRENCIES = {
    "$": ("dollar", "cent"), "£": ("pound", "pence"), "€": ("euro", "cent"), "¥": ("yen", "sen"),
    "₹": ("rupee", "paisa"),
}  # fmt: skip
_SPOKEN_SIGNS: dict[str, tuple[SpokenForm, ...]] = {
    "%": (("percent",),), "‰": (("per", "mille"),), "&": (("and",),), "+": (("plus",),), "=": (("equals",),),
    "@": (("at",),), "#": (("number",), ("hash",), ("hashtag",)), "°": (("degrees",), ("degree",)),
    "×": (("times",), ("by",)), "÷": (("divided", "by"),), "±": (("plus", "or", "minus"),), "§": (("section",),),
    "½": (("a", "half"), ("half",)), "¼": (("a", "quarter"),), "¾": (("three", "quarters"),),
    "<": (("less", "than"),), ">": (("greater", "than"),), "*": ((), ("star",)), "_": ((), ("underscore",)),
}  # fmt: skip
_BETWEEN_DIGITS: dict[str, tuple[SpokenForm, ...]] = {
    "-": ((), ("to",), ("minus",)), "–": (("to",), ()), "—": (("to",), ()), "/": (("slash",), ("over",), ()),
    ":": ((), ("to",)), ".": (("dot",), ("point",), ()), "x": (("by",), ("times",)),
}  # fmt: skip
_POWERS = {"²": ("square", "squared"), "³": ("cubic", "cubed")}  # before the unit, after it
_UNITS = {
    "km": "kilometers", "kg": "kilograms", "cm": "centimeters", "mm": "millimeters", "m": "meters", "g": "grams",
    "mg": "milligrams", "ml": "milliliters", "l": "liters", "ft": "feet", "lb": "pounds", "lbs": "pounds",
    "oz": "ounces", "in": "inches", "mi": "miles", "mph": "miles per hour", "kmh": "kilometers per hour",
    "hz": "hertz", "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz", "kb": "kilobytes", "mb": "megabytes",
    "gb": "gigabytes", "tb": "terabytes", "w": "watts", "kw": "kilowatts", "v": "volts", "k": "thousand",
    "bn": "billion", "s": "seconds", "ms": "milliseconds", "min": "minutes", "h": "hours", "hrs": "hours",
    "c": "celsius",
}  # fmt: skip
# Further spoken forms of letters after a number, after the letters themselves and the units.
_AFTER_NUMBER: dict[str, tuple[SpokenForm, ...]] = {
    "am": (("a.", "m."),), "pm": (("p.", "m."),), "x": (("times",),),
}  # fmt: skip
_BETWEEN_LETTERS: dict[str, tuple[SpokenForm, ...]] = {".": (("dot",), ()), "/": ((), ("slash",))}
_NAMES_TOO = frozenset("ave co col dec fig gen jan mar no rev st dr".split())  # also words of their own
_SHORT: dict[str, tuple[SpokenForm, ...]] = {
    "mr": (("mister",),), "mrs": (("missus",),), "ms": (("miz",), ("miss",), ("milliseconds",)),
    "dr": (("doctor",), ("drive",)),
    "prof": (("professor",),), "st": (("saint",), ("street",)), "mt": (("mount",),), "jr": (("junior",),),
    "sr": (("senior",),), "vs": (("versus",),), "etc": (("et", "cetera"), ("etcetera",)), "no": (("no",), ("number",)),
    "eg": (("e.", "g."), ("for", "example")), "ie": (("i.", "e."), ("that", "is")), "govt": (("government",),),
    "inc": (("inc",), ("incorporated",)), "ltd": (("limited",),), "co": (("company",), ("co",)),
    "dept": (("department",),), "gen": (("general",),), "col": (("colonel",),), "sgt": (("sergeant",),),
    "capt": (("captain",),), "lt": (("lieutenant",),), "rev": (("reverend",),), "fig": (("figure",),),
    "approx": (("approximately",),), "ave": (("avenue",),), "blvd": (("boulevard",),), "jan": (("january",),),
    "mar": (("march",),),
    "feb": (("february",),), "aug": (("august",),), "sept": (("september",),), "oct": (("october",),),
    "nov": (("november",),), "dec": (("december",),),
}  # fmt: skip

_LETTER = r"[^\W\d_²³¹½¼¾]"  # \w also matches raised digits and fractions
_AMOUNT = re.compile(r"(?P<sign>[$£€¥₹])(?P<whole>\d[\d,]*)(?:\.(?P<part>\d+))?(?P<after>[a-zA-Z]*)")
_PHONE = re.compile(r"\d{3,}(?:-\d{3,})+(?!\w)")
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?!\d)")
_ORDINAL = re.compile(r"(?P<number>\d[\d,]*)(?:st|nd|rd|th)\b", re.IGNORECASE)
_DECADE = re.compile(r"['’]?(?P<number>\d*\d0)['’]?s\b", re.IGNORECASE)
_FRACTION = re.compile(r"(?P<above>\d{1,2})/(?P<below>\d{1,2})(?![\d/])")
_NUMBER = re.compile(r"(?P<whole>\d[\d,]*)?(?:\.(?P<part>\d+))?")
_POWER = re.compile(rf"(?P<base>{_LETTER}{{1,3}})(?P<power>[²³])")
_LETTERS = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)*['’]?")
_NUMERAL = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+")
_OTHER = re.compile(r"\S")
_DOTTED = re.compile(rf"(?:{_LETTER}\.){{2,}}|(?:{_LETTER}\.)+{_LETTER}")


def spoken_forms_en(word: str) -> tuple[SpokenForm, ...]:
    """Returns a word's spoken forms, the likeliest first; a silent word's is empty."""
    bare = word.strip('"“”„«»()[]{}<>,;!?…')
    if _DOTTED.fullmatch(bare):  # "U.S.", "p.m"
        return (tuple(f"{letter.lower()}." for letter in bare if letter.isalpha()),)
    short = bare.rstrip(".").replace(".", "").lower()
    if short in _SHORT and (
        bare.endswith(".") or short not in ("no", "co", "fig", "col", "dec", "gen", "rev")
    ):
        # "Jan" is a month and a name, "MS" a title and two letters.
        written = ((bare.rstrip("."),),) if short in _NAMES_TOO or bare.isupper() else ()
        return _SHORT[short] + written if bare.endswith(".") else written + _SHORT[short]
    parts = [part for text in bare.split() for part in _parts(text)]
    texts = ["", *(found[0] for found, _ in parts), ""]
    neighbours = zip(parts, texts, texts[2:], strict=False)
    return combine([list(reader(found, before, after)) for (found, reader), before, after in neighbours])


def combine(options: Sequence[Sequence[SpokenForm]]) -> tuple[SpokenForm, ...]:
    """Returns at most MAX_SPOKEN_FORMS forms of parts in a row, the likeliest first."""
    ways = islice(product(*(enumerate(ways) for ways in options)), _CONSIDERED)
    likeliest = sorted(ways, key=lambda way: sum(rank for rank, _ in way))
    found = dict.fromkeys(tuple(word for _, part in way for word in part) for way in likeliest)
    return tuple(islice(found, MAX_SPOKEN_FORMS))


def _number(text: str) -> Iterator[SpokenForm]:
    found = _NUMBER.fullmatch(text)
    if not found or not found["part"]:
        yield from _whole(text)
        return
    digits = tuple(word for digit in found["part"] for word in num2words(int(digit)).split())
    for whole in _whole(found["whole"]) if found["whole"] else iter([(), ("zero",)]):
        yield (*whole, "point", *digits)


def _whole(text: str) -> Iterator[SpokenForm]:
    """Yields the forms of a whole number: as a year, as a number, in pairs, by digits."""
    digits = text.replace(",", "")
    number = int(digits[: _LONGEST + 1])
    plain = len(digits) > 1 and digits[0] != "0" and len(digits) <= _LONGEST
    if plain or len(digits) == 1:
        if len(digits) == 4 and "," not in text and 1100 <= number <= 2099 and number % 1000 >= 10:
            yield from _each(num2words(number, to="year"))
        yield from _each(num2words(number))
        if len(digits) in (3, 4) and "," not in text and number % 100:
            rest = _spell(number % 100) if number % 100 >= 10 else ("oh", *_spell(number % 100))
            yield (*_spell(number // 100), *rest)
        if len(digits) == 4 and number % 100 == 0 and number % 1000:
            yield (*_spell(number // 100), "hundred")
    if len(digits) > 2 or (not plain and len(digits) > 1):
        yield from _digits(digits)


def _groups(groups: list[str]) -> Iterator[SpokenForm]:
    """Yields the forms of groups of digits: a telephone number, or a range.

    The range comes first if both groups have the same length, as in "2019-2020".
    """
    phone = list(_digits("".join(groups)))
    if len(groups) != 2:
        yield from phone
        return
    # Both ends in the same form: as years, as numbers, ...
    ends = zip(_whole(groups[0]), _whole(groups[1]), strict=False)
    ways = [way for one, two in islice(ends, 3) for way in ((*one, "to", *two), (*one, *two))]
    likely = 2 if len(groups[0]) == len(groups[1]) else 0
    yield from (*ways[:likely], *phone, *ways[likely:])


def _ordinal(digits: str) -> Iterator[SpokenForm]:
    if len(digits) > _LONGEST:
        yield from _digits(digits)
    else:
        yield from _each(num2words(int(digits), to="ordinal"))


def _power(base: str, power: str) -> Iterator[SpokenForm]:
    """Yields the forms of letters with a raised digit: unit, symbol, or footnote."""
    before, after = _POWERS[power]
    if unit := _UNITS.get(base.lower()):
        yield (before, *unit.split())
        yield (*unit.split(), after)
    yield (base, after)
    yield (base,)


def _digits(digits: str) -> Iterator[SpokenForm]:
    one_by_one = tuple(word for digit in digits for word in _spell(int(digit)))
    yield one_by_one
    if "zero" in one_by_one:
        yield tuple("oh" if word == "zero" else word for word in one_by_one)


def _amount(sign: str, whole: str, part: str | None, after: str) -> Iterator[SpokenForm]:
    """Yields the forms of an amount of money; the currency comes after a "million"."""
    unit, small = _CURRENCIES[sign]
    plural = unit if unit == "yen" or whole == "1" else unit + "s"
    scale = {"": (), "k": ("thousand",), "m": ("million",), "bn": ("billion",), "b": ("billion",)}.get(
        after.lower(), (after.lower(),)
    )
    for reading in _whole(whole):
        if scale or part is None:
            point = ("point", *(w for digit in part for w in _spell(int(digit)))) if part else ()
            yield (*reading, *point, *scale, plural)
            yield (*reading, *point, *scale)
            continue
        count = int(part[:_LONGEST])
        cents = _spell(count) if count else ()
        coin = small if small == "pence" or count == 1 else small + "s"
        yield (*reading, plural, *cents)
        if cents:
            yield (*reading, plural, "and", *cents, coin)
            yield (*reading, *cents)
            yield (*reading, "point", *(w for digit in part for w in _spell(int(digit))), plural)


def _clock(hour: int, minute: str) -> Iterator[SpokenForm]:
    if minute == "00":
        yield _spell(hour)
        yield (*_spell(hour), "o'clock")
        yield (*_spell(hour), "hundred")
    elif minute[0] == "0":
        yield (*_spell(hour), "oh", *_spell(int(minute)))
    else:
        yield (*_spell(hour), *_spell(int(minute)))


def _fraction(above: int, below: int) -> Iterator[SpokenForm]:
    names = {2: ("half", "halves"), 4: ("quarter", "quarters")}
    if below > 1:
        one, many = names.get(below, ((ordinal := num2words(below, to="ordinal")), ordinal + "s"))
        yield (*_spell(above), *(one if above == 1 else many).replace("-", " ").split())
        if above == 1:
            yield ("a", *one.replace("-", " ").split())
    yield (*_spell(above), "slash", *_spell(below))
    yield (*_spell(above), *_spell(below))
    yield (*_spell(above), "out", "of", *_spell(below))


def _each(spelled: str) -> Iterator[SpokenForm]:
    """Yields num2words' spelling as words, without and with "and"."""
    words = tuple(spelled.replace("-", " ").replace(",", "").split())
    if "and" in words:
        yield tuple(word for word in words if word != "and")
    yield words


def _spell(number: int) -> SpokenForm:
    return next(_each(num2words(number)))


# Reads one part of a word, given the texts of its neighbours.
_Reader = Callable[[re.Match[str], str, str], Iterator[SpokenForm]]


def _parts(word: str) -> Iterator[tuple[re.Match[str], _Reader]]:
    """Cuts a word into parts, each with the reader of the first pattern that matches there."""
    at = 0
    while at < len(word):
        found, reader = next(
            (match, reader) for pattern, reader in _READERS if (match := pattern.match(word, at))
        )
        yield found, reader
        at = found.end()


def _read_decade(found: re.Match[str], before: str, after: str) -> Iterator[SpokenForm]:
    for reading in _whole(found["number"]):
        yield (*reading[:-1], re.sub("y$", "ie", reading[-1]) + "s")


def _read_letters(found: re.Match[str], before: str, after: str) -> Iterator[SpokenForm]:
    text = found[0]
    if not text[0].isalpha():  # such as a Roman numeral sign
        yield from _read_sign(found, before, after)
        return
    follows_digit = before[-1:].isdecimal()
    if text == "x" and follows_digit and after[:1].isdecimal():  # "3x4"
        yield from _BETWEEN_DIGITS[text]
        return
    if follows_digit and text.lower() in _UNITS:
        yield tuple(_UNITS[text.lower()].split())
    if follows_digit:
        yield from _AFTER_NUMBER.get(text.lower(), ())
    yield (text,)


def _read_sign(found: re.Match[str], before: str, after: str) -> Iterator[SpokenForm]:
    sign = found[0]
    if sign in _POWERS:
        yield (_POWERS[sign][1],) if before[-1:].isdecimal() else ()
    elif before[-1:].isdecimal() and after[:1].isdecimal() and sign in _BETWEEN_DIGITS:
        yield from _BETWEEN_DIGITS[sign]
    elif before[-1:].isalpha() and after[:1].isalpha() and sign in _BETWEEN_LETTERS:
        yield from _BETWEEN_LETTERS[sign]
    elif sign in "-−" and not before and after[:1].isdecimal():
        yield from (("minus",), ("negative",), ())
    else:
        yield from _SPOKEN_SIGNS.get(sign, ((),))


# The first pattern that matches reads the part; the last one matches every character.
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_AMOUNT, lambda found, *_: _amount(**found.groupdict())),
    (_PHONE, lambda found, *_: _groups(found[0].split("-"))),
    (_CLOCK, lambda found, *_: _clock(int(found["hour"]), found["minute"])),
    (_ORDINAL, lambda found, *_: _ordinal(found["number"].replace(",", ""))),
    (_DECADE, _read_decade),
    (_FRACTION, lambda found, *_: _fraction(int(found["above"]), int(found["below"]))),
    (_NUMERAL, lambda found, *_: _number(found[0])),
    (_POWER, lambda found, *_: _power(**found.groupdict())),
    (_LETTERS, _read_letters),
    (_OTHER, _read_sign),
)
