"""The scheduler: who is served when, with a model of which the test decides how long it takes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import soundfile

from engine import Engine, Options
from engine.errors import Busy, ShuttingDown
from engine.recognition.decoding import DecodingOptions, DecodingRequest
from engine.recognition.recognizer import Recognizer
from engine.scheduling.lane import Lane
from engine.scheduling.scheduler import Scheduler
from tests.support.fake_whisper import PATIENCE, Model, got, put
from tests.support.recordings import clip
from tests.support.waiting import eventually


def test_each_lane_gets_its_own_in_order(scheduler: Scheduler, model: Model) -> None:
    model.free()
    with scheduler.lane(model, "en") as one, scheduler.lane(model, "de") as two:
        put(one, *range(10))
        put(two, *range(100, 110))
        assert got(one, 10) == list(range(10))
        assert got(two, 10) == list(range(100, 110))
    assert max(map(len, model.batches)) == 2


def test_lanes_take_turns(scheduler: Scheduler, model: Model) -> None:
    with scheduler.lane(model, "en") as one, scheduler.lane(model, "en") as two:
        put(one, 1, 2, 3, 4, 5)
        put(two, 11, 12, 13)
        model.free()
        got(one, 5), got(two, 3)
    shared = [batch for batch in model.batches if len(batch) == 2 and batch[0] // 10 != batch[1] // 10]
    assert len(shared) >= 2  # after each has had its first


def serve_first(model: Model, lane: Lane) -> None:
    """Has the first window of a lane served, number 0, so that it is no newcomer any more."""
    model.encoding.release(1), model.decoding.release(1)
    put(lane, 0)
    got(lane, 1)
    model.at_work.acquire(timeout=PATIENCE)


def test_a_newcomer_is_served_before_the_batch_at_work_is_decoded(scheduler: Scheduler, model: Model) -> None:
    with (
        scheduler.lane(model, "en") as long,
        scheduler.lane(model, "en") as short,
    ):
        serve_first(model, long)
        put(long, 1, 2, 3, 4)
        assert model.at_work.acquire(timeout=PATIENCE)  # the next batch is being encoded
        put(short, 100)
        model.free()
        assert got(short, 1) == [100]
        got(long, 4)
    assert model.batches[1] == [100]
    assert [number for batch in model.batches for number in batch if number < 100] == [0, 1, 2, 3, 4]


def test_newcomers_pass_a_batch_once_and_not_each_other(scheduler: Scheduler, model: Model) -> None:
    with (
        scheduler.lane(model, "en") as long,
        scheduler.lane(model, "en") as first,
        scheduler.lane(model, "en") as second,
    ):
        serve_first(model, long)
        put(long, 1, 2)
        assert model.at_work.acquire(timeout=PATIENCE)
        put(first, 100)
        model.encoding.release(1)
        assert model.at_work.acquire(timeout=PATIENCE)  # the newcomer is being encoded when another comes
        put(second, 101)
        model.free()
        got(second, 1)
    assert model.batches == [[0], [100], [1, 2], [101]]


def test_the_first_window_goes_alone(scheduler: Scheduler, model: Model) -> None:
    with scheduler.lane(model, "en") as lane:
        put(lane, 1, 2, 3, 4, 5)
        model.free()
        got(lane, 5)
    assert model.batches == [[1], [2, 3], [4, 5]]


def put_unlike(scheduler: Scheduler, lane: Lane) -> None:
    """Has windows wait, all but the third of one length."""
    with scheduler.held():
        put(lane, 0, 1)
        put(lane, 2, samples=20)
        put(lane, 3)


def test_a_window_like_the_next_shares_its_batch_and_passes_those_unlike_it(
    scheduler: Scheduler, model: Model
) -> None:
    with scheduler.lane(model, "en") as lane:
        put_unlike(scheduler, lane)
        model.free()
        assert got(lane, 4) == [0, 1, 2, 3]
    assert model.batches == [[0], [1, 3], [2]]


def test_a_lane_whose_next_window_was_passed_has_its_turn_first(scheduler: Scheduler, model: Model) -> None:
    with scheduler.lane(model, "en") as one, scheduler.lane(model, "en") as two:
        with scheduler.held():
            put(one, 0, 1, 2, 3, 4)
            put(two, 10)
            put(two, 11, samples=20)
            put(two, 12, 13, 14)
        model.free()
        assert got(two, 5) == [10, 11, 12, 13, 14]
        assert got(one, 5) == [0, 1, 2, 3, 4]
    assert model.batches[:3] == [[0, 10], [1, 12], [11]]


def test_none_passes_another_while_the_language_is_listened_for(scheduler: Scheduler, model: Model) -> None:
    with scheduler.lane(model, None) as lane:
        put_unlike(scheduler, lane)
        model.free()
        assert got(lane, 4) == [0, 1, 2, 3]
    assert model.batches == [[0], [1], [2], [3]]


def test_the_language_is_each_lane_s_own(scheduler: Scheduler, model: Model) -> None:
    model.free()
    with scheduler.lane(model, None) as one, scheduler.lane(model, None) as two:
        put(one, 1)
        put(two, 100)
        first, second = one.get(PATIENCE), two.get(PATIENCE)
        assert first and second
        assert (first.language, first.probability) == ("en", pytest.approx(0.9))
        assert (second.language, second.probability) == ("de", pytest.approx(0.92))


def test_a_window_that_fails_costs_no_other(scheduler: Scheduler, model: Model) -> None:
    model.fails[12] = ValueError("twelve")
    with scheduler.lane(model, "en") as one, scheduler.lane(model, "en") as two:
        put(one, 1, 2, 3)
        put(two, 11, 12, 13)
        model.free()
        assert got(one, 3) == [1, 2, 3]
        assert got(two, 1) == [11]
        with pytest.raises(ValueError, match="twelve"):
            two.get(PATIENCE)
        assert got(two, 1) == [13]


def test_who_leaves_is_forgotten_and_makes_room(scheduler: Scheduler, model: Model) -> None:
    with scheduler.lane(model, "en") as lane:
        put(lane, 1, 2, 3, 4, 5)
    model.free()
    with scheduler.lane(model, "en") as other:
        put(other, 9)
        assert got(other, 1) == [9]
    assert sum(map(len, model.batches)) <= 2  # of the one who left, what was at work already


def test_who_leaves_takes_no_other_along(scheduler: Scheduler, model: Model) -> None:
    first = scheduler.lane(model, "en")
    stays = first.__enter__()
    with scheduler.lane(model, "en"):
        pass  # alike in all that it holds
    put(stays, 1, 2, 3)
    model.free()
    assert got(stays, 3) == [1, 2, 3]
    first.__exit__(None, None, None)


def test_too_many_are_told_so_at_once(scheduler: Scheduler, model: Model) -> None:
    lanes = [scheduler.lane(model, "en") for _ in range(4)]
    for lane in lanes[:3]:
        lane.__enter__()
    with pytest.raises(Busy, match="3 recordings"), lanes[3]:
        pass
    lanes[0].__exit__(None, None, None)
    with scheduler.lane(model, "en"):
        pass


def test_closing_wakes_who_waits(model: Model) -> None:
    scheduler = Scheduler(batch_size=2, most=3)
    with scheduler.lane(model, "en") as lane:
        put(lane, 1)
        threading.Timer(0.2, scheduler.close).start()
        with pytest.raises(ShuttingDown):
            lane.get(PATIENCE)
    with pytest.raises(ShuttingDown), scheduler.lane(model, "en"):
        pass
    model.free()


def test_closing_with_grace_lets_those_at_work_finish_and_takes_no_more(
    scheduler: Scheduler, model: Model
) -> None:
    with scheduler.lane(model, "en") as lane:
        put(lane, 1)
        assert model.at_work.acquire(timeout=PATIENCE)
        closing = threading.Thread(target=scheduler.close, args=(PATIENCE,))
        closing.start()
        assert eventually(lambda: scheduler.is_closing)
        with pytest.raises(ShuttingDown), scheduler.lane(model, "en"):
            pass
        put(lane, 2, 3)  # it is read on meanwhile
        model.free()
        assert got(lane, 3) == [1, 2, 3]
    closing.join()


def test_nothing_yet_is_none(scheduler: Scheduler, model: Model) -> None:
    with scheduler.lane(model, "en") as lane:
        put(lane, 1)
        assert lane.get(0.05) is None
        model.free()
        assert got(lane, 1) == [1]


def test_one_batch_may_hold_languages_and_tasks(recognizer: Recognizer) -> None:
    asks = [
        DecodingRequest("en"),
        DecodingRequest("it"),
        DecodingRequest("fr", DecodingOptions("translate")),
        DecodingRequest("zh"),
    ]
    clips = ["en/quick_brown_fox", "it/ciao_mondo", "fr/bonjour_monde", "zh/pangrama"]
    windows = [soundfile.read(clip(name), dtype="float32")[0] for name in clips]
    together = recognizer.decode(recognizer.encode([recognizer.features(entry) for entry in windows]), asks)
    texts = ["".join(word.text for word in heard.words) for heard in together]
    assert texts[0].strip() == "The quick brown fox jumps over the lazy dog."
    assert "ciao" in texts[1].lower() and "hello" in texts[2].lower()
    assert any("一" <= character <= "鿿" for character in texts[3])
    assert [heard.language for heard in together] == ["en", "it", "en", "zh"]


def test_many_at_a_time_get_what_each_gets_alone(engine: Engine) -> None:
    asked: list[tuple[Path, Options]] = [
        (clip("en/quick_brown_fox"), Options()),
        (clip("es/conteo"), Options()),
        (clip("fr/bonjour_monde"), Options(language="fr", task="translate")),
        (clip("it/ciao_mondo"), Options()),
        (clip("zh/pangrama"), Options(language="zh")),
        (clip("en/hello_world"), Options(language="en")),
    ]
    alone = [engine.transcribe(path, options) for path, options in asked]
    with ThreadPoolExecutor(len(asked)) as pool:
        together = list(pool.map(lambda entry: engine.transcribe(*entry), asked))
    assert [entry.text for entry in together] == [entry.text for entry in alone]
    assert [entry.language for entry in together] == [entry.language for entry in alone]


def test_who_is_told_to_stop_is_in_no_further_batch(scheduler: Scheduler, model: Model) -> None:
    stop = threading.Event()
    with scheduler.lane(model, "en", stop=stop) as stopped, scheduler.lane(model, "en") as other:
        put(stopped, 1, 2, 3, 4, 5)
        assert model.at_work.acquire(timeout=PATIENCE)  # the first window is at work
        stop.set()
        put(other, 11, 12)
        model.free()
        assert got(other, 2) == [11, 12]
        assert got(stopped, 1) == [1]
    assert sorted(number for batch in model.batches for number in batch) == [1, 11, 12]
