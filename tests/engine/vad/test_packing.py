"""Windows hold the speech, whole and in order, and know where in the file it was."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from engine.regions import SpeechRegion
from engine.sampling import SAMPLE_RATE
from engine.vad.packing import CAPACITY, JOINED, MARGIN, MIN_PART, PART_PAUSE, WindowPacker
from engine.windows import SourceSpan, Window


def pack(regions: list[SpeechRegion], seconds: float, apart: bool = False) -> list[Window]:
    """Packs regions of a recording whose samples count up, so that each tells where it was.

    float32 counts exactly up to 2^24, which is 17 minutes of samples.
    """
    packer = WindowPacker(apart)
    packer.add_audio(np.arange(round(seconds * SAMPLE_RATE), dtype=np.float32))
    windows = [window for region in regions for window in packer.add(region)]
    return [*windows, *packer.flush()]


@st.composite
def recordings(draw: st.DrawFn) -> tuple[list[SpeechRegion], float]:
    """Returns regions in order, none longer than the VAD's longest, and the length of the recording."""
    at = 0.0
    regions = []
    for _ in range(draw(st.integers(1, 8))):
        start = at + draw(st.floats(0.0, 8.0))
        at = start + draw(st.floats(0.02, 28.0))
        regions.append(SpeechRegion(start, at))
    return regions, at + draw(st.floats(0.0, 3.0))


@given(recordings(), st.booleans())
def test_all_speech_is_in_a_window_once_and_at_its_place(
    recording: tuple[list[SpeechRegion], float], apart: bool
) -> None:
    regions, seconds = recording
    windows = pack(regions, seconds, apart)
    pieces = [piece for window in windows for piece in window.pieces]
    assert all(one.end <= two.start for one, two in pairwise(pieces)), "a sample is heard twice"
    sample = 1 / SAMPLE_RATE
    for region in regions:
        covering = [
            entry
            for entry in pieces
            if entry.start < region.end - sample and entry.end > region.start + sample
        ]
        assert len(covering) == 1, "a window ends or begins in speech"
        assert covering[0].start <= region.start + sample
        assert covering[0].end >= min(region.end, seconds) - sample
    for window in windows:
        assert len(window.samples) <= 30 * SAMPLE_RATE
        assert len(window.samples) <= CAPACITY * SAMPLE_RATE or len(window.speech) == 1
        for piece in window.pieces:
            first, last = (
                round(piece.offset * SAMPLE_RATE),
                round((piece.offset + piece.duration) * SAMPLE_RATE) - 1,
            )
            assert window.samples[first] == round(piece.start * SAMPLE_RATE)
            assert window.samples[last] == round(piece.end * SAMPLE_RATE) - 1


@example(
    ([SpeechRegion(3.333984375, 4.333984375), SpeechRegion(4.333984375, 11.333984375)], 12.333984375),
    0.0,
    1.0,
)
@given(recordings(), st.floats(0, 1), st.floats(0, 1))
def test_a_span_of_window_time_lies_within_one_piece_of_the_file(
    recording: tuple[list[SpeechRegion], float], one: float, two: float
) -> None:
    regions, seconds = recording
    for window in pack(regions, seconds):
        begin, end = sorted((one * window.duration, two * window.duration))
        start, stop = window.to_file(begin, end)
        assert start <= stop
        assert any(piece.start <= start and stop <= piece.end for piece in window.pieces)


def test_short_pauses_are_kept_and_long_ones_cut() -> None:
    short, long = JOINED / 2, 10.0
    regions = [SpeechRegion(1.0, 2.0), SpeechRegion(2.0 + short, 4.0), SpeechRegion(4.0 + long, 15.0)]
    (window,) = pack(regions, 20.0)
    assert [(piece.start, piece.end) for piece in window.pieces] == [
        (1.0 - MARGIN, 4.0 + MARGIN),
        (14.0 - MARGIN, 15.0 + MARGIN),
    ]
    assert window.piece_at(0.0) is window.pieces[0]


def test_a_window_ends_where_speech_begins_though_the_pause_is_shorter_than_the_margin() -> None:
    one, two = pack([SpeechRegion(1.0, 22.0), SpeechRegion(22.2, 30.0)], 40.0)
    assert [(piece.start, piece.end) for piece in one.pieces + two.pieces] == [
        (1.0 - MARGIN, 22.2),
        (22.2, 30.0 + MARGIN),
    ]


def test_a_word_across_a_cut_pause_stays_with_its_middle() -> None:
    window = Window(np.zeros(16_000 * 4, np.float32), (SourceSpan(10, 12, 0), SourceSpan(50, 52, 2)))
    assert window.to_file(1.5, 2.1) == (11.5, 12.0)
    assert window.to_file(1.9, 3.0) == (50.0, 51.0)


def test_audio_is_forgotten_once_no_window_needs_it() -> None:
    packer = WindowPacker()
    for second in range(120):
        packer.add_audio(np.zeros(SAMPLE_RATE, np.float32))
        packer.forget_before(float(second))
        assert packer.samples_held < 3 * SAMPLE_RATE


@given(recordings())
def test_parts_of_a_mixed_recording_end_at_every_pause_after_two_seconds_of_speech(
    recording: tuple[list[SpeechRegion], float],
) -> None:
    regions, seconds = recording
    windows = pack(regions, seconds, apart=True)
    starts = [window.start for window in windows]
    spoken = 0.0
    for one, two in pairwise(regions):
        spoken += one.end - one.start
        pause = two.start - one.end
        sample = 1 / SAMPLE_RATE
        parted = any(one.end - sample <= start <= two.start + sample for start in starts)
        if spoken >= MIN_PART and pause >= PART_PAUSE:
            assert parted
        if parted:
            spoken = 0.0


def test_a_short_part_stays_with_the_next_one() -> None:
    regions = [SpeechRegion(0.0, 0.8), SpeechRegion(1.2, 3.5), SpeechRegion(3.9, 6.0)]
    first, second = pack(regions, 7.0, apart=True)
    assert (first.start, second.start) == (0.0, 3.7)
    assert len(pack(regions, 7.0)) == 1


def test_a_pause_that_the_detector_bridges_parts_a_mixed_recording_and_loses_no_sample() -> None:
    sound = np.ones(8 * SAMPLE_RATE, np.float32)
    sound[3 * SAMPLE_RATE : round(3.4 * SAMPLE_RATE)] = 0.0
    packer = WindowPacker(apart=True)
    packer.add_audio(sound)
    windows = [*packer.add(SpeechRegion(0.0, 8.0)), *packer.flush()]
    assert [round(window.start, 2) for window in windows] == [0.0, 3.2]
    assert sum(len(window.samples) for window in windows) == len(sound)


def test_a_window_that_ends_early_shares_no_sample_with_the_next() -> None:
    packer = WindowPacker()
    packer.add_audio(np.arange(6 * SAMPLE_RATE, dtype=np.float32))
    assert not [*packer.add(SpeechRegion(1.0, 2.0))]
    assert packer.seconds_since_speech == 4.0
    (first,) = packer.flush(before=2.3)  # where the next region begins
    assert not [*packer.add(SpeechRegion(2.3, 4.0))]
    (second,) = packer.flush()
    assert (first.start, first.end) == (1.0 - MARGIN, 2.3)
    assert (second.start, second.end) == (2.3, 4.0 + MARGIN)
    assert packer.seconds_since_speech == 0.0
