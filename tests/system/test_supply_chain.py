"""What is loaded is what was pinned: commits of the hub, hashes of pickles, and no code of a model's."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Wav2Vec2ForCTC

from engine import Config, Engine
from engine.alignment.aligner import Utterance
from engine.alignment.wav2vec2.aligner import Wav2Vec2Aligner
from engine.config import settings
from engine.errors import ModelMissing, SetupError, UntrustedWeights, WeightsDamaged
from engine.vad.pyannet import PyanNet
from engine.weights.locate import WHISPER_REPOS, find_wav2vec2, find_whisper, vad_weights
from engine.weights.pins import COMMITS, PICKLES
from tests.support.recordings import ROOT
from tests.support.tone_model import say

OTHER = "0123456789abcdef" * 2 + "01234567"
SAFE = ("config.json", "model.safetensors")
PICKLED = ("config.json", "pytorch_model.bin")
ENGLISH, FRENCH = "facebook/wav2vec2-base-960h", "facebook/wav2vec2-base-10k-voxpopuli-ft-fr"


class Trap:
    """Unpickles by making a file: what a malicious checkpoint would do, harmlessly."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.made,))


@pytest.fixture
def model(tone_model: Path, tmp_path: Path) -> Path:
    """A copy of a wav2vec2 model that a test may spoil."""
    return Path(shutil.copytree(tone_model, tmp_path / "model"))


@pytest.fixture
def pickled(model: Path) -> Path:
    """The same model with its weights in a pickle."""
    state = Wav2Vec2ForCTC.from_pretrained(model).state_dict()
    (model / "model.safetensors").unlink()
    torch.save(state, model / "pytorch_model.bin")
    return model


def hash_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def cached(hub: Path, repo: str, commit: str, files: tuple[str, ...], main: bool = False) -> Path:
    """Lays a repository's commit into a hub's cache as huggingface_hub does, with empty files."""
    folder = hub / f"models--{repo.replace('/', '--')}"
    snapshot = folder / "snapshots" / commit
    snapshot.mkdir(parents=True)
    for file in files:
        (snapshot / file).touch()
    if main:
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text(commit)
    return snapshot


def offline(hub: Path, **settings: object) -> Config:
    return Config(cache_dir=hub / "joined", hub_cache=hub, offline=True, **settings)


# Pickles


def test_a_pickle_whose_content_is_not_known_is_refused_unread(pickled: Path, tmp_path: Path) -> None:
    torch.save({"lm_head.weight": Trap(tmp_path / "trapped")}, pickled / "pytorch_model.bin")
    with pytest.raises(UntrustedWeights, match=hash_of(pickled / "pytorch_model.bin")) as caught:
        Wav2Vec2Aligner.load(pickled)
    assert "WORDLIGHT_TRUSTED_PICKLES" in caught.value.hint
    assert not (tmp_path / "trapped").exists()


def test_a_harmless_pickle_is_refused_too_until_its_hash_is_trusted(pickled: Path) -> None:
    with pytest.raises(UntrustedWeights):
        Wav2Vec2Aligner.load(pickled)
    trusted = (hash_of(pickled / "pytorch_model.bin"),)
    wave, spoken = say("the train is late")
    aligner = Wav2Vec2Aligner.load(pickled, trusted_pickles=trusted)
    (found,) = aligner.align([Utterance(wave, ("the", "train", "is", "late"), "en")])
    assert np.abs([(word.start, word.end) for word in found] - np.array(spoken)).max() < 0.041


def test_one_changed_byte_takes_the_trust_away(pickled: Path) -> None:
    weights = pickled / "pytorch_model.bin"
    trusted = (hash_of(weights),)
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(UntrustedWeights):
        Wav2Vec2Aligner.load(pickled, trusted_pickles=trusted)


def test_safetensors_are_read_where_a_pickle_lies_beside_them(model: Path, tmp_path: Path) -> None:
    torch.save({"lm_head.weight": Trap(tmp_path / "trapped")}, model / "pytorch_model.bin")
    Wav2Vec2Aligner.load(model)
    assert not (tmp_path / "trapped").exists()


def test_the_vad_model_is_the_one_that_whisperx_ships(tmp_path: Path) -> None:
    PyanNet.load(vad_weights(), "cpu")
    content = bytearray(vad_weights().read_bytes())
    content[-1] ^= 1
    (tmp_path / "changed.bin").write_bytes(content)
    with pytest.raises(WeightsDamaged, match="not the file that whisperx"):
        PyanNet.load(tmp_path / "changed.bin", "cpu")


def test_pickles_of_the_hub_are_taken_only_where_one_is_known(tmp_path: Path) -> None:
    cached(tmp_path, FRENCH, OTHER, PICKLED, main=True)
    with pytest.raises(ModelMissing, match="WORDLIGHT_TRUSTED_PICKLES"):
        find_wav2vec2("fr", offline(tmp_path))
    trusting = offline(tmp_path, trusted_pickles=("0" * 64,))
    assert find_wav2vec2("fr", trusting).path.name == OTHER  # and the hash is checked when it is loaded


@pytest.mark.parametrize("repo", PICKLES)
def test_a_repository_with_a_known_pickle_has_a_pinned_commit(repo: str) -> None:
    assert repo in COMMITS


# Commits of the hub


@pytest.mark.parametrize(("name", "repo"), WHISPER_REPOS.items())
def test_every_whisper_model_is_read_at_its_pinned_commit(tmp_path: Path, name: str, repo: str) -> None:
    pinned = cached(tmp_path, repo, COMMITS[repo], ("model.bin",))
    cached(tmp_path, repo, OTHER, ("model.bin",), main=True)  # what the owner has pushed since
    config = offline(tmp_path)
    found = find_whisper(name, config)
    if name == "base":  # which a package carries, whose hash is pinned
        assert found.source == "package"
    else:
        assert (found.path, found.commit) == (pinned, COMMITS[repo])


def test_an_aligner_is_read_at_its_pinned_commit(tmp_path: Path) -> None:
    pinned = cached(tmp_path, ENGLISH, COMMITS[ENGLISH], SAFE)
    cached(tmp_path, ENGLISH, OTHER, SAFE, main=True)
    assert find_wav2vec2("en", offline(tmp_path)).path == pinned


def test_another_commit_than_the_pinned_one_is_not_taken(tmp_path: Path) -> None:
    cached(tmp_path, ENGLISH, OTHER, SAFE, main=True)
    with pytest.raises(ModelMissing) as caught:
        find_wav2vec2("en", offline(tmp_path))
    assert f"{ENGLISH}@{COMMITS[ENGLISH]}" in caught.value.hint
    assert "WORDLIGHT_REVISIONS" in caught.value.hint
    chosen = offline(tmp_path, revisions=(f"{ENGLISH}@{OTHER}",))
    assert find_wav2vec2("en", chosen).commit == OTHER


def test_a_commit_may_stand_behind_a_model_s_name(tmp_path: Path) -> None:
    cached(tmp_path, WHISPER_REPOS["tiny"], OTHER, ("model.bin",))
    config = Config.from_env({
        "WORDLIGHT_MODEL": f"tiny@{OTHER}", "WORDLIGHT_MODELS": f"base,someone/whisper@{OTHER}",
        "HF_HUB_CACHE": str(tmp_path), "WORDLIGHT_OFFLINE": "1",
    })  # fmt: skip
    assert (config.model, config.models) == ("tiny", ("base", "someone/whisper"))
    assert find_whisper("tiny", config).commit == OTHER
    cached(tmp_path, "someone/whisper", OTHER, ("model.bin",))
    assert find_whisper("someone/whisper", config).commit == OTHER


@pytest.mark.parametrize("commit", ["main", "v1.0", "", OTHER[:39], OTHER.upper(), f"{OTHER}@{OTHER}"])
@pytest.mark.parametrize("variable", ["WORDLIGHT_MODEL", "WORDLIGHT_MODELS", "WORDLIGHT_REVISIONS"])
def test_what_can_be_moved_is_no_commit(variable: str, commit: str) -> None:
    with pytest.raises(SetupError, match=variable):
        Config.from_env({variable: f"someone/model@{commit}"})


def test_a_hash_that_is_none_is_refused_at_start() -> None:
    with pytest.raises(SetupError, match="WORDLIGHT_TRUSTED_PICKLES"):
        Config.from_env({"WORDLIGHT_TRUSTED_PICKLES": "pytorch_model.bin"})


def test_health_and_log_tell_the_commit(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    repo = WHISPER_REPOS["base"]
    snapshot = cached(tmp_path, repo, OTHER, ())
    for file in find_whisper("base", Config()).path.iterdir():
        if file.suffix in (".bin", ".json"):
            (snapshot / file.name).symlink_to(file)
    config = replace(Config.from_env(), offline=True, hub_cache=tmp_path, model=f"base@{OTHER}")
    engine = Engine(config)
    with caplog.at_level("INFO", "wordlight"):
        engine.start()
        engine.languages()  # waits until it is loaded
    health = engine.health()
    engine.close()
    assert health["commits"] == {"base": OTHER}
    assert health["models"] == {"base": "cache"}
    entries = [getattr(record, "entry", {}) for record in caplog.records]
    assert {"model": "base", "source": "cache", "commit": OTHER} in entries


# What a model's files may say

CODE = [
    ("config.json", {"auto_map": {"AutoModelForCTC": "evil.Model"}}),
    ("config.json", {"attn_implementation": "someone/kernel"}),
    ("config.json", {"_attn_implementation": "someone/kernel"}),
    ("config.json", {"_attn_implementation_internal": "someone/kernel"}),
    ("config.json", {"_experts_implementation": "someone/kernel"}),
    ("config.json", {"trust_remote_code": True}),
    ("config.json", {"custom_pipelines": {"any": {"impl": "evil.Pipeline"}}}),
    ("config.json", {"quantization_config": {"quant_method": "awq"}}),
    ("config.json", {"task_specific_params": {"deep": [{"auto_map": ["evil.Model", None]}]}}),
    ("config.json", {"model_type": "lightglue"}),
    ("config.json", {"architectures": ["EvilForCTC"]}),
    ("tokenizer_config.json", {"auto_map": ["evil.Tokenizer", None]}),
    ("tokenizer_config.json", {"tokenizer_class": "EvilTokenizer"}),
    ("preprocessor_config.json", {"auto_map": {"AutoFeatureExtractor": "evil.Extractor"}}),
    ("preprocessor_config.json", {"feature_extractor_type": "EvilExtractor"}),
    ("special_tokens_map.json", {"auto_map": ["evil.Tokenizer", None]}),
]


@pytest.mark.parametrize(("file", "added"), CODE, ids=[f"{file}:{json.dumps(added)}" for file, added in CODE])
def test_a_file_that_names_code_is_refused(model: Path, file: str, added: dict[str, Any]) -> None:
    (model / "evil.py").write_text("open('ran', 'w')")
    path = model / file
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(content | added))
    with pytest.raises(UntrustedWeights, match=file):
        Wav2Vec2Aligner.load(model)


def test_an_adapter_over_another_model_is_refused(model: Path) -> None:
    (model / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "someone/model"}))
    with pytest.raises(UntrustedWeights, match=r"adapter_config\.json"):
        Wav2Vec2Aligner.load(model)


def test_paths_that_a_file_names_are_not_opened(model: Path, tmp_path: Path) -> None:
    expected = Wav2Vec2Aligner.load(model).alphabet
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"<pad>": 0, "secret": 1}))
    path = model / "tokenizer_config.json"
    named = dict.fromkeys(
        ("vocab_file", "tokenizer_file", "special_tokens_map_file", "name_or_path"), str(secret)
    )
    path.write_text(json.dumps(json.loads(path.read_text()) | named))
    assert Wav2Vec2Aligner.load(model).alphabet == expected


@pytest.mark.parametrize("content", ["[]", "nonsense", "[" * 100_000, '"text"'])
def test_a_file_that_is_no_object_is_damage(model: Path, content: str) -> None:
    (model / "config.json").write_text(content)
    with pytest.raises(WeightsDamaged, match=r"config\.json"):
        Wav2Vec2Aligner.load(model)


# What the code may say


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Yields every call in the application's own code as (path, call, name of what is called)."""
    for path in [
        ROOT / "app.py",
        *ROOT.glob("engine/**/*.py"),
        *ROOT.glob("jobs/**/*.py"),
        *ROOT.glob("server/**/*.py"),
        *ROOT.glob("page/**/*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield path.relative_to(ROOT), node, ast.unparse(node.func)


def test_pickles_are_read_in_two_places_behind_the_check_of_their_hash() -> None:
    # A tool for developers, and no part of the server.
    tool = Path("engine/diarization/conversion/__main__.py")
    loads = [(path, call) for path, call, name in calls() if name == "torch.load" and path != tool]
    readers = ["engine/alignment/wav2vec2/checkpoint.py", "engine/vad/pyannet.py"]
    assert sorted(str(path) for path, _ in loads) == readers
    for path, call in loads:
        assert ast.unparse(call.args[0]) == "file", "the handle that was hashed, not a path"
        assert any(keyword.arg == "weights_only" for keyword in call.keywords)
        assert "require_known_pickle(file, " in (ROOT / path).read_text()
    forbidden = ("pickle.", "joblib.", "torch.jit.", "torch.hub.", "torch.package.", "torch.export.")
    assert not [(path, name) for path, _, name in calls() if name.startswith(forbidden)]


def test_what_advisories_speak_of_is_not_called() -> None:
    spoken_of = {
        "lstm_cell", "mkldnn_max_pool2d", "unpack_sequence", "pad_packed_sequence", "lu", "rot90", "nan_to_num",
        "profile", "compile_module", "save_pretrained", "load_from_checkpoint",
    }  # fmt: skip
    assert not [(path, name) for path, _, name in calls() if name.split(".")[-1] in spoken_of]


def test_transformers_is_never_given_a_folder_or_told_to_trust() -> None:
    for path, call, name in calls():
        # pyannote's own pipeline is read only from the operator's folder or at the operator's commit.
        if name.endswith(".from_pretrained") and path != Path("engine/diarization/pyannote.py"):
            assert ast.unparse(call.args[0]) == "None", path
        assert not any(keyword.arg == "trust_remote_code" for keyword in call.keywords), path


def test_the_server_imports_no_library_that_loads_checkpoints_by_itself() -> None:
    code = (
        "import engine.installation, engine.scheduling.scheduler, engine.recognition.recognizer, engine.vad.pyannote,"
        "engine.vad.silero, engine.alignment.wav2vec2.aligner, engine.alignment.phonetic.aligner,"
        "engine.pipeline.transcription, page.gradio_api, sys;"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    unwanted = {"lightning", "pytorch_lightning", "nltk", "kernels", "peft", "optuna", "werkzeug"}
    assert not unwanted & set(found)


def test_the_settings_of_pins_are_listed() -> None:
    assert {"WORDLIGHT_REVISIONS", "WORDLIGHT_TRUSTED_PICKLES"} <= {variable for variable, _, _ in settings()}
