"""Subtitles: a transcript's segments cut into what a viewer can read at once.

`cues` gives every subtitle format the same cuts; writers.py puts them in each format's words. A segment
too long for one cue is split where the sum of what splits cost is least (the idea is that of Knuth and
Plass, "Breaking Paragraphs into Lines", 1981), and so are the lines within a cue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any, Literal, get_args
from unicodedata import category, east_asian_width

from engine.languages import is_spaceless
from engine.option_specs import OptionSpec, check_names, option, parse_fields, specs_of
from engine.transcript import Segment, Transcript, Word, join_texts

SpeakerNames = Literal["name", "dash", "off"]
SPEAKER_NAMES: tuple[SpeakerNames, ...] = get_args(SpeakerNames)


@dataclass(frozen=True, slots=True)
class CueLimits:
    """How much a subtitle may hold, and how a file names the speakers.

    A single word that is longer than a limit still gets a cue or line of its own.

    Values may come as a form has them. Raises InvalidOption where one is out of range.
    """

    max_lines: int = option(2, "lines of a subtitle at most", minimum=1, maximum=10)
    max_width: int = option(
        42,
        "characters of a subtitle's line at most; Chinese, Japanese and Korean ones are wide and count as two",
        minimum=1,
        maximum=500,
    )
    max_seconds: float = option(
        7.0,
        "seconds of a subtitle at most, from the start of its first word to the end of its last",
        minimum=0.1,
        maximum=60,
    )
    max_words: int = option(
        0,
        "words of a subtitle at most; 1 shows one word at a time, 0 takes as many as fit, but 200 at most",
        minimum=0,
        maximum=100,
    )
    speaker_names: SpeakerNames = option(
        "name",
        "how a file names the speakers: 'name' writes who speaks, 'dash' sets a dash before each turn, "
        "'off' leaves names out",
        choices=SPEAKER_NAMES,
    )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> CueLimits:
        """Makes limits of named values that may come from a form. Raises InvalidOption for a name unknown."""
        return cls(**check_names(values, limit_specs()))

    def __post_init__(self) -> None:
        parse_fields(self, limit_specs())


def limit_specs() -> tuple[OptionSpec, ...]:
    """Returns every limit, in the order of the class."""
    return _LIMITS


_LIMITS = specs_of(CueLimits)


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: when it shows, in whole milliseconds, and its words line by line.

    speaker  the label of the person who speaks; None if that is not known
    prefix   what stands before the text at the start of a turn, such as "Anna: "
    """

    start: int
    end: int
    lines: tuple[tuple[Word, ...], ...]
    language: str | None
    speaker: str | None = None
    prefix: str = ""

    @property
    def text(self) -> str:
        lines = (join_texts((word.word for word in line), self.language) for line in self.lines)
        return self.prefix + "\n".join(lines)


# All in milliseconds. A cue shorter than 5/6 s (20 frames at 24 a second) is gone before it is found and read;
# in hundredths, which are all that ASS can say, that is 0.84 s.
_READABLE = 840
_APART = (
    84  # two frames: what a cue that cannot grow so far leaves before the next, so that the change is seen
)
_SHORTEST = 100  # of a cue that has room for no more, and of one at the very end whose words have no length


def cues(
    transcript: Transcript,
    limits: CueLimits = CueLimits(),
    prefix: Callable[[Segment], str] = lambda segment: "",
) -> Iterator[Cue]:
    """Yields the segments as cues within the limits, the long ones split where it reads best.

    prefix  returns what stands before the text of a segment that begins a turn; it counts as its first word's

    A cue lasts from its first word to the end of its last. One too short to be read lasts longer, if
    there is time before the next cue or the end of the file. It ends early where the next begins, and
    begins late (by milliseconds) only where words without length pile up on one instant, so that
    every cue has a length and none overlap.
    """
    drafts: list[Cue] = []
    speaker: str | None = None
    for segment in transcript.segments:
        begins_turn = segment.speaker is not None and segment.speaker != speaker
        speaker = segment.speaker
        drafts += _split(segment, transcript, limits, prefix(segment) if begins_turn else "")
    starts: list[int] = []
    for draft in drafts:
        starts.append(max(draft.start, starts[-1] + 1 if starts else 0))
    shortest = min(_READABLE, round(1000 * limits.max_seconds))
    file_end = _milliseconds(transcript.duration)
    for draft, start, following in zip(drafts, starts, [*starts, None][1:], strict=True):
        end = _end(start, draft.end, following, file_end, shortest)
        yield replace(draft, start=start, end=end)


def _end(start: int, said: int, following: int | None, file_end: int, shortest: int) -> int:
    """Returns when a cue ends, in milliseconds.

    said       the end of its last word
    following  the start of the next cue
    shortest   how long the cue lasts at least, if there is room
    """
    room = file_end if following is None else following
    wanted = start + shortest
    if wanted > room and following is not None:
        wanted = max(room - _APART, start + _SHORTEST)
    end = max(said, min(wanted, room))
    if end <= start:  # words without length at the end of the file
        end = start + _SHORTEST
    return end if following is None else min(end, following)


def _split(segment: Segment, transcript: Transcript, limits: CueLimits, prefix: str) -> Iterator[Cue]:
    language = segment.language or transcript.language
    texts = [(word, one_line(word.word)) for word in segment.words]
    row = Row([replace(word, word=text) for word, text in texts if text], language, limits, _width(prefix))
    for first, last in _partition(len(row.words), row.cue_reach, row.cue_cost):
        lines = _partition(last - first, *row.lines_of(first, last))
        yield Cue(
            start=_milliseconds(row.words[first].start),
            end=max(_milliseconds(word.end) for word in row.words[first:last]),
            lines=tuple(tuple(row.words[first + a : first + b]) for a, b in lines),
            language=language,
            speaker=segment.speaker,
            prefix="" if first else prefix,
        )


Reach = Callable[[int], int]
Cost = Callable[[int, int], float]


def _partition(count: int, reach: Reach, cost: Cost) -> list[tuple[int, int]]:
    """Cuts `count` items in a row into the groups [a, b) of the least total cost.

    reach(a) is the largest b that a group from a may have; cost(a, b) is what that group costs.
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


# A full stop, a comma: the ends of a sentence and of a clause, in the scripts that Whisper writes.
_SENTENCE_ENDS = tuple(".!?…。！？｡．؟۔।॥။።։᠃")
_CLAUSE_ENDS = tuple(",;:،؛、，；：､፣၊")
_CLOSING = "\"'”’»›)]}」』）】》〉"
_PAUSE = 0.25  # seconds between words that a listener takes for a phrase's end
_MOST_WORDS = 200  # of a cue without a limit of its own; the work grows with words times this
_ONE_MORE_LINE = 100.0  # more than the worst break costs: no line more than needed


class Row:
    """The words of one segment, measured, with what it costs to break between them."""

    def __init__(
        self, words: Sequence[Word], language: str | None, limits: CueLimits, prefix: int = 0
    ) -> None:
        """`prefix` is the width of what stands before the first word."""
        self.words = words
        self.limits = limits
        self.space = 0 if is_spaceless(language) else 1
        # edges[b] - edges[a] is the width of words a to b, each with a space after it.
        widths = [_width(word.word) + self.space for word in words]
        widths[:1] = [width + prefix for width in widths[:1]]
        self.edges = list(accumulate(widths, initial=0))
        inner = [_break_cost(before, after) for before, after in pairwise(words)]
        self.break_costs = [0.0, *inner, 0.0]  # of a break before each word, and after the last

    def width(self, a: int, b: int) -> int:
        return self.edges[b] - self.edges[a] - self.space

    def line_reach(self, a: int, stop: int) -> int:
        b = a + 1
        while b < stop and self.width(a, b + 1) <= self.limits.max_width:
            b += 1
        return b

    def cue_reach(self, a: int) -> int:
        stop = a + 1
        latest = _milliseconds(self.words[a].start) + 1000 * self.limits.max_seconds
        count = a + (self.limits.max_words or _MOST_WORDS)
        while stop < min(count, len(self.words)) and _milliseconds(self.words[stop].end) <= latest:
            stop += 1
        b = a
        for _ in range(self.limits.max_lines):
            b = self.line_reach(b, stop) if b < stop else b
        return b

    def cue_cost(self, a: int, b: int) -> float:
        return 1 + self.cost(a, b, self.limits.max_lines * self.limits.max_width)

    def lines_of(self, first: int, last: int) -> tuple[Reach, Cost]:
        """Returns reach and cost of the lines of the cue [first, last), counted from its first word."""

        def cost(a: int, b: int) -> float:
            return _ONE_MORE_LINE + self.cost(first + a, first + b, self.limits.max_width, last)

        return lambda a: self.line_reach(first + a, last) - first, cost

    def cost(self, a: int, b: int, room: int, last: int | None = None) -> float:
        """The room left empty, squared, so that parts come out alike, and the break at the end."""
        empty = max(0.0, 1 - self.width(a, b) / room)
        return 2 * empty**2 + (0.0 if b == last else self.break_costs[b])


def _break_cost(before: Word, after: Word) -> float:
    """How badly a break between two words reads: not at all after a sentence, most within a phrase."""
    text = before.word.rstrip(_CLOSING)
    if text.endswith(_SENTENCE_ENDS):
        return 0.0
    if text.endswith(_CLAUSE_ENDS) or after.start - before.end >= _PAUSE:
        return 0.4
    return 2.0


# Everything that some reader takes for the end of a line or of a field, and other control characters.
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """Returns the text on one line; spaces that do not break stay as they are."""
    return _BREAKS.sub(" ", text).strip(" ")


def _width(text: str) -> int:
    """Returns the columns that the text takes: wide characters two, marks on others none."""
    return sum(
        0 if category(character) in ("Mn", "Me", "Cf") else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
