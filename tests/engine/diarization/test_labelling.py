"""Runs are labelled as they end, and what a window is known of grows meanwhile."""

from __future__ import annotations

import numpy as np

from engine.diarization.clustering import Clusters
from engine.diarization.evidence import Evidence, Piece
from engine.diarization.labelling import Labeller, cluster
from engine.diarization.parts import EMBEDDING_SIZE, Run
from engine.diarization.turns import SpeakerCount

ANN, BEN = np.eye(2, EMBEDDING_SIZE, dtype=np.float32)
BOTH = Clusters(np.stack([ANN, BEN]), np.array([10.0, 10.0]))
WINDOW = 0  # from the start to ten seconds


def test_a_local_speaker_that_a_window_gets_later_is_labelled_too() -> None:
    evidence, labeller = Evidence(), Labeller(BOTH)
    evidence.add_window((WINDOW, 0), ANN, 2.0)
    evidence.add_run(Run(0.0, 0.3, (((WINDOW, 0),),)), [])  # too short for a vector of its own
    assert [span.speakers for span in labeller.update(evidence)] == [(0,)]
    # The window's second speaker is known from a run that ends after the first was labelled.
    evidence.add_run(Run(1.0, 2.0, (((WINDOW, 1),),)), [Piece(1.0, 2.0, BEN)])
    evidence.add_run(Run(3.0, 3.3, (((WINDOW, 1),),)), [])
    assert [span.speakers for span in labeller.update(evidence)] == [(0,), (1,), (1,)]


def test_a_local_speaker_that_is_two_people_joins_them_to_nobody() -> None:
    evidence = Evidence()
    for window in range(10):
        # The segmentation took one person for the other, who answers at once.
        for start, vector in ((5.0 * window, ANN), (5.0 * window + 2, BEN)):
            run = Run(start, start + 1.8, (((window, 0),),))
            evidence.add_run(run, [Piece(run.start, run.end, vector)])
    assert evidence.least_alike.tolist() == [0.0] * 10
    found = cluster(evidence, SpeakerCount())
    assert found is not None and found.number == 2
    assert np.allclose(
        found.centroids @ np.stack([ANN, BEN]).T, np.eye(2)[(found.centroids @ ANN < 0.5).astype(int)]
    )


def test_a_local_speaker_that_is_one_person_counts() -> None:
    evidence = Evidence()
    for start in (0.0, 2.0):
        run = Run(start, start + 1.8, (((WINDOW, 0),),))
        evidence.add_run(run, [Piece(run.start, run.end, ANN)])
    evidence.add_window((WINDOW, 1), BEN, 2.0)
    assert evidence.least_alike.tolist() == [1.0, 1.0]
