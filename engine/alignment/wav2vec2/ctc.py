"""CTC forced alignment: finds each word's frames in an emission.

An emission is a (frames, symbols) float32 matrix of log-probabilities, the output of a CTC model. The search
is torchaudio's `forced_align`, Viterbi over CTC states (see CTC segmentation, Kürzinger et al. 2020,
arXiv:2007.09127).

The wildcard. "1250" has no letters in the alphabet, but it has a sound, and its neighbours must not be
stretched over that sound. WhisperX gives every unknown character a symbol that scores like the frame's best
symbol other than the blank. Four of those cannot cover "twelve hundred fifty", whose letters have many blanks
between them, so the neighbours take the rest. Here a run of unknown characters is one wildcard. It scores
like the frame's best symbol, blank and word separator included, less a small cost. So one wildcard covers any
sound of any length for about the cost of the model's own best path, and no neighbour gains by lending or
taking frames. The cost per frame keeps the wildcard off the silence on both sides, for which blanks cost
less.
"""

from __future__ import annotations

import inspect
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.alignment.failure import AlignmentFailed

WILDCARD = -1  # in a spelling: spoken characters that the alphabet lacks
WILDCARD_COST = 0.2  # nats per frame; 0.05 to 0.4 do equally well, above 0.8 neighbours grow into the sound

MOST_CELLS = 1 << 28  # frames times states of one search, a byte each: seven minutes of fast speech

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼʻ＇`´", "'"))
_TURKIC = {"tr", "az"}  # languages with a dotted and a dotless i
_TURKIC_LOWER, _TURKIC_UPPER = str.maketrans("Iİ", "ıi"), str.maketrans("iı", "İI")
_SPOKEN_SIGNS = frozenset("%‰&@#§°№℃℉+=×÷±<>≈")  # spoken, like letters, digits and currencies
# Silent signs that Unicode calls letters: apostrophes, and the stroke that stretches Arabic words.
_SILENT_LETTERS = frozenset("ʼʻʹʺـ")
# Replacements for letters that the alphabet lacks: letters that look alike (Persian and Arabic, Romanian),
# and letters that Unicode does not decompose.
_ALIKE = dict(
    pair.split(":")
    for pair in (
        "œ:oe æ:ae ø:o ł:l đ:d ð:d þ:th ŋ:ng ı:i ş:ș ș:ş ţ:ț ț:ţ ґ:г ي:ی ی:ي ى:ی ك:ک ک:ك ة:ه ه:ہ ہ:ه ھ:ہ"
    ).split()
)
_ALIKE |= {chr(kana): chr(kana - 0x60) for kana in range(0x30A1, 0x30F7)}  # katakana as hiragana


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Holds the symbols that a CTC model can write.

    symbols    character -> column of the emission; neither blank nor separator
    blank      column of the CTC blank
    separator  column of the sign between words; None if the model has none
    """

    symbols: Mapping[str, int]
    blank: int
    separator: int | None

    @classmethod
    def of_vocabulary(
        cls, vocabulary: Mapping[str, int], size: int, blanks: Iterable[str], separators: Iterable[str]
    ) -> Alphabet:
        """Makes the alphabet of a tokenizer's vocabulary.

        size                number of columns of the emission; tokenizers also list tokens beyond it
        blanks, separators  names to look for, the best first

        Raises KeyError if the vocabulary has none of the blanks.
        """
        usable = {token: column for token, column in vocabulary.items() if column < size}
        blank = next((usable[token] for token in blanks if token in usable), None)
        if blank is None:
            raise KeyError("blank")
        separator = next((usable[token] for token in separators if token in usable), None)
        symbols = {
            token: column
            for token, column in usable.items()
            if len(token) == 1 and column not in (blank, separator)
        }
        return cls(symbols, blank, separator)

    def spell(self, word: str, language: str) -> tuple[int, ...]:
        """Returns the columns of a word's characters; WILDCARD for a run of unknown ones.

        A character is looked up as it is, then in the other case, then in a similar form ("é" as "e", "ﬁ" as
        "fi", "ß" as "ss"). Punctuation and marks that the alphabet lacks are silent and have no column.
        Punctuation around the word is silent too, even if the alphabet has it, as many have "-" and "'": the
        search would find it in the pause beside the word and move the word's edge into the pause.
        """
        text = unicodedata.normalize("NFC", word)
        spoken = [i for i, c in enumerate(text) if _is_spoken(c) or unicodedata.category(c)[0] == "M"]
        columns: list[int] = []
        for character in text[spoken[0] : spoken[-1] + 1] if spoken else "":
            for column in self._columns(character, language):
                if column != WILDCARD or columns[-1:] != [WILDCARD]:
                    columns.append(column)
        return tuple(columns)

    def _columns(self, character: str, language: str) -> tuple[int, ...]:
        if known := self._known(character, language):
            return known
        if unicodedata.category(character).startswith("L"):
            parts = unicodedata.normalize("NFKD", character)
            if known := tuple(column for part in parts for column in self._known(part, language)):
                return known
        return (WILDCARD,) if _is_spoken(character) else ()

    def _known(self, character: str, language: str) -> tuple[int, ...]:
        for form in _forms(character, language):
            if all(part in self.symbols for part in form):
                return tuple(self.symbols[part] for part in form)
        return ()


class FrameSpan(NamedTuple):
    """Holds the frames of a symbol or a word, `end` exclusive.

    score  mean probability of the characters, each the mean over its frames, as in WhisperX; None if the span
           holds only wildcards
    """

    start: int
    end: int
    score: float | None


def align_words(
    emission: np.ndarray, spellings: Sequence[Sequence[int]], blank: int, separator: int | None
) -> list[FrameSpan | None]:
    """Finds each word's frames on the most probable CTC path that spells all words.

    emission   (frames, symbols) float32 log-probabilities
    spellings  columns of each word's characters; a word without any gets None
    separator  column between words; None joins them without one

    Raises AlignmentFailed if no word has a known character, if the path needs more frames than there are or
    more memory than MOST_CELLS, or if the emission holds a value that is not finite.
    """
    if all(column == WILDCARD for spelling in spellings for column in spelling):
        raise AlignmentFailed("none of the characters is in the model's alphabet")
    targets: list[int] = []
    places: list[slice] = []  # of each word in `targets`
    for spelling in spellings:
        if targets and spelling and separator is not None:
            targets.append(separator)
        places.append(slice(len(targets), len(targets) + len(spelling)))
        targets.extend(spelling)
    symbols = align_symbols(emission, targets, blank)
    return [_join(symbols[place]) for place in places]


def align_symbols(emission: np.ndarray, targets: Sequence[int], blank: int) -> list[FrameSpan]:
    """Finds each target's frames; see `align_words`, which calls this."""
    if len(emission) * (2 * len(targets) + 1) > MOST_CELLS:
        raise AlignmentFailed("it is too long to be aligned as a whole")
    repeats = sum(one == two for one, two in pairwise(targets))
    if len(targets) + repeats > len(emission):
        raise AlignmentFailed(f"{len(targets)} characters do not fit into {len(emission)} frames")
    if not np.isfinite(emission).all():
        raise AlignmentFailed("the model's output holds values that are not numbers")
    columns = list(targets)
    if WILDCARD in targets:
        columns = [emission.shape[1] if target == WILDCARD else target for target in targets]
        emission = np.hstack([emission, emission.max(axis=1, keepdims=True) - WILDCARD_COST])
    path, logprobs = _best_path(emission, columns, blank)
    # A span is a run of one label. Equal neighbours among the targets have a blank between them.
    edges = np.flatnonzero(np.diff(path, prepend=-1, append=-1))
    summed = np.append(0.0, np.cumsum(np.exp(logprobs), dtype=np.float64))
    spoken = path[edges[:-1]] != blank
    starts, ends = edges[:-1][spoken], edges[1:][spoken]
    means = np.minimum((summed[ends] - summed[starts]) / (ends - starts), 1.0)
    found = zip(targets, starts.tolist(), ends.tolist(), means.tolist(), strict=True)
    return [FrameSpan(start, end, None if target == WILDCARD else mean) for target, start, end, mean in found]


def _best_path(emission: np.ndarray, targets: Sequence[int], blank: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the label of each frame and its log-probability, both (frames,)."""
    import torch
    from torchaudio.functional import forced_align

    # torchaudio 2.8 wraps the function in one that warns of its removal. Versions are pinned here, and the
    # warnings module cannot silence one call in a thread-safe way. The search runs on the CPU even for a
    # model on CUDA: the CUDA kernel is launched once per frame, and the emission is small.
    path, logprobs = inspect.unwrap(forced_align)(
        torch.from_numpy(emission)[None], torch.tensor([targets], dtype=torch.int32), blank=blank
    )
    return path[0].numpy(), logprobs[0].numpy()


def _join(symbols: Sequence[FrameSpan]) -> FrameSpan | None:
    if not symbols:
        return None
    scores = [symbol.score for symbol in symbols if symbol.score is not None]
    return FrameSpan(symbols[0].start, symbols[-1].end, sum(scores) / len(scores) if scores else None)


def _forms(character: str, language: str) -> Iterator[str]:
    """Yields the forms in which an alphabet may write a character, the best first."""
    yield character
    yield character.translate(_APOSTROPHES)
    if language in _TURKIC:
        yield character.translate(_TURKIC_LOWER).lower()
        yield character.translate(_TURKIC_UPPER).upper()
    yield character.lower()
    yield character.upper()
    yield character.casefold()
    if alike := _ALIKE.get(character.lower()):
        yield alike
        yield alike.upper()


def _is_spoken(character: str) -> bool:
    category = unicodedata.category(character)
    letter = category[0] in "LN" and character not in _SILENT_LETTERS
    return letter or category == "Sc" or character in _SPOKEN_SIGNS
