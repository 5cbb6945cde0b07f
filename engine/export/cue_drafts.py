"""Cuts a transcript's segments into the words of subtitles, and joins those that are too short.

A segment too long for one cue is split. Neighbours of one speaker are joined if one of them could not be read alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from engine.export.cue_limits import CueLimits
from engine.export.draft import Draft
from engine.export.partition import Row, partition
from engine.export.text_width import one_line, width
from engine.text.sentence_ends import CLOSING, MARKS, STOPS
from engine.transcript import Segment, Transcript, Word

JOIN_PAUSE = 1.0  # seconds between two cues that are too far apart to be one
_JOINED = 0.6  # cost of a joint, so that sentences which can be read stay apart
_LONE_WORD = 2.0  # of a cue of one word
_TWO_THOUGHTS = 1.5  # of a cue that ends in the middle of a sentence after the end of another
_DOUBLED = 2.0  # haste counts twice beside joints

Prefix = Callable[[Segment], str]


@dataclass(slots=True)
class _Passage:
    """Words that may be cut anywhere: a segment, and the next ones as long as no sentence ends.

    words  each with its index in the transcript
    """

    words: list[tuple[int, Word]]
    language: str | None
    speaker: str | None
    prefix: str

    def is_continued_by(self, segment: Segment, language: str | None) -> bool:
        last = self.words[-1][1]
        ended = last.word.rstrip(CLOSING).endswith((*STOPS, *MARKS))
        same = (self.speaker, self.language) == (segment.speaker, language)
        return same and not ended and segment.words[0].start - last.end <= JOIN_PAUSE


def drafts(transcript: Transcript, limits: CueLimits, prefix: Prefix) -> list[Draft]:
    """Returns the cues of a transcript as words, in order."""
    passages = _passages(transcript, prefix)
    starts = [passage.words[0][1].start for passage in passages]
    found = [
        draft
        for passage, until in zip(passages, [*starts[1:], None], strict=False)
        for draft in _split(passage, limits, until)
    ]
    return _join(found, limits)


def _passages(transcript: Transcript, prefix: Prefix) -> list[_Passage]:
    passages: list[_Passage] = []
    speaker: str | None = None
    at = 0
    for segment in transcript.segments:
        begins_turn = segment.speaker is not None and segment.speaker != speaker
        speaker = segment.speaker
        texts = (
            (index, replace(word, word=one_line(word.word))) for index, word in enumerate(segment.words, at)
        )
        words = [(index, word) for index, word in texts if word.word]
        at += len(segment.words)
        language = segment.language or transcript.language
        if words and passages and passages[-1].is_continued_by(segment, language):
            passages[-1].words += words
        elif words:
            passages.append(_Passage(words, language, speaker, prefix(segment) if begins_turn else ""))
    return passages


def _split(passage: _Passage, limits: CueLimits, until: float | None) -> Iterator[Draft]:
    """Yields the cues of one passage; the next one begins at `until`."""
    shown = passage.words
    edges = [place for place, (_, word) in enumerate(shown) if word.cue and place]
    parts = [shown[a:b] for a, b in pairwise([0, *edges, len(shown)])]
    for number, part in enumerate(parts):
        words = [word for _, word in part]
        is_last = number + 1 == len(parts)
        before = passage.prefix if number == 0 else ""
        ends = until if is_last else parts[number + 1][0][1].start
        row = Row(words, passage.language, limits, prefix=width(before), until=ends)
        for first, last in partition(len(words), row.cue_reach, row.cue_cost):
            yield Draft(
                words=tuple(words[first:last]),
                first=part[first][0],
                count=part[last - 1][0] - part[first][0] + 1,
                language=passage.language,
                speaker=passage.speaker,
                prefix=before if first == 0 else "",
                ends_sentence=is_last and last == len(words),
                begins=words[first].cue is True,
                continues=words[first].cue is False,
            )


def _join(found: Sequence[Draft], limits: CueLimits) -> list[Draft]:
    """Returns the drafts, with neighbours joined if one of them is too short alone."""
    joined: list[Draft] = []
    runs = list(_runs(found))
    starts = [run[0].words[0].start for run in runs]
    for run, until in zip(runs, [*starts[1:], None], strict=False):
        alone = len(run) == 1 or limits.max_words == 1
        joined += run if alone else _Joints(run, limits, until).best()
    return joined


def _runs(found: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Yields neighbours that may be joined; those that somebody has joined are one draft already."""
    run: list[Draft] = []
    for draft in found:
        if run and draft.continues and draft.speaker == run[-1].speaker:
            run[-1] = _united([run[-1], draft])
            continue
        if run and not _is_near(run[-1], draft):
            yield run
            run = []
        run.append(draft)
    if run:
        yield run


def _is_near(before: Draft, after: Draft) -> bool:
    same = (before.speaker, before.language) == (after.speaker, after.language)
    return same and not after.begins and not after.prefix and after.words[0].start - before.end <= JOIN_PAUSE


def _united(group: Sequence[Draft]) -> Draft:
    words = tuple(word for draft in group for word in draft.words)
    last = group[-1]
    count = last.first + last.count - group[0].first
    return replace(group[0], words=words, count=count, ends_sentence=last.ends_sentence)


class _Joints:
    """Chooses which neighbours of a run to join.

    until  seconds at which the words after the run begin; None if nothing follows
    """

    def __init__(self, run: Sequence[Draft], limits: CueLimits, until: float | None) -> None:
        self._run = run
        words = [word for draft in run for word in draft.words]
        self._row = Row(words, run[0].language, limits, prefix=width(run[0].prefix), until=until)
        self._edges = list(accumulate((len(draft.words) for draft in run), initial=0))
        # Sums up to each draft: of the pauses before it, and of those that end a sentence.
        gaps = (max(0.0, two.words[0].start - one.end) for one, two in pairwise(run))
        self._pauses = list(accumulate(gaps, initial=0.0))
        self._ended = list(accumulate((draft.ends_sentence for draft in run), initial=0))

    def best(self) -> list[Draft]:
        """Returns the drafts of the run, joined at the least cost."""
        groups = partition(len(self._run), self._reach, self._cost)
        return [_united(self._run[a:b]) for a, b in groups]

    def _reach(self, a: int) -> int:
        b = a + 1
        end = self._row.cue_reach(self._edges[a])
        while b < len(self._run) and self._edges[b + 1] <= end:
            b += 1
        return b

    def _cost(self, a: int, b: int) -> float:
        first, last = self._edges[a], self._edges[b]
        room = self._row.starts[last] - self._row.starts[first]
        cost = _DOUBLED * self._row.haste(first, last, room)
        if last - first == 1 and len(self._run) > 1:
            cost += _LONE_WORD
        cost += _JOINED * (b - a - 1) + self._pauses[b - 1] - self._pauses[a]
        ended_inside = self._ended[b - 1] > self._ended[a]
        return cost + (_TWO_THOUGHTS if ended_inside and not self._run[b - 1].ends_sentence else 0.0)
