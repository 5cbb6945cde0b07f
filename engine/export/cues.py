"""Cuts a transcript's segments into cues for subtitles.

`cues` gives every subtitle format the same cuts; writers.py writes them in each format. A segment too long
for one cue is split at the least total cost (after Knuth and Plass, "Breaking Paragraphs into Lines", 1981),
and so are the lines of a cue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any, Literal, get_args
from unicodedata import category, east_asian_width

from engine.languages import is_spaceless
from engine.option_parsing import OptionSpec, check_names, option, parse_fields, specs_of
from engine.transcript import Segment, Transcript, Word, join_texts

SpeakerNames = Literal["name", "dash", "off"]
SPEAKER_NAMES: tuple[SpeakerNames, ...] = get_args(SpeakerNames)


@dataclass(frozen=True, slots=True)
class CueLimits:
    """Limits the size of a cue, and says how a file names the speakers.

    A single longer word still gets its own cue or line.

    Values may be text from a form. Raises InvalidOption if one is out of range.
    """

    max_lines: int = option(2, "most lines of a subtitle", minimum=1, maximum=10)
    max_width: int = option(
        42,
        "most characters of a subtitle's line; Chinese, Japanese and Korean characters count as two",
        minimum=1,
        maximum=500,
    )
    max_seconds: float = option(
        7.0,
        "most seconds of a subtitle, from the start of its first word to the end of its last",
        minimum=0.1,
        maximum=60,
    )
    max_words: int = option(
        0,
        "most words of a subtitle; 1 shows one word at a time, 0 takes as many as fit, up to 200",
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
        """Makes limits of named values. Raises InvalidOption for an unknown name."""
        return cls(**check_names(values, limit_specs()))

    def __post_init__(self) -> None:
        parse_fields(self, limit_specs())


def limit_specs() -> tuple[OptionSpec, ...]:
    """Returns the spec of every limit, in the order of the class."""
    return _LIMITS


_LIMITS = specs_of(CueLimits)


@dataclass(frozen=True, slots=True)
class Cue:
    """Holds one subtitle: start and end in whole milliseconds, and its words by line.

    speaker  label of the speaker; None if unknown
    prefix   text before the words at the start of a turn, such as "Anna: "
    """

    start: int
    end: int
    lines: tuple[tuple[Word, ...], ...]
    language: str | None
    speaker: str | None = None
    prefix: str = ""

    @property
    def text(self) -> str:
        """Returns the lines, joined by line breaks."""
        lines = (join_texts((word.word for word in line), self.language) for line in self.lines)
        return self.prefix + "\n".join(lines)


# In milliseconds. A cue shorter than 5/6 s (20 frames at 24 per second) ends before viewers have read it; ASS
# times have hundredths, so that this is 0.84 s.
_READABLE = 840
_APART = 84  # two frames before the next cue, if this cue is extended, so that viewers see the change
_SHORTEST = 100  # of a cue without room, and of a cue at the file's end whose words have no duration


def cues(
    transcript: Transcript,
    limits: CueLimits = CueLimits(),
    prefix: Callable[[Segment], str] = lambda segment: "",
) -> Iterator[Cue]:
    """Yields the segments as cues within the limits; long segments are split.

    prefix  returns the text before a segment that begins a turn; its width counts as the first word's

    A cue lasts from its first word to the end of its last. A cue too short to be read is extended if there is
    time before the next cue or the end of the file. A cue ends early if the next one begins. It begins late,
    by milliseconds, only if words without duration share one instant. So every cue has a duration and no two
    overlap.
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
        end = _end(start, draft.end, following, file_end=file_end, shortest=shortest)
        yield replace(draft, start=start, end=end)


def _end(start: int, said: int, following: int | None, file_end: int, shortest: int) -> int:
    """Returns the end of a cue; all values in milliseconds.

    said       end of the cue's last word
    following  start of the next cue
    shortest   least duration of the cue, if there is room
    """
    room = file_end if following is None else following
    wanted = start + shortest
    if wanted > room and following is not None:
        wanted = max(room - _APART, start + _SHORTEST)
    end = max(said, min(wanted, room))
    if end <= start:  # words without duration at the end of the file
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


# Marks that end a sentence or a clause, in the scripts that Whisper writes.
_SENTENCE_ENDS = tuple(".!?…。！？｡．؟۔।॥။።։᠃")
_CLAUSE_ENDS = tuple(",;:،؛、，；：､፣၊")
_CLOSING = "\"'”’»›)]}」』）】》〉"
_PAUSE = 0.25  # seconds between words that sound like the end of a phrase
_MOST_WORDS = 200  # in a cue without a limit; the work grows with words times this
_ONE_MORE_LINE = 100.0  # above the cost of the worst break, so that a cue has no more lines than needed


class Row:
    """Measures the words of one segment, and the cost of a break between any two."""

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
        self.break_costs = [0.0, *inner, 0.0]  # cost of a break before each word, and after the last

    def width(self, a: int, b: int) -> int:
        """Returns the columns of the words [a, b) on one line."""
        return self.edges[b] - self.edges[a] - self.space

    def line_reach(self, a: int, stop: int) -> int:
        """Returns the end of the longest line that starts at word a, at most `stop`."""
        b = a + 1
        while b < stop and self.width(a, b + 1) <= self.limits.max_width:
            b += 1
        return b

    def cue_reach(self, a: int) -> int:
        """Returns the end of the longest cue that starts at word a."""
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
        """Returns the cost of a cue of the words [a, b)."""
        return 1 + self.cost(a, b, self.limits.max_lines * self.limits.max_width)

    def lines_of(self, first: int, last: int) -> tuple[Reach, Cost]:
        """Returns reach and cost of the lines of a cue [first, last), from its first word."""

        def cost(a: int, b: int) -> float:
            return _ONE_MORE_LINE + self.cost(first + a, first + b, self.limits.max_width, last=last)

        return lambda a: self.line_reach(first + a, last) - first, cost

    def cost(self, a: int, b: int, room: int, last: int | None = None) -> float:
        """Returns the cost of the empty room, squared for equal parts, and of the break."""
        empty = max(0.0, 1 - self.width(a, b) / room)
        return 2 * empty**2 + (0.0 if b == last else self.break_costs[b])


def _break_cost(before: Word, after: Word) -> float:
    """Returns how badly a break between two words reads: 0 after a sentence, up to 2."""
    text = before.word.rstrip(_CLOSING)
    if text.endswith(_SENTENCE_ENDS):
        return 0.0
    if text.endswith(_CLAUSE_ENDS) or after.start - before.end >= _PAUSE:
        return 0.4
    return 2.0


# Characters that some reader takes for the end of a line or field, and other control characters.
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """Returns the text on one line, with its no-break spaces."""
    return _BREAKS.sub(" ", text).strip(" ")


def _width(text: str) -> int:
    """Returns the columns of a text: wide characters take two, combining marks none."""
    return sum(
        0 if category(character) in ("Mn", "Me", "Cf") else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
