"""Words of several channels on one time line: in the order of their starts, in segments of one speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.diarization.speakers import speaker_label
from engine.text.speaker_labels import main_speaker, segment_of
from engine.transcript import Segment, Word


@dataclass(slots=True)
class _Run:
    """Words that follow each other, of the segment `source` but for single words of others among them."""

    source: int
    words: list[Word]


@dataclass(slots=True)
class ChannelTimeline:
    """Collects the segments of each channel and gives them back in order, as far as all channels are known.

    labels  the label of each channel, in the order of their first words
    """

    labels: dict[int, str] = field(default_factory=dict)
    _waiting: list[tuple[int, Segment]] = field(default_factory=list)  # with their channels
    _released: int = 0

    def add(self, channel: int, segments: Sequence[Segment]) -> None:
        self._waiting += ((channel, segment) for segment in segments)

    def release(self, until: float) -> list[Segment]:
        """Returns the segments that no segment beginning at `until` seconds or later can overlap."""
        self._waiting.sort(key=lambda item: item[1].start)
        released: list[Segment] = []
        for cluster in self._clusters():
            if max(segment.end for _, segment in cluster) > until:
                break
            del self._waiting[: len(cluster)]
            released += interleave([self._labelled(channel, segment) for channel, segment in cluster])
        first = self._released
        self._released += len(released)
        return [replace(segment, id=first + number) for number, segment in enumerate(released)]

    def _clusters(self) -> list[list[tuple[int, Segment]]]:
        """Groups the segments that wait, in the order of their starts, so that no two groups overlap."""
        clusters: list[list[tuple[int, Segment]]] = []
        end = 0.0
        for item in self._waiting:
            if not clusters or item[1].start >= end:
                clusters.append([])
            clusters[-1].append(item)
            end = max(end, item[1].end)
        return clusters

    def _labelled(self, channel: int, segment: Segment) -> Segment:
        label = self.labels.setdefault(channel, speaker_label(len(self.labels)))
        return replace(
            segment, speaker=label, words=tuple(replace(word, speaker=label) for word in segment.words)
        )


def interleave(segments: Sequence[Segment]) -> list[Segment]:
    """Merges segments that may overlap, each of one speaker, into segments whose words are in order.

    A segment is cut where somebody else says more than one word in it. A single word stays in the sentence
    that it falls into, with its own label.
    """
    words = [(word, source) for source, segment in enumerate(segments) for word in segment.words]
    words.sort(key=lambda item: item[0].start)
    runs: list[_Run] = []
    for word, source in words:
        if runs and runs[-1].source == source:
            runs[-1].words.append(word)
        elif len(runs) > 1 and runs[-2].source == source and len(runs[-1].words) == 1:
            single = runs.pop()
            runs[-1].words += [*single.words, word]
        else:
            runs.append(_Run(source, [word]))
    made = [segment_of(run.words, segments[run.source]) for run in runs]
    return [
        replace(segment, speaker=main_speaker(run.words)) for segment, run in zip(made, runs, strict=True)
    ]
