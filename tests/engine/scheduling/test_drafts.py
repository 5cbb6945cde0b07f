"""Drafts of live speech take what the workers have left over, and delay no window."""

from __future__ import annotations

import numpy as np

from engine.recognition.decoding import DecodingOptions
from engine.scheduling.drafts import Draft
from tests.support.fake_whisper import PATIENCE, Model, got, put, working


def draft_of(model: Model, number: int, among: tuple[str, ...] = ()) -> Draft:
    features = np.full(10, number, np.float32)
    return Draft(recognizer=model, features=features, options=DecodingOptions(), among=among)


def test_a_window_goes_before_a_draft(model: Model) -> None:
    """The draft was there first, and waits for the window that has come while the worker was busy."""
    with working(model, batch_size=2) as scheduler, scheduler.lane(model, "en") as lane:
        put(lane, 1)
        assert model.at_work.acquire(timeout=PATIENCE)
        draft = draft_of(model, 50)
        scheduler.draft(draft)
        put(lane, 2)
        model.free()
        assert got(lane, 2) == [1, 2]
        assert draft.done.wait(PATIENCE)
        assert model.batches == [[1], [2], [50]]


def test_one_worker_stays_free_for_windows(model: Model) -> None:
    """Two drafts are not decoded at a time by two workers, so that a window need not wait for one."""
    with working(model, batch_size=2, workers=2) as scheduler, scheduler.lane(model, "en") as lane:
        first, second = draft_of(model, 50), draft_of(model, 51)
        scheduler.draft(first)
        scheduler.draft(second)
        assert model.at_work.acquire(timeout=PATIENCE)
        assert not model.at_work.acquire(timeout=0.2), "the second draft has begun beside the first"
        put(lane, 1)
        assert model.at_work.acquire(timeout=PATIENCE), "the window waits for a draft"
        model.free()
        assert got(lane, 1) == [1]
        assert first.done.wait(PATIENCE) and second.done.wait(PATIENCE)


def test_a_draft_finds_its_language_among_those_allowed(model: Model) -> None:
    model.free()
    with working(model, batch_size=2) as scheduler:
        drafts = [draft_of(model, 1), draft_of(model, 1, among=("de",))]
        for draft in drafts:
            scheduler.draft(draft)
            assert draft.done.wait(PATIENCE)
    assert [draft.heard and draft.heard.language for draft in drafts] == ["en", "de"]


def test_a_draft_that_fails_or_is_dropped_is_no_result(model: Model) -> None:
    model.fails[50] = RuntimeError("no")
    with working(model, batch_size=2) as scheduler, scheduler.lane(model, "en") as lane:
        put(lane, 1)
        assert model.at_work.acquire(timeout=PATIENCE)
        failing, dropped = draft_of(model, 50), draft_of(model, 51)
        scheduler.draft(failing)
        scheduler.draft(dropped)
        scheduler.drop_draft(dropped)
        model.free()
        assert failing.done.wait(PATIENCE) and failing.heard is None
        assert got(lane, 1) == [1]  # the worker goes on
    assert not dropped.done.is_set() and model.batches == [[1]]
