"""Finds who speaks when in a sound of some minutes, outside of a transcription."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np

from engine.diarization.turns import SpeakerCount, Turn
from engine.installation import Installation

SIGN_OF_LIFE = 0.5  # seconds between looks at whether the result is wanted


def find_turns(
    models: Installation | None, blocks: Iterable[np.ndarray], most: int, stop: threading.Event
) -> tuple[Turn, ...]:
    """Returns the turns of at most so many speakers; none without models, if diarization fails or `stop` is set.

    blocks  mono sound at 16 kHz, of some minutes

    Raises ShuttingDown.
    """
    if models is None:
        return ()
    with models.diarization.feed(SpeakerCount(1, most)) as feed:
        for block in blocks:
            feed.put(block)
        feed.end()
        while not feed.settled and not stop.is_set():
            feed.wait(SIGN_OF_LIFE)
        return feed.known.diarization.turns if feed.known.final else ()
