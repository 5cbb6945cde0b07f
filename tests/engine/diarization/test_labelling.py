"""Runs are labelled as they end, and what a window is known of grows meanwhile."""

from __future__ import annotations

import numpy as np

from engine.diarization.clustering import Clusters
from engine.diarization.evidence import Evidence, Piece
from engine.diarization.labelling import Labeller
from engine.diarization.parts import EMBEDDING_SIZE, Run

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
