"""The rules for subtitles, as Subtitle Edit and publishers have them: times, sizes, text.

Each function takes one cue with its neighbours and yields findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.export.cue_limits import CueLimits
from engine.export.syntax_words import BINDERS
from engine.export.text_width import read_characters, width
from engine.languages import is_spaceless
from engine.lint.issues import Issue, Rule
from engine.text.subtitle_reader import ShownCue

TOLERANCE = 10  # milliseconds; the times of ASS have hundredths of a second
FAST_TOLERANCE = 0.1  # characters a second; ends are whole milliseconds
WORDS_A_MINUTE = 400.0  # Subtitle Edit's default
UNBREAK = 33  # characters; Subtitle Edit joins the lines of shorter cues
NEAR = 500  # milliseconds between a single word and the cue that could take it

_TAG = re.compile(r"<(/?)([a-z]+)[^>]*>", re.IGNORECASE)
_PAIRED = ("i", "b", "u", "font", "c", "ruby", "rt")
_SPACES = re.compile(r"^[ \t]|[ \t]$|[ \t]{2}| [.,](?!\.)")
_BROKEN = re.compile("[\ufffd\x00-\x08\x0b-\x1f\x7f-\x9f]|Ã[\x80-\xbf¤©¨¼¶Ÿ]|â€[\x80-\xbf™œ]")
_DASH = re.compile(r"^\s*[-–—]\s*\S")


@dataclass(frozen=True, slots=True)
class Context:
    """One cue between its neighbours, with what is allowed."""

    cue: ShownCue
    before: ShownCue | None
    after: ShownCue | None
    limits: CueLimits
    language: str | None
    file_end: int | None = None  # milliseconds

    @property
    def duration(self) -> int:
        return self.cue.end - self.cue.start

    @property
    def room(self) -> float:
        """Returns the milliseconds that the cue could be shown for, up to the gap before the next one."""
        if self.after is None:
            return float("inf") if self.file_end is None else self.file_end - self.cue.start
        return self.after.start - round(1000 * self.limits.min_gap) - self.cue.start

    @property
    def texts(self) -> tuple[str, ...]:
        """Returns the lines without tags."""
        return tuple(_TAG.sub("", line) for line in self.cue.lines)

    @property
    def text(self) -> str:
        return " ".join(line.strip() for line in self.texts if line.strip())

    def issue(
        self, rule: Rule, value: float | None = None, limit: float | None = None, room: bool = True
    ) -> Issue:
        return Issue(rule, self.cue.number, self.cue.start, self.cue.end, value, limit, has_room=room)


def order(context: Context) -> Iterator[Issue]:
    """Finds cues that overlap, go back, or have no duration."""
    cue, after = context.cue, context.after
    if cue.end <= cue.start:
        yield context.issue("no_duration")
    if context.before is not None and cue.start < context.before.start:
        yield context.issue("order")
    if after is not None and cue.start <= after.start < cue.end:
        yield context.issue("overlap", value=(cue.end - after.start) / 1000)


def durations(context: Context) -> Iterator[Issue]:
    """Finds cues that are shown too briefly or too long."""
    shown, limits = context.duration, context.limits
    if shown <= 0:
        return
    least = 1000 * min(limits.min_seconds, limits.max_seconds)
    if shown + TOLERANCE < least:
        room = context.room + TOLERANCE >= least
        yield context.issue("too_short", value=shown / 1000, limit=limits.min_seconds, room=room)
    if shown - TOLERANCE > 1000 * limits.max_seconds:
        yield context.issue("too_long", value=shown / 1000, limit=limits.max_seconds)


def reading_speed(context: Context) -> Iterator[Issue]:
    """Finds cues with more to read than their time allows."""
    shown = context.duration
    if shown <= 0:
        return
    most = context.limits.cps(context.language)
    characters = read_characters(context.text)
    speed = 1000 * characters / shown
    if speed > most + FAST_TOLERANCE:
        longest = min(context.room, 1000 * context.limits.max_seconds)
        yield context.issue("too_fast", value=speed, limit=most, room=shown + TOLERANCE < longest)
    words = len(context.text.split())
    a_minute = 60_000 * words / shown
    if words > 1 and not is_spaceless(context.language) and a_minute > WORDS_A_MINUTE:
        room = shown + TOLERANCE < context.room
        yield context.issue("too_many_words", value=a_minute, limit=WORDS_A_MINUTE, room=room)


def gaps(context: Context) -> Iterator[Issue]:
    """Finds gaps to the next cue that are too short, or too long to be left open."""
    limits = context.limits
    if context.after is None:
        return
    gap = (context.after.start - context.cue.end) / 1000
    if 0 <= gap < limits.min_gap - TOLERANCE / 1000:
        least = 1000 * limits.min_seconds
        room = context.duration - 1000 * (limits.min_gap - gap) + TOLERANCE >= least
        yield context.issue("gap_too_short", value=gap, limit=limits.min_gap, room=room)
    elif limits.min_gap + TOLERANCE / 1000 < gap < limits.chain_gap:
        room = context.room <= 1000 * limits.max_seconds
        yield context.issue("gap_open", value=gap, limit=limits.chain_gap, room=room)


def size(context: Context) -> Iterator[Issue]:
    """Finds lines that are too long, too many or empty."""
    lines = context.texts
    most = context.limits.width(context.language)
    widest = max((width(line.strip()) for line in lines if len(line.split()) != 1), default=0)
    if widest > most:
        yield context.issue("line_too_long", value=widest, limit=most)
    count = sum(bool(line.strip()) for line in lines)
    if count > context.limits.max_lines:
        yield context.issue("too_many_lines", value=count, limit=context.limits.max_lines)
    if not context.text:
        yield context.issue("empty")
    elif not all(line.strip() for line in lines):
        yield context.issue("empty_line")


def breaks(context: Context) -> Iterator[Issue]:
    """Finds lines that break badly or for nothing, and words that stand alone."""
    lines = [line for line in context.texts if line.strip()]
    dialogue = any(_DASH.match(line) for line in lines)
    shortest = min(UNBREAK, context.limits.width(context.language))
    sentences = sum(line.rstrip().endswith((".", "!", "?", "…", "。", "！", "？")) for line in lines[:-1])
    if len(lines) > 1 and not dialogue and not sentences and width(context.text) <= shortest:
        yield context.issue("needless_break", limit=shortest)
    last_words = [line.split()[-1].lower() for line in lines[:-1]]
    if any(word in BINDERS.get(context.language or "en", ()) for word in last_words):
        yield context.issue("bad_break")
    if len(lines) == 2 and _DASH.match(lines[1]) and not _DASH.match(lines[0]):
        yield context.issue("one_dash")
    if (
        len(context.text.split()) == 1
        and not dialogue
        and context.limits.max_words != 1
        and _could_join(context)
    ):
        yield context.issue("lone_word")


def _could_join(context: Context) -> bool:
    """Returns whether a neighbour could take a cue of one word, on a line of its own sentence."""
    if is_spaceless(context.language):
        return False
    most = context.limits.width(context.language)
    for one, two in ((context.before, context.cue), (context.cue, context.after)):
        if one is None or two is None:
            continue
        texts = [" ".join(line.strip() for line in cue.lines) for cue in (one, two)]
        is_near = two.start - one.end <= NEAR and two.end - one.start <= 1000 * context.limits.max_seconds
        if is_near and width(" ".join(texts)) <= most and not any(_DASH.match(text) for text in texts):
            return True
    return False


def text(context: Context) -> Iterator[Issue]:
    """Finds needless spaces, unclosed tags and damaged characters."""
    lines = context.cue.lines
    french = context.language == "fr"
    if any(_SPACES.search(line) or (not french and re.search(r"\S [!?;:](?!\S)", line)) for line in lines):
        yield context.issue("spaces")
    opened: list[str] = []
    unclosed = False
    for closing, name in _TAG.findall(" ".join(lines)):
        if name.lower() not in _PAIRED:
            continue
        if not closing:
            opened.append(name.lower())
        elif not opened or opened.pop() != name.lower():
            unclosed = True
    if unclosed or opened:
        yield context.issue("unclosed_tag")
    if any(_BROKEN.search(line) for line in lines):
        yield context.issue("broken_characters")


def numbering(context: Context) -> Iterator[Issue]:
    """Finds numbers of SRT that do not count up by one."""
    counter = context.cue.counter
    if counter is not None and counter != context.cue.number:
        before = context.before.counter if context.before else 0
        if before is None or counter != before + 1:
            wanted = context.cue.number if before is None else before + 1
            yield context.issue("numbering", value=counter, limit=wanted)


CHECKS: tuple[Callable[[Context], Iterator[Issue]], ...] = (
    order,
    durations,
    reading_speed,
    gaps,
    size,
    breaks,
    text,
    numbering,
)
