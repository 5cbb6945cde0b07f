"""Lines up the words of a text and the recognised words of one window: which were said, and what else was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rapidfuzz.distance import Levenshtein

from engine.languages import is_spaceless
from engine.text_alignment.given_text import TextWord
from engine.text_alignment.matching import SAME, Step

ALIKE = 0.8  # mean similarity from which two words are two spellings of one
SAME_SOUND = 0.6  # share of equal letters from which two runs of words are two spellings of the same sounds
MANY = 3  # words in a row that were not recognised; more must have room in the sound
MOST = 25  # words in a row that were not recognised, above which they were not said
# Seconds of sound that a character takes at least, in languages with spaces and without.
PER_CHARACTER = {False: 0.035, True: 0.1}


@dataclass(frozen=True, slots=True)
class HeardUnit:
    """One unit of a recognised word, in window seconds.

    word         the recognised word, without the space before it
    number       index of that word in its window
    probability  the decoder's, 0 to 1
    """

    unit: str
    start: float
    end: float
    word: str
    number: int
    probability: float


@dataclass(slots=True, eq=False)
class Slot:
    """A word of the text with what was recognised in its place; without a word, what the text lacks.

    word          index of the word in the text
    similarities  of its units with what was recognised, so far as the path has come to them
    left_out      the word was not said, whatever the sound is like
    place         window seconds in which a word that was not recognised may be
    assumed       the decoder's probability of a word whose sounds were recognised as other words
    """

    word: int | None
    heard: list[HeardUnit] = field(default_factory=list)
    similarities: list[float] = field(default_factory=list)
    left_out: bool = False
    place: tuple[float, float] | None = None
    assumed: float | None = None

    @property
    def similarity(self) -> float:
        """Returns the mean similarity of the word's units with what was recognised."""
        return sum(self.similarities) / max(1, len(self.similarities))

    @property
    def is_equal(self) -> bool:
        """Returns whether exactly this word was recognised."""
        return bool(self.similarities) and min(self.similarities) >= SAME

    @property
    def needs_proof(self) -> bool:
        """Returns whether only the sound can tell if the word was said."""
        return self.word is not None and self.assumed is None and self.similarity < ALIKE

    @property
    def span(self) -> tuple[float, float]:
        """Returns attention's start and end in window seconds."""
        if self.heard:
            return self.heard[0].start, max(unit.end for unit in self.heard)
        assert self.place is not None, "a word that was not recognised has been given a place"
        return self.place

    @property
    def probability(self) -> float:
        """Returns the decoder's probability of what was recognised, less where that differs from the text."""
        if not self.heard:
            return self.assumed or 0.0
        return self.similarity * sum(unit.probability for unit in self.heard) / len(self.heard)

    def heard_text(self, language: str) -> str:
        """Returns what was recognised."""
        if is_spaceless(language):
            return "".join(unit.unit for unit in self.heard)
        words = groupby(self.heard, key=lambda unit: (unit.number, unit.word))
        return " ".join(word for (_, word), _ in words)


def slots_of(
    steps: Iterable[Step], heard: Sequence[HeardUnit], owners: Sequence[int], words: Sequence[TextWord]
) -> list[Slot]:
    """Returns the words of a part of the path, in order, each once, with what the text lacks between them.

    owners  the word of each unit of the text
    """
    slots: list[Slot] = []
    for step in steps:
        last = slots[-1] if slots else None
        if step.text is not None:
            word = owners[step.text]
            if last is None or last.word != word:
                last = Slot(word)
                slots.append(last)
            last.similarities.append(step.similarity)
        elif last is None or not _continues(last, heard[step.heard or 0], words):
            last = Slot(None)
            slots.append(last)
        if step.heard is not None:
            last.heard.append(heard[step.heard])
    return _mended(slots, words)


def _continues(slot: Slot, unit: HeardUnit, words: Sequence[TextWord]) -> bool:
    """Returns whether a unit that the text lacks belongs to the slot before it."""
    if slot.word is None:
        return bool(slot.heard) and slot.heard[-1].number == unit.number
    return len(slot.similarities) < len(words[slot.word].units)


def _mended(slots: Sequence[Slot], words: Sequence[TextWord]) -> list[Slot]:
    """Judges what lies between recognised words as a whole: Whisper may have cut the same sounds elsewhere."""
    mended: list[Slot] = []
    for is_certain, group in groupby(slots, key=lambda slot: slot.word is not None and not slot.needs_proof):
        run = list(group)
        mended += run if is_certain or not _is_same_sound(run, words) else _shared(run, words)
    return _without_neighbours(mended)


def _is_same_sound(run: Sequence[Slot], words: Sequence[TextWord]) -> bool:
    """Returns whether the words of a run are spelt much like what was recognised in their place."""
    text = "".join(unit for slot in _spoken(run, words) for unit in words[slot.word or 0].units)
    heard = "".join(unit.unit for slot in run for unit in slot.heard)
    return bool(text and heard) and Levenshtein.normalized_similarity(text, heard) >= SAME_SOUND


def _spoken(run: Sequence[Slot], words: Sequence[TextWord]) -> list[Slot]:
    return [slot for slot in run if slot.word is not None and not words[slot.word].hint]


def _shared(run: Sequence[Slot], words: Sequence[TextWord]) -> list[Slot]:
    """Returns the words of a run with shares of the time in which their sounds were recognised."""
    heard = [unit for slot in run for unit in slot.heard]
    probability = sum(unit.probability for unit in heard) / len(heard)
    spoken = _spoken(run, words)
    letters = [sum(map(len, words[slot.word or 0].units)) for slot in spoken]
    at, end = heard[0].start, max(unit.end for unit in heard)
    step = (end - at) / max(1, sum(letters))
    for slot, count in zip(spoken, letters, strict=True):
        slot.place, slot.heard, slot.assumed = (at, at + count * step), [], probability * SAME_SOUND
        at += count * step
    return [slot for slot in run if slot.word is not None]


def _without_neighbours(slots: Sequence[Slot]) -> list[Slot]:
    """Joins what the text lacks to a word beside it that was recognised as something else.

    For "castle", Whisper may write "cast all": together they are what was heard in its place.
    """
    kept: list[Slot] = []
    for slot in slots:
        before = kept[-1] if kept else None
        if slot.word is None and before and before.word is not None and before.heard and before.needs_proof:
            before.heard += slot.heard
        elif before and before.word is None and slot.heard and slot.needs_proof:
            slot.heard = before.heard + slot.heard
            kept[-1] = slot
        else:
            kept.append(slot)
    return kept


def place_unrecognised(
    slots: Sequence[Slot], words: Sequence[TextWord], limits: tuple[float, float], language: str
) -> None:
    """Gives words that were not recognised a place between their neighbours, or marks them as left out.

    limits  start and end of the window's speech, in window seconds
    """
    at = limits[0]
    for recognised, group in groupby(slots, key=lambda slot: bool(slot.heard or slot.place)):
        run = list(group)
        if recognised:
            at = max(slot.span[1] for slot in run)
            continue
        following = next(_after(slots, run[-1]), None)
        end = max(at, following.span[0] if following else limits[1])
        _place(run, words, (at, end), spaceless=is_spaceless(language))


def _after(slots: Sequence[Slot], slot: Slot) -> Iterator[Slot]:
    return (later for later in slots[slots.index(slot) + 1 :] if later.heard or later.place)


def _place(
    run: Sequence[Slot], words: Sequence[TextWord], room: tuple[float, float], *, spaceless: bool
) -> None:
    said = [slot for slot in run if slot.word is not None and not words[slot.word].hint]
    letters = {id(slot): sum(map(len, words[slot.word or 0].units)) for slot in said}
    seconds = sum(letters.values()) * PER_CHARACTER[spaceless]
    if len(said) > MOST or (len(said) > MANY and seconds > room[1] - room[0]):
        said = []
    for slot in run:
        slot.left_out = slot not in said
    at = room[0]
    for slot in said:
        length = (room[1] - room[0]) * letters[id(slot)] / max(1, sum(letters.values()))
        slot.place = at, at + length
        at += length
