"""The windows of one recording are spread over helpers, and come back in order, whatever helpers do."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from engine.options import Options
from engine.pipeline.spread_lane import LEAST_WINDOWS, SpreadLane, spread
from engine.recognition.decoding import DecodingResult
from engine.recognition.language_tracker import REVISABLE_WINDOWS
from engine.scheduling.lane import Lane
from engine.scheduling.portion import AlignedResult, Portion, PortionRefused
from engine.windows import SourceSpan, Window
from tests.support.fake_whisper import PATIENCE, Model, working

COUNT = 20  # windows of a recording


class Work:
    """The work of one helper, which ends as the test says: after so many windows, or not before it is cancelled."""

    def __init__(self, portion: Portion, outcome: str, left: int) -> None:
        self.portion = portion
        self._outcome = outcome
        self._left = left
        self.cancelled = threading.Event()

    def __iter__(self) -> Iterator[Sequence[AlignedResult]]:
        if self._outcome == "silence":
            self.cancelled.wait(PATIENCE)
            raise ConnectionError
        if self._outcome == "refusal":
            raise PortionRefused
        yield []
        for number, window in enumerate(self.portion.windows):
            if number == self._left and self._outcome == "loss":
                raise ConnectionError
            if number == self._left and self._outcome == "hang":
                self.cancelled.wait(PATIENCE)
                raise ConnectionError
            yield [self._result(window)]

    def cancel(self) -> None:
        self.cancelled.set()

    def _result(self, window: Window) -> AlignedResult:
        return AlignedResult(
            heard=DecodingResult((), self.portion.language, float(window.samples[0])),
            language=self.portion.language,
            probability=self.portion.probability,
            seconds={},
            words=(),
            aligner="attention",
        )


class FakeHelpers:
    """Helpers in the test's process; `outcomes` of the next portions, which are done if there is none left."""

    def __init__(self, *outcomes: str, most: int = 1, left: int = 1) -> None:
        self.most = most
        self.works: list[Work] = []
        self._outcomes = list(outcomes)
        self._left = left

    def offer(self, portion: Portion) -> Work:
        outcome = self._outcomes.pop(0) if self._outcomes else "done"
        self.works.append(Work(portion, outcome, self._left))
        return self.works[-1]

    @property
    def numbers(self) -> list[int]:
        """The windows that helpers have been offered, by the number that they hold."""
        return [int(window.samples[0]) for work in self.works for window in work.portion.windows]


def window(number: int) -> Window:
    return Window(np.full(160, number, np.float32), (SourceSpan(number, number + 0.01, 0.0),))


def results(lane: Lane | SpreadLane, count: int = COUNT) -> list[int]:
    """Puts windows, and returns the numbers of the results as they come."""
    for number in range(count):
        lane.put_window(window(number))
    lane.end()
    found: list[int] = []
    while len(found) < count:
        result = lane.get(PATIENCE)
        assert result is not None
        found.append(int(result.heard.no_speech_prob))
    return found


@pytest.mark.parametrize("outcome", ["done", "refusal", "loss", "hang", "silence"])
def test_results_come_once_and_in_order(model: Model, outcome: str) -> None:
    helpers = FakeHelpers(*[outcome] * 3, most=2)
    model.free()
    with (
        working(model, batch_size=2) as scheduler,
        scheduler.lane(model, "en") as own,
        spread(own, helpers, Options(language="en"), 2) as lane,
    ):
        assert results(lane) == list(range(COUNT))
    assert helpers.works
    decoded_here = {number for batch in model.batches for number in batch}
    if outcome in ("done", "refusal", "silence"):
        assert decoded_here | set(helpers.numbers) == set(range(COUNT))
    else:  # what a helper has left is decoded here
        left = {int(each.samples[0]) for work in helpers.works[:3] for each in work.portion.windows[1:]}
        assert left <= decoded_here


def test_no_window_is_offered_before_the_language_is_settled(model: Model) -> None:
    helpers = FakeHelpers()
    with (
        working(model, batch_size=2) as scheduler,
        scheduler.lane(model, None) as own,
        spread(own, helpers, Options(), 2) as lane,
    ):
        for number in range(COUNT):
            lane.put_window(window(number))
        assert helpers.works == []
        model.free()
        lane.end()
        found = [lane.get(PATIENCE) for _ in range(COUNT)]
    assert [int(result.heard.no_speech_prob) for result in found if result] == list(range(COUNT))
    assert helpers.numbers and min(helpers.numbers) >= REVISABLE_WINDOWS
    assert {work.portion.language for work in helpers.works} == {"en"}


def test_a_recording_in_several_languages_stays_here(model: Model) -> None:
    helpers = FakeHelpers()
    model.free()
    with (
        working(model, batch_size=2) as scheduler,
        scheduler.lane(model, "mixed") as own,
        spread(own, helpers, Options(language="mixed"), 2) as lane,
    ):
        assert results(lane) == list(range(COUNT))
    assert helpers.works == []


def test_no_more_helpers_work_than_may(model: Model) -> None:
    helpers = FakeHelpers(*["hang"] * COUNT, most=2, left=0)
    with (
        working(model, batch_size=2) as scheduler,
        scheduler.lane(model, "en") as own,
        spread(own, helpers, Options(language="en"), 2) as lane,
    ):
        for number in range(COUNT):
            lane.put_window(window(number))
        for _ in range(4):
            assert lane.get(0.1) is None
        assert len(helpers.works) == 2
        assert lane.in_flight_elsewhere == 3 * LEAST_WINDOWS
        model.free()
        lane.end()
        assert all(lane.get(PATIENCE) for _ in range(COUNT))
    assert all(work.cancelled.is_set() for work in helpers.works)


def test_stop_ends_the_work_of_helpers(model: Model) -> None:
    helpers, stop = FakeHelpers("hang"), threading.Event()
    with (
        working(model, batch_size=2) as scheduler,
        scheduler.lane(model, "en", stop=stop) as own,
        spread(own, helpers, Options(language="en"), 2) as lane,
    ):
        for number in range(COUNT):
            lane.put_window(window(number))
        stop.set()
        lane.check()
        assert helpers.works[0].cancelled.is_set()
        assert lane.get(0.1) is None
        assert len(helpers.works) == 1


def test_without_helpers_the_lane_is_the_scheduler_s(model: Model) -> None:
    with working(model, batch_size=2) as scheduler, scheduler.lane(model, "en") as own:
        for helpers in (None, FakeHelpers(most=0)):
            with spread(own, helpers, Options(language="en"), 2) as lane:
                assert lane is own
