"""What a worker stores of a job, without an engine."""

from __future__ import annotations

from engine.pipeline.checkpoint import Checkpoint, FinishedWindow
from engine.regions import SpeechRegion
from engine.text.notices import Notice
from engine.transcript import Segment, Transcript, Word
from engine.updates import Update

WORD = Word("Hello", 0.123456789, 1.0, 0.9, "aligned", score=0.5)
SEGMENT = Segment(0, 0.123456789, 1.0, "Hello", "en", (WORD,), -0.1, 0.01, aligner="phonetic")


def step(until: float = 2.0) -> Update:
    window = FinishedWindow(2.0, "en", 0.99, True, {"en": 0.99, "de": 0.01}, segments=(SEGMENT,))
    checkpoint = Checkpoint(
        (window,),
        until,
        speech=((SpeechRegion(0.1, 1.2),),),
        notices=(Notice.of("silent"),),
        timings={"decode": 1.0},
        shown=1,
    )
    return Update("transcribing", until, 4.0, "en", 0.99, (SEGMENT,), checkpoint=checkpoint)


def transcript() -> Transcript:
    return Transcript("en", 0.99, 4.0, (SEGMENT,), "base", "phonetic")
