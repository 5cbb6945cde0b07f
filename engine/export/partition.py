"""Cuts words into subtitles and subtitles into lines, at the least total cost.

After Knuth and Plass, "Breaking Paragraphs into Lines", 1981.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from engine.export.breaks import WORST, break_costs
from engine.export.cue_limits import CueLimits
from engine.export.text_width import read_characters, width
from engine.languages import is_spaceless
from engine.transcript import Word

Reach = Callable[[int], int]
Cost = Callable[[int, int], float]

MAX_WORDS = 200  # in a cue without a limit; the work grows with words times this
_ONE_MORE_LINE = 100.0  # above the cost of the worst break, so that a cue has no more lines than needed
_GLUED = 10_000.0  # of a break that somebody has taken out
_SHORT = 3.0  # of a cue that is too short to be read
_TOO_FAST = 4.0  # of a cue that is twice as fast as can be read
_ORPHAN = 3.0  # of a single word apart from the rest of its sentence
_ORPHAN_LINE = 1.5
_SMALL = 6  # columns of a word that looks lost on a line of its own
assert _ONE_MORE_LINE > WORST


def partition(count: int, reach: Reach, cost: Cost) -> list[tuple[int, int]]:
    """Cuts `count` items into groups [a, b) of the least total cost.

    reach(a) is the largest b of a group that starts at a; cost(a, b) is the cost of that group.
    """
    least = [0.0] + [float("inf")] * count
    came_from = [0] * (count + 1)
    for a in range(count):
        for b in range(a + 1, reach(a) + 1):
            total = least[a] + cost(a, b)
            if total < least[b]:
                least[b], came_from[b] = total, a
    groups: list[tuple[int, int]] = []
    b = count
    while b > 0:
        groups.append((came_from[b], b))
        b = came_from[b]
    return groups[::-1]


class Row:
    """Measures words in a row, and the cost of a break between any two.

    prefix  width of what stands before the first word
    until   seconds at which the words of others begin; None if nothing follows
    """

    def __init__(
        self,
        words: Sequence[Word],
        language: str | None,
        limits: CueLimits,
        *,
        prefix: int = 0,
        until: float | None = None,
    ) -> None:
        self.words = words
        self.limits = limits
        self.max_width = limits.width(language)
        self.cps = limits.cps(language)
        self.space = 0 if is_spaceless(language) else 1
        # edges[b] - edges[a] is the width of words a to b, each with a space after it.
        widths = [width(word.word) + self.space for word in words]
        widths[:1] = [first + prefix for first in widths[:1]]
        self.edges = list(accumulate(widths, initial=0))
        self.letters = list(accumulate((read_characters(w.word) + self.space for w in words), initial=0))
        self.starts = [word.start for word in words] + [float("inf") if until is None else until]
        costs = break_costs(words, language)
        # The cost of a break before each word, and after the last.
        self.break_costs = [
            _GLUED if 0 < index < len(words) and words[index].cue is False else each
            for index, each in enumerate(costs)
        ]

    def width(self, a: int, b: int) -> int:
        """Returns the columns of the words [a, b) on one line."""
        return self.edges[b] - self.edges[a] - self.space

    def characters(self, a: int, b: int) -> int:
        """Returns the characters that are read in the words [a, b)."""
        return self.letters[b] - self.letters[a] - self.space

    def line_reach(self, a: int, stop: int) -> int:
        """Returns the end of the longest line that starts at word a, at most `stop`."""
        b = a + 1
        while b < stop and self.width(a, b + 1) <= self.max_width:
            b += 1
        return b

    def fits(self, a: int, b: int) -> bool:
        """Returns whether the words [a, b) are within the limits of one cue."""
        return self.cue_reach(a) >= b

    def cue_reach(self, a: int) -> int:
        """Returns the end of the longest cue that starts at word a."""
        stop = a + 1
        latest = 1000 * self.words[a].start + 1000 * self.limits.max_seconds
        count = a + (self.limits.max_words or MAX_WORDS)
        while stop < min(count, len(self.words)) and round(1000 * self.words[stop].end) <= latest:
            stop += 1
        b = a
        for _ in range(self.limits.max_lines):
            b = self.line_reach(b, stop) if b < stop else b
        while b < len(self.words) and self.words[b].cue is False:
            b += 1
        return b

    def cue_cost(self, a: int, b: int) -> float:
        """Returns the cost of a cue of the words [a, b)."""
        room = self.starts[b] - self.starts[a]
        cost = 1 + self.cost(a, b, self.limits.max_lines * self.max_width) + self.haste(a, b, room)
        return cost + (_ORPHAN if b - a == 1 and self.limits.max_words != 1 < len(self.words) else 0.0)

    def haste(self, a: int, b: int, room: float) -> float:
        """Returns the cost of too little time to read the words [a, b); `room` is in seconds up to the next ones."""
        room -= self.limits.min_gap
        short = _SHORT if room < self.limits.min_seconds else 0.0
        needed = self.characters(a, b) / self.cps
        return short + (_TOO_FAST * min(1.0, needed / room - 1) if 0 < room < needed else 0.0)

    def lines(self, first: int, last: int) -> list[tuple[int, int]]:
        """Returns the lines of the cue [first, last), counted from its first word."""

        def cost(a: int, b: int) -> float:
            lost = b - a == 1 < last - first and self.width(first + a, first + b) <= _SMALL
            parts = self.cost(first + a, first + b, self.max_width, last=last)
            return _ONE_MORE_LINE + parts + (_ORPHAN_LINE if lost else 0.0)

        return partition(last - first, lambda a: self.line_reach(first + a, last) - first, cost)

    def cost(self, a: int, b: int, room: int, last: int | None = None) -> float:
        """Returns the cost of the empty room, squared for equal parts, and of the break."""
        empty = max(0.0, 1 - self.width(a, b) / room)
        return 2 * empty**2 + (0.0 if b == last else self.break_costs[b])
