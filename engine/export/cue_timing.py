"""Sets the times of subtitles: long enough to be read, with a gap before the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.export.cue_limits import CueLimits
from engine.export.draft import Draft
from engine.export.text_width import read_characters
from engine.transcript import join_texts

_SHORTEST = (
    100  # milliseconds of a cue without room, and of one at the file's end whose words have no duration
)


def cue_times(found: Sequence[Draft], limits: CueLimits, duration: float) -> Iterator[tuple[int, int]]:
    """Yields start and end of each cue in whole milliseconds; `duration` is the file's, in seconds.

    A cue begins with its first word, or late by milliseconds if words without duration share one instant. Every cue
    has a duration, and no two overlap. Times that somebody has set come first.
    """
    starts: list[int] = []
    for draft in found:
        chosen = draft.words[0].cue_start
        start = draft.words[0].start if chosen is None else min(chosen, draft.end)
        starts.append(max(milliseconds(start), starts[-1] + 1 if starts else 0))
    file_end = milliseconds(duration)
    for draft, start, following in zip(found, starts, [*starts[1:], None], strict=False):
        chosen = draft.words[-1].cue_end
        if chosen is not None and milliseconds(chosen) > start:
            end = milliseconds(chosen)
            yield start, end if following is None else min(end, following)
        elif following is None:
            yield start, _last_end(draft, start, limits, file_end=file_end)
        else:
            yield start, _end(draft, start, limits, following=following)


def _last_end(draft: Draft, start: int, limits: CueLimits, file_end: int) -> int:
    """Returns the end of the last cue."""
    end = max(milliseconds(draft.end), min(_wanted(draft, start, limits), file_end))
    return end if end > start else start + _SHORTEST  # words without duration at the end of the file


def _end(draft: Draft, start: int, limits: CueLimits, following: int) -> int:
    """Returns the end of a cue before another one, which starts at `following`."""
    last = following - milliseconds(limits.min_gap)
    wanted = max(milliseconds(draft.end), _wanted(draft, start, limits))
    longest = start + milliseconds(limits.max_seconds)
    if wanted < last <= longest and following - wanted < milliseconds(limits.chain_gap):
        wanted = last
    end = min(wanted, last)
    shortest = start + _shortest(limits)
    if end < shortest:  # the gap gives way to what can be read, but not to what cannot be read in any case
        end = min(wanted, shortest) if shortest <= following else max(last, start + _SHORTEST)
    return min(end, following)


def _wanted(draft: Draft, start: int, limits: CueLimits) -> int:
    """Returns until when a cue has to stay to be read, within the most seconds of a cue."""
    texts = join_texts((word.word for word in draft.words), draft.language)
    reading = milliseconds(read_characters(draft.prefix + texts) / limits.cps(draft.language))
    return start + min(max(_shortest(limits), reading), milliseconds(limits.max_seconds))


def _shortest(limits: CueLimits) -> int:
    return milliseconds(min(limits.min_seconds, limits.max_seconds))


def milliseconds(seconds: float) -> int:
    """Returns whole milliseconds."""
    return round(seconds * 1000)
