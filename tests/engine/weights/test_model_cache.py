"""Models are loaded once, bounded in number, and let go when memory runs short."""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import ModelMissing
from engine.weights.model_cache import ModelCache


class Model:
    """Something that can be watched as it goes."""

    def __init__(self, name: str) -> None:
        self.name = name


class Loader:
    """Makes models, and keeps what was made, in order, without holding the models."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.alive: dict[str, weakref.ref[Model]] = {}

    def __call__(self, name: str) -> Model:
        self.made.append(name)
        if name == "absent":
            raise ModelMissing("There is no such model.")
        model = Model(name)
        self.alive[name] = weakref.ref(model)
        return model


@pytest.fixture
def loader() -> Loader:
    return Loader()


def plenty() -> bool:
    return False


def test_a_model_is_loaded_once(loader: Loader) -> None:
    shelf = ModelCache(loader, 2, short=plenty)
    assert shelf.get("en") is shelf.get("en")
    assert loader.made == ["en"]


def test_the_least_used_goes_first(loader: Loader) -> None:
    shelf = ModelCache(loader, 2, short=plenty)
    for name in ("en", "de", "en", "fr"):
        shelf.get(name)
    assert shelf.names == ["en", "fr"]
    assert loader.alive["de"]() is None and loader.alive["en"]() is not None


def test_one_may_be_held_at_least(loader: Loader) -> None:
    shelf = ModelCache(loader, 1, short=lambda: True)
    assert shelf.get("en") is shelf.get("en")
    assert shelf.names == ["en"]


def test_when_memory_runs_short_all_but_the_one_in_use_may_go(loader: Loader) -> None:
    short = False
    shelf = ModelCache(loader, 3, short=lambda: short)
    for name in ("en", "de", "fr"):
        shelf.get(name)
    short = True
    shelf.get("de")
    assert shelf.names == ["de"]
    assert [name for name, model in loader.alive.items() if model()] == ["de"]


def test_no_more_go_than_must(loader: Loader) -> None:
    left = {"en": 1, "de": 1, "fr": 1}
    shelf = ModelCache(loader, 9, short=lambda: sum(bool(model()) for model in loader.alive.values()) > 2)
    for name in left:
        shelf.get(name)
    assert shelf.names == ["en", "de", "fr"]  # room is made before a load, for what is known then
    shelf.get("fr")
    assert shelf.names == ["de", "fr"]


def test_a_model_in_use_outlives_the_shelf(loader: Loader) -> None:
    shelf = ModelCache(loader, 1, short=plenty)
    held = shelf.get("en")
    shelf.get("de")
    assert shelf.names == ["de"]
    assert loader.alive["en"]() is held


def test_what_nothing_has_used_is_dropped_and_loaded_again(loader: Loader) -> None:
    shelf = ModelCache(loader, 3, short=plenty)
    shelf.get("en")
    assert shelf.drop_unused(60.0) == []
    assert shelf.drop_unused(0.0) == ["en"]
    assert shelf.names == [] and loader.alive["en"]() is None
    assert shelf.get("en").name == "en" and loader.made == ["en", "en"]


def test_what_is_kept_is_not_dropped(loader: Loader) -> None:
    shelf = ModelCache(loader, 3, short=plenty)
    with shelf.keep("en"):  # before it is loaded
        shelf.get("en")
        shelf.get("de")
        assert shelf.drop_unused(0.0) == ["de"]
        with shelf.keep():
            shelf.get("fr")
            assert shelf.drop_unused(0.0) == []
    assert shelf.drop_unused(60.0) == [], "the end of a use counts as a use"
    assert sorted(shelf.drop_unused(0.0)) == ["en", "fr"]


def test_a_look_at_what_is_loaded_is_no_use(loader: Loader) -> None:
    shelf = ModelCache(loader, 3, short=plenty)
    shelf.get("en")
    held = shelf.loaded["en"]
    assert shelf.drop_unused(0.0) == ["en"] and shelf.loaded == {}
    assert loader.alive["en"]() is held


def test_models_come_and_go_under_many_requests_without_a_failure(loader: Loader) -> None:
    shelf = ModelCache(loader, 3, short=plenty)
    done = threading.Event()

    def sweep() -> None:
        while not done.is_set():
            shelf.drop_unused(0.0)

    def ask(number: int) -> bool:
        name = f"m{number % 3}"
        with shelf.keep(name):
            first = shelf.get(name)
            return first.name == name and all(shelf.get(name) is first for _ in range(20))

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(600)))
    done.set()
    sweeper.join()


def test_a_failure_is_not_repeated_at_once(loader: Loader) -> None:
    shelf = ModelCache(loader, 2, short=plenty)
    for _ in range(3):
        with pytest.raises(ModelMissing, match="no such"):
            shelf.get("absent")
    assert loader.made == ["absent"]
    assert shelf.names == []


def test_a_failure_is_tried_again_later(loader: Loader) -> None:
    shelf = ModelCache(loader, 2, short=plenty, retry_after=0.0)
    for _ in range(2):
        with pytest.raises(ModelMissing):
            shelf.get("absent")
    assert loader.made == ["absent", "absent"]


def test_a_bug_in_a_load_is_raised_and_leaves_nothing_behind() -> None:
    def load(name: str) -> Model:
        raise ZeroDivisionError(name)

    shelf: ModelCache[Model] = ModelCache(load, 2, short=plenty)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            shelf.get("en")
    assert shelf.names == []


def test_one_that_loads_makes_none_wait_but_those_who_want_the_same() -> None:
    go, begun = threading.Event(), threading.Event()
    made = []

    def load(name: str) -> Model:
        made.append(name)
        if name == "slow":
            begun.set()
            assert go.wait(10)
        return Model(name)

    shelf: ModelCache[Model] = ModelCache(load, 3, short=plenty)
    with ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(shelf.get, "slow") for _ in range(3)]
        assert begun.wait(10)
        assert shelf.get("quick").name == "quick"
        assert shelf.names == ["quick"]
        assert not any(future.done() for future in slow)
        go.set()
        assert len({id(future.result(10)) for future in slow}) == 1
    assert made == ["slow", "quick"]
