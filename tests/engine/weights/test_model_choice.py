"""A fast and an accurate model: offered once they are on this machine, and loaded without holding up others."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine import Config, Engine, Options, installation
from engine.errors import InvalidOption
from engine.weights.locate import WHISPER_REPOS, Weights, find_whisper
from engine.weights.model_choice import has_choice, known_models
from engine.weights.pins import COMMITS

ACCURATE = "small"


@pytest.fixture
def two(tmp_path: Path) -> Config:
    """An installation that has real weights under the name of the accurate model too."""
    config = replace(Config.from_env(), hub_cache=tmp_path / "hub", model_dir=tmp_path)
    (tmp_path / ACCURATE).symlink_to(find_whisper("base", config).path, target_is_directory=True)
    return config


def in_hub_cache(folder: Path, name: str) -> None:
    """Lays out a model as the hub's cache does, without its weights' content."""
    repo = WHISPER_REPOS[name]
    snapshot = folder / f"models--{repo.replace('/', '--')}" / "snapshots" / COMMITS[repo]
    snapshot.mkdir(parents=True)
    (snapshot / "model.bin").touch()


def test_only_the_fast_model_is_known_until_the_other_is_here(tmp_path: Path) -> None:
    config = replace(Config.from_env(), hub_cache=tmp_path)
    assert known_models(config, cuda=False) == ("base",) and not has_choice(config)
    in_hub_cache(tmp_path, ACCURATE)
    assert known_models(config, cuda=False) == ("base", ACCURATE) and has_choice(config)
    assert known_models(replace(config, model=ACCURATE), cuda=False) == (ACCURATE, "base")
    assert known_models(replace(config, models=()), cuda=False) == ("base",)
    assert known_models(replace(config, models=("auto", "tiny")), cuda=False) == ("base", ACCURATE, "tiny")


def test_a_gpu_has_a_pair_of_its_own(tmp_path: Path) -> None:
    config = replace(Config.from_env(), hub_cache=tmp_path)
    assert known_models(config, cuda=True) == ("large-v3-turbo",)
    in_hub_cache(tmp_path, "large-v3")
    assert known_models(config, cuda=True) == ("large-v3-turbo", "large-v3")
    assert known_models(config, cuda=False) == ("base",)


def test_a_model_that_loads_holds_up_no_request_for_another(
    two: Config, speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slowly(name: str, config: Config) -> Weights:
        if name == ACCURATE:
            begun.set()
            assert go.wait(60)
        return find_whisper(name, config)

    monkeypatch.setattr(installation, "find_whisper", slowly)
    with closing(Engine(two)) as engine:
        engine.languages()
        assert engine.health()["known_models"] == ["base", ACCURATE]
        texts: list[str] = []
        options = Options(language="en", model=ACCURATE)
        asking = threading.Thread(target=lambda: texts.append(engine.transcribe(speech, options).text))
        asking.start()
        assert begun.wait(60)
        assert engine.transcribe(speech).model == "base"
        assert engine.health()["models"] == {"base": "package"} and not texts
        go.set()
        asking.join(120)
        assert texts[0].startswith("The quick brown fox")
        assert engine.health()["models"] == {"base": "package", ACCURATE: "directory"}
        with pytest.raises(InvalidOption, match="Known here: base, small"):
            engine.transcribe(speech, Options(model="medium"))
