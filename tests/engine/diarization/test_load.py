"""Which diarizer an installation gets, and the networks' files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyannote.core import Annotation, Segment

from engine.config import Config
from engine.diarization.load import load_diarizer
from engine.diarization.networks import FOLDER, NetworkLoader
from engine.diarization.pyannote import PyannoteDiarizer, to_diarization
from engine.errors import ModelMissing, SetupError, WeightsDamaged


def test_the_embedded_one_needs_nothing() -> None:
    diarizer, warnings = load_diarizer(Config(), cuda=False)
    assert diarizer.name == "embedded" and not warnings


def test_pyannote_without_a_pinned_commit_falls_back_and_says_what_to_do() -> None:
    diarizer, (warning,) = load_diarizer(Config(hf_token="hf_x"), cuda=True)
    assert diarizer.name == "embedded"
    assert "WORDLIGHT_REVISIONS" in warning.sentence and "WORDLIGHT_MODEL_DIR" in warning.sentence


def test_pyannote_that_is_nowhere_falls_back_and_says_what_to_do() -> None:
    commit = f"pyannote/speaker-diarization-community-1@{'0' * 40}"
    config = Config(diarization="pyannote", revisions=(commit,), offline=True)
    diarizer, (warning,) = load_diarizer(config, cuda=False)
    assert diarizer.name == "embedded" and "WORDLIGHT_OFFLINE" in warning.sentence


def test_a_broken_copy_falls_back(tmp_path: Path) -> None:
    folder = tmp_path / "speaker-diarization-community-1"
    folder.mkdir()
    (folder / "config.yaml").write_text("pipeline: {name: nothing.Known}")
    config = Config(diarization="pyannote", model_dir=tmp_path, offline=True)
    diarizer, (warning,) = load_diarizer(config, cuda=False)
    assert diarizer.name == "embedded" and str(folder) in warning.sentence
    with pytest.raises(ModelMissing):
        PyannoteDiarizer.load(folder, "cpu")


def test_a_diarizer_of_no_known_name_is_refused() -> None:
    with pytest.raises(SetupError, match="WORDLIGHT_DIARIZATION"):
        Config(diarization="best")


def test_a_network_that_is_not_the_one_shipped_is_refused(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.onnx"):
        shutil.copy(path, tmp_path)
    with (tmp_path / "campplus.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsDamaged, match="SHA-256"):
        NetworkLoader(tmp_path).get()


def test_overlaps_are_kept_beside_exclusive_turns() -> None:
    class Output:
        speaker_diarization = Annotation()
        exclusive_speaker_diarization = Annotation()

    Output.speaker_diarization[Segment(0, 4)] = "B"
    Output.speaker_diarization[Segment(3, 6), 1] = "A"
    Output.exclusive_speaker_diarization[Segment(0, 4)] = "B"
    Output.exclusive_speaker_diarization[Segment(4, 6)] = "A"
    found = to_diarization(Output())
    assert [(entry.start, entry.end, entry.speaker) for entry in found.turns] == [(0, 4, 0), (4, 6, 1)]
    assert found.overlaps == ((3, 4),)
    assert [(entry.start, entry.end, entry.speaker) for entry in found.second] == [(3, 4, 1)]
