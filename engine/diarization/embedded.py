"""The embedded diarizer: needs neither a hub, a token nor a GPU.

Segmentation finds who speaks when within ten seconds; vectors of the voices tell who is who over the whole
recording. docs/diarization.md describes the method and what it was measured on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.diarization.evidence import Evidence, Neighbours, Piece, pieces_of
from engine.diarization.features import FRAME, HOP, log_mel
from engine.diarization.labelling import Labeller, cluster, to_diarization
from engine.diarization.networks import NetworkLoader, Networks
from engine.diarization.numbers import SpeakerNumbers
from engine.diarization.parts import Run, Span
from engine.diarization.runs import RunTracker
from engine.diarization.turns import Diarization, Samples, SpeakerCount
from engine.diarization.windows import (
    FRAME_SECONDS,
    WINDOW,
    WINDOW_STEP,
    LocalActivity,
    feature_frames,
    listen,
    seconds_in_stretches,
)
from engine.sampling import SAMPLE_RATE, to_samples

# A local speaker is not embedded by itself if runs of TOLD_RUN seconds have this share of what it says alone, or of
# this many seconds.
TOLD, TOLD_OF = 0.5, 4.0
TOLD_RUN = 0.7
ALONE = 0.6  # seconds that a local speaker must speak alone for the overlapping rest to be left out
GROWTH = 1.05  # speakers are sought again when there are this many times as many vectors


class EmbeddedDiarizer:
    """Tells speakers apart with the networks in assets/models."""

    name = "embedded"

    def __init__(self, loader: NetworkLoader | None = None) -> None:
        self._loader = loader or NetworkLoader()

    def open(self, count: SpeakerCount) -> EmbeddedSession:
        """Begins a recording. Raises ModelMissing or WeightsDamaged."""
        return EmbeddedSession(self._loader.get(), count)


class EmbeddedSession:
    """Diarization of one recording; see turns.DiarizationSession."""

    def __init__(self, networks: Networks, count: SpeakerCount) -> None:
        self._networks = networks
        self._count = count
        self._sound = _Ring()
        self._windows = 0  # windows heard
        self._tracker = RunTracker()
        self._evidence = Evidence()
        self._neighbours = Neighbours()
        self._numbers = SpeakerNumbers()
        self._labeller: Labeller | None = None
        self._searched = 0  # vectors when speakers were last sought
        self._latest: tuple[int, Diarization] | None = None  # runs when `current` was last computed, and it

    @property
    def samples_held(self) -> int:
        """Samples in memory: those that windows and unfinished runs still need."""
        return self._sound.held

    def add(self, block: Samples) -> None:
        """Adds the next samples and analyses every window that they complete."""
        # In parts, so that a whole recording at once is not held twice.
        for start in range(0, len(block), WINDOW):
            self._sound.append(block[start : start + WINDOW])
            while self._sound.end >= self._windows * WINDOW_STEP + WINDOW:
                self._hear()

    def current(self) -> Diarization:
        """Returns provisional turns of what is known, up to ten seconds before the last sample."""
        runs = len(self._evidence.runs)
        if self._latest is None or self._latest[0] != runs:
            vectors = self._evidence.vectors
            again = self._labeller is None or vectors >= self._searched * GROWTH
            self._latest = runs, self._label(again)
        return self._latest[1]

    def finish(self) -> Diarization:
        """Returns the final turns."""
        # The last window is padded. Its second half is needed only if the sound reaches into it.
        while self._sound.end > self._windows * WINDOW_STEP + (WINDOW - WINDOW_STEP if self._windows else 0):
            self._hear()
        for run in self._tracker.finish():
            self._keep(run)
        return self._label(again=True)

    def close(self) -> None:
        """Releases sound and vectors."""
        self._sound = _Ring()
        self._evidence = Evidence()
        self._labeller = None

    def _hear(self) -> None:
        """Analyses the next window and the runs that end in it."""
        start = self._windows * WINDOW_STEP
        samples = self._sound.cut(start, start + WINDOW)
        window = listen(self._networks.segmentation, self._windows, samples)
        self._embed(window, samples)
        for run in self._tracker.add(window):
            self._keep(run)
        self._windows += 1
        needed = to_samples(self._tracker.open_since) - HOP
        self._sound.forget(min(self._windows * WINDOW_STEP, needed))

    def _embed(self, window: LocalActivity, samples: Samples) -> None:
        """Embeds local speakers that runs tell little of, by what each says alone if that is enough."""
        features: NDArray[np.float32] | None = None
        alone = window.active.sum(1) == 1
        for speaker in window.speakers:
            clean = window.active[:, speaker] & alone
            seconds = float(clean.sum() * FRAME_SECONDS)
            in_runs = seconds_in_stretches(clean, TOLD_RUN)
            if in_runs and in_runs >= TOLD * min(seconds, TOLD_OF):
                continue
            features = log_mel(samples) if features is None else features
            used = clean if seconds >= ALONE else window.active[:, speaker]
            frames = feature_frames(window, used)
            vector = self._networks.embed(features[frames[frames < len(features)]])
            if vector is not None:
                self._evidence.add_window((window.index, speaker), vector, max(seconds, 0.1))

    def _keep(self, run: Run) -> None:
        """Embeds a run's pieces and keeps both; more of them at places at which the speaker may change."""
        pieces = self._embed_pieces(pieces_of(run))
        self._neighbours.add(pieces)
        while more := self._embed_pieces(self._neighbours.doubtful_places(pieces)):
            pieces = sorted([*pieces, *more], key=lambda piece: piece.start)
        self._evidence.add_run(run, pieces)

    def _embed_pieces(self, places: list[tuple[float, float]]) -> list[Piece]:
        """Embeds the places (start, end), in seconds, that have enough sound."""
        features = []
        for start, end in places:
            first = to_samples(start) // HOP * HOP
            # Whole frames, so that pieces have one length and are computed together.
            samples = round((end - start) * SAMPLE_RATE / HOP) * HOP + FRAME - HOP
            features.append(log_mel(self._sound.cut(first, first + samples)))
        vectors = self._networks.embed_all(features)
        return [
            Piece(start, end, vector)
            for (start, end), vector in zip(places, vectors, strict=True)
            if vector is not None
        ]

    def _label(self, again: bool) -> Diarization:
        """Labels all runs.

        again  whether to seek the speakers anew
        """
        if again:
            clusters = cluster(self._evidence, self._count)
            self._searched = self._evidence.vectors
            self._labeller = Labeller(clusters) if clusters else None
        if self._labeller is None:
            return self._without_voices()
        spans = self._labeller.update(self._evidence)
        numbers = self._numbers.carry(self._labeller.clusters, list(spans))
        return to_diarization(self._clip(spans), numbers, self._labeller.clusters)

    def _without_voices(self) -> Diarization:
        """Returns all speech as one speaker's, if there is too little of it to embed."""
        spans = [Span(run.start, run.end, (0,)) for run in self._evidence.runs]
        return to_diarization(self._clip(spans), (0,) if spans else (), None)

    def _clip(self, spans: list[Span]) -> list[Span]:
        """Ends the last span with the sound."""
        end = self._sound.end / SAMPLE_RATE
        if spans and spans[-1].end > end:
            return [*spans[:-1], Span(spans[-1].start, max(end, spans[-1].start), spans[-1].speakers)]
        return spans


class _Ring:
    """The samples that windows and open runs still need."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.float32)
        self._origin = 0  # position of the first sample held

    @property
    def end(self) -> int:
        """Samples added so far."""
        return self._origin + len(self._samples)

    @property
    def held(self) -> int:
        return len(self._samples)

    def append(self, block: Samples) -> None:
        self._samples = np.concatenate([self._samples, np.asarray(block, np.float32)])

    def cut(self, start: int, end: int) -> Samples:
        """Returns the samples from start to end, as far as they are held."""
        return self._samples[max(start - self._origin, 0) : max(end - self._origin, 0)]

    def forget(self, before: int) -> None:
        drop = min(max(before - self._origin, 0), len(self._samples))
        self._samples = self._samples[drop:].copy()
        self._origin += drop
