"""Labels of speakers on words, and segments cut where the speaker changes."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from engine.diarization.turns import Turn
from engine.text.segments import make_segment
from engine.transcript import Segment, Word


class TurnIndex:
    """Finds the speaker of a word among turns, as WhisperX does: the most overlap, else the nearest turn."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        """`turns` are in order of start, with one speaker at each moment."""
        self._turns = turns
        self._starts = [turn.start for turn in turns]
        self._ends = [turn.end for turn in turns]

    def speaker_of(self, start: float, end: float) -> int | None:
        """Returns the number of the speaker of a stretch of seconds; None if there are no turns."""
        first = bisect_left(self._ends, start)
        last = bisect_left(self._starts, end)
        shared: dict[int, float] = {}
        for turn in self._turns[first:last]:
            both = min(turn.end, end) - max(turn.start, start)
            if both > 0:
                shared[turn.speaker] = shared.get(turn.speaker, 0.0) + both
        if shared:
            return max(shared, key=lambda speaker: shared[speaker])
        near = self._turns[max(first - 1, 0) : last + 1]
        nearest = min(near, key=lambda turn: max(turn.start - end, start - turn.end), default=None)
        return None if nearest is None else nearest.speaker


def split_by_speaker(segment: Segment) -> list[Segment]:
    """Cuts a segment whose words are labelled where the speaker changes for more than one word.

    A single word of somebody else keeps its label and stays in the sentence. Each part is labelled with the
    speaker of most of its words. Ids are left as they are.
    """
    return [segment_of(words, segment) for words in speaker_runs(segment.words)]


def speaker_runs(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """Groups words into runs of one speaker, of which each may hold single words of others."""
    runs: list[list[Word]] = []
    waiting: list[Word] = []  # single words of others before the first run
    for _, group in groupby(words, key=lambda word: word.speaker):
        run = list(group)
        unlabelled = run[0].speaker is None
        if runs and (len(run) == 1 or unlabelled or run[0].speaker == main_speaker(runs[-1])):
            runs[-1] += run
        elif len(run) == 1 or unlabelled:
            waiting += run
        else:
            runs.append(waiting + run)
            waiting = []
    if waiting:  # no speaker has two words on end
        runs.append(waiting)
    return [tuple(run) for run in runs]


def main_speaker(words: Iterable[Word]) -> str | None:
    """Returns the speaker of most of the words, the first one's in a tie."""
    counted = Counter(word.speaker for word in words if word.speaker is not None)
    return counted.most_common(1)[0][0] if counted else None


def segment_of(words: Sequence[Word], source: Segment) -> Segment:
    """Makes a segment of some words of another, with the speaker of most of them."""
    speaker = main_speaker(words)
    if tuple(words) == source.words:
        return replace(source, words=tuple(words), speaker=speaker)
    part = make_segment(words, source.id, source.language, source.avg_logprob, source.no_speech_prob)
    return replace(part, aligner=source.aligner, speaker=speaker, paragraph=source.paragraph)


def labelled(segments: Sequence[Segment], labels: Sequence[str | None], first_id: int = 0) -> list[Segment]:
    """Returns the segments with a label for each word, cut where the speaker changes, with new ids."""
    cut: list[Segment] = []
    at = 0
    for segment in segments:
        count = len(segment.words)
        words = tuple(
            replace(word, speaker=label)
            for word, label in zip(segment.words, labels[at : at + count], strict=True)
        )
        at += count
        cut += split_by_speaker(replace(segment, words=words))
    return [replace(segment, id=first_id + number) for number, segment in enumerate(cut)]
