"""Matches the windows of a running recognition with a text, and settles them as soon as they are certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from engine.languages import is_spaceless
from engine.pipeline.window_feed import DecodedWindow
from engine.recognition.decoding import DecodedWord
from engine.text_alignment.anchors import FAR, FAR_RUN, Anchor, find_anchors, unique_weights
from engine.text_alignment.given_text import TextWord, units_of
from engine.text_alignment.matching import SAME, Step, TextIndex, match
from engine.text_alignment.slots import HeardUnit, Slot, slots_of

MOST_PENDING = 800  # recognised units; beyond, the oldest window is settled as it is matched by then
MOST_WINDOWS = 30  # windows that wait at most: eight minutes of samples, 30 MB
LEAST_EQUAL = 0.5  # share of a window's units that are equal to the text's, if it is settled as it is matched
TAIL = 1  # recognised units that a window may have behind an anchor that settles it
FEW = 12  # units; in a shorter text or recording, single equal words count, not only anchors


@dataclass(frozen=True, slots=True)
class MatchedWindow:
    """A window with the words of the text that belong to it, and what the text lacks there."""

    decoded: DecodedWindow
    slots: list[Slot]


@dataclass(frozen=True, slots=True)
class _Pending:
    decoded: DecodedWindow
    units: list[HeardUnit]

    @property
    def free_after(self) -> float:
        """Returns the seconds of speech after the last recognised word."""
        return self._speech[1] - (self.units[-1].end if self.units else self._speech[0])

    @property
    def free_before(self) -> float:
        """Returns the seconds of speech before the first recognised word."""
        return (self.units[0].start if self.units else self._speech[1]) - self._speech[0]

    @property
    def _speech(self) -> tuple[float, float]:
        window = self.decoded.window
        return (window.speech[0][0], window.speech[-1][1]) if window.speech else (0.0, window.duration)


class TextMatcher:
    """Matches windows with one text, in order.

    cursor  index of the first unit of the text that is not settled
    """

    def __init__(self, words: Sequence[TextWord], language: str) -> None:
        self._words = words
        self._language = language
        self._owners = [index for index, word in enumerate(words) for _ in word.units]
        units = [unit for word in words for unit in word.units]
        self._text = TextIndex(units, is_spaceless(language))
        self._pending: list[_Pending] = []
        self.cursor = 0
        self._heard = 0  # recognised units of settled windows
        self._anchored = 0  # those of them in anchors
        self._equal = 0  # those of them that are equal to the text's
        self._adrift = False  # whether the last settled window has no place in the text

    @property
    def heard(self) -> int:
        """Returns the number of recognised units so far."""
        return self._heard + sum(len(each.units) for each in self._pending)

    @property
    def share(self) -> float:
        """Returns the share of settled units that are certain, of the text or of the recording if that has less."""
        least = max(1, min(len(self._text), self._heard))
        return (self._equal if least < FEW else self._anchored) / least

    @property
    def only_window(self) -> DecodedWindow | None:
        """Returns the one window of the recording, if it has no more and that one is not settled."""
        return self._pending[0].decoded if len(self._pending) == 1 and not self._heard else None

    @property
    def has_anchors(self) -> bool:
        """Returns whether anything of the text has been found for certain."""
        return self._anchored > 0

    def add(self, decoded: DecodedWindow) -> None:
        """Adds the next window."""
        words = decoded.result.heard.words
        self._pending.append(_Pending(decoded, list(_units(words, self._language))))

    def settle(self, *, last: bool = False) -> list[MatchedWindow]:
        """Returns the windows whose words are certain by now, in order; all of them if none follow."""
        heard = [unit for each in self._pending for unit in each.units]
        steps = match([unit.unit for unit in heard], self._text, self.cursor)
        if last:
            reached = max((step.text + 1 for step in steps if step.text is not None), default=self.cursor)
            steps += [Step(None, index) for index in range(reached, len(self._text))]
            return self._settled(len(self._pending), steps, heard)
        count = self._certain(steps)
        if not count and (len(heard) > MOST_PENDING or len(self._pending) > MOST_WINDOWS):
            steps, count = self._given_up(steps, heard), 1
        return self._settled(count, steps, heard)

    def _given_up(self, steps: list[Step], heard: Sequence[HeardUnit]) -> list[Step]:
        """Returns the path for the oldest window, which nothing later has made certain.

        A window that resembles nothing takes no words of the text: they may still come.
        """
        first = len(self._pending[0].units)
        inside = [step for step in steps if step.heard is not None and step.heard < first]
        equal = sum(step.similarity >= SAME for step in inside)
        if first and equal >= LEAST_EQUAL * first and sum(unique_weights(inside, self._text)) >= FAR_RUN:
            return steps
        self._adrift = True
        return [Step(index, None) for index in range(len(heard))]

    def _certain(self, steps: Sequence[Step]) -> int:
        """Returns how many windows are certain: those before the last anchor, and one that ends in it."""
        anchors = self._anchors(steps)
        if not anchors:
            return 0
        self._adrift = False
        first, last = (steps[at].heard or 0 for at in (anchors[-1].first, anchors[-1].last - 1))
        ends = list(accumulate(len(each.units) for each in self._pending))
        before = sum(end <= first for end in ends)
        ends_in_it = before < len(ends) and ends[before] <= last + 1 + TAIL
        return before + ends_in_it

    def _anchors(self, steps: Sequence[Step]) -> list[Anchor]:
        usual = self._equal / self._heard if self._heard else 1.0
        return find_anchors(steps, self._text, adrift=self._adrift, usual=usual)

    def _settled(self, count: int, steps: Sequence[Step], heard: Sequence[HeardUnit]) -> list[MatchedWindow]:
        if not count:
            return []
        shares = self._shares(count, steps)
        settled = [step for share in shares for step in share]
        self._note(settled, steps)
        places = [step.text for step in settled if step.text is not None]
        self.cursor = max([self.cursor, *(place + 1 for place in places)])
        done, self._pending = self._pending[:count], self._pending[count:]
        return [
            MatchedWindow(each.decoded, slots_of(share, heard, self._owners, self._words))
            for each, share in zip(done, shares, strict=True)
        ]

    def _note(self, settled: Sequence[Step], steps: Sequence[Step]) -> None:
        """Counts what has been heard and found."""
        known = {step.heard for step in settled if step.heard is not None}
        self._heard += len(known)
        self._equal += sum(step.similarity > 0 for step in settled)
        for anchor in self._anchors(steps):
            self._anchored += sum(step.heard in known for step in steps[anchor.first : anchor.last])

    def _shares(self, count: int, steps: Sequence[Step]) -> list[list[Step]]:
        """Returns the steps of the first `count` windows.

        Words of the text that were not recognised, between two windows, go to the one with most speech left. Behind
        the last of these windows, many such words go to none: the path that leaves them out is not certain yet.
        """
        ends = list(accumulate(len(each.units) for each in self._pending))
        shares: list[list[Step]] = [[] for _ in range(len(self._pending) + 1)]
        at: int | None = None  # the window of the last recognised unit
        gap: list[Step] = []
        for step in steps:
            if step.heard is None:
                gap.append(step)
                continue
            following = next(number for number, end in enumerate(ends) if step.heard < end)
            is_open = len(gap) > FAR and (at or 0) < count <= following
            shares[following if is_open else self._roomiest(at, following)] += gap
            shares[following].append(step)
            gap, at = [], following
        shares[self._roomiest(at, len(self._pending) - 1)] += gap
        return shares[:count]

    def _roomiest(self, after: int | None, last: int) -> int:
        """Returns the window up to the last one that has most speech without recognised words.

        after  the window whose last recognised word is behind; None if there is none
        """
        first = after or 0
        if first >= last:
            return first
        free = [each.free_before for each in self._pending[first : last + 1]]
        if after is not None:
            free[0] = self._pending[after].free_after
        return first + max(range(len(free)), key=free.__getitem__)


def _units(words: Sequence[DecodedWord], language: str) -> Iterator[HeardUnit]:
    """Yields the units of recognised words; those of one word share its time evenly."""
    for number, word in enumerate(words):
        units = units_of(word.text, language)
        length = (word.end - word.start) / max(1, len(units))
        for index, unit in enumerate(units):
            start = word.start + index * length
            yield HeardUnit(unit, start, start + length, word.text.strip(), number, word.probability)
