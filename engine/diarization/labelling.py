"""Gives every run its speakers, and makes turns of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.diarization.clustering import Clusters, assign_apart, find_speakers
from engine.diarization.evidence import Evidence, edges_of
from engine.diarization.parts import Run, Span, Voice
from engine.diarization.turns import Diarization, SpeakerCount, Turn

# Cosine above which clusters are one speaker. Of 0.32 to 0.40, 0.32 to 0.36 were best on the recordings of
# `python -m tests.benchmarks.speakers --tune`; at 0.34, two similar voices of a call became one if noise of -85 dB or
# a shift in time was added.
CUT = 0.35
CLEAR, CLEAR_PIECE = 1.0, 0.4  # seconds behind vectors of windows and of pieces that speakers are found from
# Cosine of two pieces below which the segmentation took two voices for one local speaker, whose mean is no voice.
MIXED = 0.2
HEARD_TWICE = 0.5  # share of a window's speech that counts, since two windows hear each moment
SWITCH = 0.05  # cosine that another speaker must be nearer by, in sum, to begin within a run
JOINED = 0.3  # seconds; a shorter pause does not end a turn
# Cosines of two speakers' centroids: up to APART they are two people, from NEAR they may be one.
APART, NEAR = 0.3, 0.6
CONVINCING = 3.0  # seconds of speech with which a speaker is half certain


def cluster(evidence: Evidence, count: SpeakerCount) -> Clusters | None:
    """Finds the speakers among all vectors; None if there is no vector.

    Vectors of windows tell quick exchanges apart, in which no voice speaks for long. Those of pieces of runs tell
    similar voices apart which the segmentation took for one. There the window's vector, their mean, is left out.
    """
    windows, pieces = evidence.windows, evidence.pieces
    if not len(windows) and not len(pieces):
        return None
    of_windows, of_pieces = _clear(windows.seconds, CLEAR), _clear(pieces.seconds, CLEAR_PIECE)
    of_windows = of_windows[evidence.least_alike[of_windows] >= MIXED]  # what is left out is in pieces
    vectors = np.concatenate([windows.vectors[of_windows], pieces.vectors[of_pieces]])
    seconds = np.zeros((2, len(vectors)))
    seconds[0, : len(of_windows)] = windows.seconds[of_windows] * HEARD_TWICE
    seconds[1, len(of_windows) :] = pieces.seconds[of_pieces]
    return find_speakers(vectors, seconds, CUT, count)


def _clear(seconds: NDArray[np.float64], least: float) -> NDArray[np.intp]:
    """Returns the indices of vectors with enough speech; all of them if hardly one has."""
    clear = np.flatnonzero(seconds >= least)
    return clear if len(clear) > 1 else np.arange(len(seconds))


class Labeller:
    """Labels runs with one set of clusters, in order, each once."""

    def __init__(self, clusters: Clusters) -> None:
        self.clusters = clusters
        self.spans: list[Span] = []
        self._done = 0  # runs labelled
        self._windows: dict[int, dict[int, int]] = {}  # speaker by window and local speaker

    def update(self, evidence: Evidence) -> list[Span]:
        """Labels the runs added since the last call; returns the spans of all."""
        for index in range(self._done, len(evidence.runs)):
            run = evidence.runs[index]
            first, last = evidence.pieces_of[index]
            if last > first:
                self.spans += self._along(run, evidence, first, last)
            else:
                self.spans.append(Span(run.start, run.end, self._together(run, evidence)))
        self._done = len(evidence.runs)
        return self.spans

    def _along(self, run: Run, evidence: Evidence, first: int, last: int) -> Iterator[Span]:
        """Yields who speaks along a run of one voice, by the most likely path over its pieces."""
        path = most_likely(self.clusters.similarities(evidence.pieces.vectors[first:last]))
        edges = edges_of(run, evidence.piece_times[first:last])
        start = 0
        for index in range(1, len(path) + 1):
            if index == len(path) or path[index] != path[start]:
                yield Span(edges[start], edges[index], (int(path[start]),))
                start = index

    def _together(self, run: Run, evidence: Evidence) -> tuple[int, ...]:
        """Returns the speakers of a run that is too short, or in which several speak."""
        found = [self._speaker_of(voice, evidence) for voice in run.voices]
        if len(found) > 1 and len(set(found)) < len(found):
            similar = np.stack([self._similar(voice, evidence) for voice in run.voices])
            found = assign_apart(similar).tolist()
        return tuple(dict.fromkeys(found))

    def _speaker_of(self, voice: Voice, evidence: Evidence) -> int:
        """Returns the speaker of a voice by the window that heard most of it alone."""
        heard = [key for key in voice if key in evidence.window_of]
        if not heard:
            return self.spans[-1].speakers[0] if self.spans else 0
        window, speaker = max(heard, key=lambda key: evidence.windows.seconds[evidence.window_of[key]])
        # A run that ended since may have given the window another local speaker.
        if speaker not in self._windows.get(window, {}):
            locals_ = [local for local in range(3) if (window, local) in evidence.window_of]
            rows = [evidence.window_of[window, local] for local in locals_]
            chosen = assign_apart(self.clusters.similarities(evidence.windows.vectors[rows]))
            self._windows[window] = dict(zip(locals_, chosen.tolist(), strict=True))
        return self._windows[window][speaker]

    def _similar(self, voice: Voice, evidence: Evidence) -> NDArray[np.float32]:
        rows = [evidence.window_of[key] for key in voice if key in evidence.window_of]
        if not rows:
            return np.zeros(self.clusters.number, np.float32)
        return self.clusters.similarities(evidence.windows.vectors[rows]).mean(0)


def most_likely(similarities: NDArray[np.float32]) -> NDArray[np.intp]:
    """Returns the path (n,) through similarities (n, speakers) with the greatest sum, less SWITCH a change."""
    score = similarities[0].astype(np.float64)
    back = np.zeros(similarities.shape, np.intp)
    for index in range(1, len(similarities)):
        changed = score.max() - SWITCH
        back[index] = np.where(score >= changed, np.arange(len(score)), score.argmax())
        score = np.maximum(score, changed) + similarities[index]
    path = np.empty(len(similarities), np.intp)
    path[-1] = score.argmax()
    for index in range(len(path) - 1, 0, -1):
        path[index - 1] = back[index, path[index]]
    return path


def to_diarization(spans: Sequence[Span], numbers: Sequence[int], clusters: Clusters | None) -> Diarization:
    """Makes turns of spans.

    numbers  the speaker number of each cluster
    """
    turns: list[Turn] = []
    second: list[Turn] = []
    overlaps: list[tuple[float, float]] = []
    for span in spans:
        speakers = [numbers[label] for label in span.speakers]
        # The first speaker of an overlap is whoever spoke before it.
        if len(speakers) > 1 and turns and turns[-1].speaker in speakers:
            speakers.sort(key=lambda speaker: speaker != turns[-1].speaker)
        _extend(turns, Turn(span.start, span.end, speakers[0]))
        for other in speakers[1:]:
            _extend(second, Turn(span.start, span.end, other))
        if len(speakers) > 1:
            if overlaps and span.start <= overlaps[-1][1]:
                overlaps[-1] = overlaps[-1][0], span.end
            else:
                overlaps.append((span.start, span.end))
    certainties, near = _certainties(numbers, clusters)
    return Diarization(tuple(turns), tuple(overlaps), certainties, near, tuple(second))


def _extend(turns: list[Turn], turn: Turn) -> None:
    """Appends a turn, or joins it to the last one across a short pause."""
    last = turns[-1] if turns else None
    if last and last.speaker == turn.speaker and turn.start - last.end <= JOINED:
        turns[-1] = Turn(last.start, turn.end, turn.speaker)
    else:
        turns.append(turn)


def _certainties(
    numbers: Sequence[int], clusters: Clusters | None
) -> tuple[tuple[float, ...], tuple[int | None, ...]]:
    """Returns for each speaker number how sure it is, and which other one it is near.

    The certainty is the product of two shares: how far the nearest other voice is between NEAR and APART, and
    seconds / (seconds + CONVINCING).
    """
    size = max(numbers, default=-1) + 1
    certainties: list[float] = [0.0] * size
    near: list[int | None] = [None] * size
    if clusters is None:
        return tuple(certainties), tuple(near)
    similar = clusters.similarities(clusters.centroids)
    np.fill_diagonal(similar, -1.0)
    for index, number in enumerate(numbers):
        seconds = float(clusters.seconds[index])
        nearest = int(similar[index].argmax())
        alike = float(similar[index, nearest])
        apart = min(1.0, max(0.0, (NEAR - alike) / (NEAR - APART)))
        certainties[number] = round(apart * seconds / (seconds + CONVINCING), 3)
        near[number] = numbers[nearest] if alike >= NEAR else None
    return tuple(certainties), tuple(near)
