"""Finds pronunciations of written words: in CMU's dictionary, else by g2p."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product, zip_longest
from pathlib import Path

from engine.alignment.phonetic.g2p import GraphemeToPhoneme, Phones
from engine.alignment.phonetic.verbalize import spoken_forms
from engine.alignment.phonetic.verbalize_en import SpokenForm, spoken_forms_en
from engine.errors import WeightsDamaged
from engine.log import LOGGER

MAX_PRONUNCIATIONS = 6  # pronunciations of one word that the search chooses from
_PER_TOKEN = 3
_VOICELESS = frozenset(("P", "T", "K", "F", "TH"))
_HISSING = frozenset(("S", "Z", "SH", "ZH", "CH", "JH"))
_ACRONYM = re.compile(r"[A-Z]{2,5}s?")

Dictionary = Mapping[str, Sequence[Phones]]


class Pronouncer:
    """Finds the pronunciations of one language's words. Thread-safe.

    read        a written word -> its spoken forms
    guess       g2p, for a lower-case word that the dictionary lacks
    dictionary  lower-case word -> its pronunciations
    """

    def __init__(
        self,
        read: Callable[[str], Sequence[SpokenForm]],
        guess: Callable[[str], Phones],
        dictionary: Dictionary | None = None,
    ) -> None:
        self._read = read
        self._guess = guess
        self._dictionary = dictionary or {}
        self.of = lru_cache(maxsize=20_000)(self._of)

    @classmethod
    def load(cls, language: str, dictionary: Path) -> Pronouncer:
        """Makes the pronouncer of a language; `dictionary` is English, in CMU's format.

        Raises WeightsDamaged if the dictionary cannot be read.
        """
        guess = GraphemeToPhoneme(language)
        if language != "en":
            return cls(lambda word: spoken_forms(word, language), guess)
        return cls(spoken_forms_en, guess, _read_dictionary(dictionary))

    def _of(self, word: str) -> tuple[Phones, ...]:
        """Returns a written word's pronunciations, the likeliest first; none if unknown."""
        try:
            ways = self._read(word)
        except Exception:
            # Whisper may write any text. A word that breaks the rules of verbalization has no pronunciation:
            # caught any later, the error would cost the times of the words around it.
            LOGGER.exception("a written word could not be read")
            return ()
        spoken = [self._spoken(reading) for reading in ways]
        # The first pronunciation of every spoken form, then the second ones.
        in_turn = (phones for rank in zip_longest(*spoken) for phones in rank if phones)
        return tuple(islice(dict.fromkeys(in_turn), MAX_PRONUNCIATIONS))

    def _spoken(self, reading: SpokenForm) -> list[Phones]:
        tokens = [self._token(token) for token in reading]
        if not all(tokens):
            return []
        ways = islice(product(*tokens), MAX_PRONUNCIATIONS)
        return [tuple(phone for part in parts for phone in part) for parts in ways]

    def _token(self, token: str) -> list[Phones]:
        """Returns the pronunciations of one word of a spoken form."""
        lower = token.lower().replace("’", "'")
        found = list(self._known(lower))
        if _ACRONYM.fullmatch(token) and self._dictionary:
            found = found or [self._guess(lower)]
            found.append(self._letter_by_letter(token))
        return [phones for phones in dict.fromkeys(found or [self._guess(lower)]) if phones][:_PER_TOKEN]

    def _known(self, lower: str) -> Iterator[Phones]:
        for form in dict.fromkeys((lower, _plain(lower), lower.strip("'"), lower.replace("'", ""))):
            if form in self._dictionary:
                yield from self._dictionary[form]
                return
        stem, mark, ending = lower.rpartition("'")
        if mark and ending in ("", "s"):
            for phones in self._dictionary.get(stem, ()):
                yield (*phones, *_sibilant(phones[-1]))

    def _letter_by_letter(self, acronym: str) -> Phones:
        letters = [self._dictionary.get(f"{c.lower()}.", [()])[0] for c in acronym if c.isupper()]
        plural = ("Z",) if acronym.endswith("s") else ()
        return tuple(phone for letter in letters for phone in letter) + plural


def _read_dictionary(path: Path) -> dict[str, list[Phones]]:
    words: dict[str, list[Phones]] = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            word, *phones = line.split()
            words.setdefault(word.partition("(")[0], []).append(tuple(phones))
    except (OSError, ValueError) as error:
        raise WeightsDamaged(
            "The pronouncing dictionary of pocketsphinx cannot be read.", "Reinstall pocketsphinx==5.1.1."
        ) from error
    return words


def _sibilant(last: str) -> Phones:
    """Returns the sound of a possessive or plural s after a phone."""
    if last in _HISSING:
        return ("IH", "Z")
    return ("S",) if last in _VOICELESS else ("Z",)


def _plain(word: str) -> str:
    """Returns a word without its accents."""
    parts = unicodedata.normalize("NFKD", word)
    return "".join(c for c in parts if not unicodedata.combining(c))
