"""Which diarizer an installation gets, and the networks' files."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pyannote.core import Annotation, Segment

from engine.config import Config
from engine.diarization.load import load_diarizer
from engine.diarization.networks import NetworkLoader
from engine.diarization.pyannote import PyannoteDiarizer, to_diarization
from engine.diarization.turns import SpeakerCount
from engine.errors import ModelMissing, SetupError, WeightsDamaged
from engine.weights.shipped_networks import FOLDER
from tests.support.tone_pipeline import HIGH, LOW, tones, write_pipeline

PINNED = f"pyannote/speaker-diarization-community-1@{'0' * 40}"


class Gated(BaseHTTPRequestHandler):
    """Answers as the hub does for a repository whose terms the caller has not accepted."""

    def do_GET(self) -> None:
        self.send_response(403)
        self.send_header("X-Error-Code", "GatedRepo")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, format: str, *values: object) -> None:
        """Writes no log."""


@pytest.fixture
def gated_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gated)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


def test_the_embedded_one_needs_nothing() -> None:
    diarizer, warnings = load_diarizer(Config(), cuda=False)
    assert diarizer.name == "embedded" and not warnings


def test_pyannote_without_a_pinned_commit_falls_back_and_says_what_to_do() -> None:
    diarizer, (warning,) = load_diarizer(Config(hf_token="hf_x"), cuda=True)
    assert diarizer.name == "embedded"
    assert "WORDLIGHT_REVISIONS" in warning.sentence and "WORDLIGHT_MODEL_DIR" in warning.sentence


def test_pyannote_that_is_nowhere_falls_back_and_says_what_to_do() -> None:
    config = Config(diarization="pyannote", revisions=(PINNED,), offline=True)
    diarizer, (warning,) = load_diarizer(config, cuda=False)
    assert diarizer.name == "embedded" and "WORDLIGHT_OFFLINE" in warning.sentence


def test_a_gated_pipeline_falls_back_and_asks_for_a_token(gated_hub: None, tmp_path: Path) -> None:
    config = Config(diarization="pyannote", revisions=(PINNED,), hub_cache=tmp_path)
    diarizer, (warning,) = load_diarizer(config, cuda=False)
    assert diarizer.name == "embedded" and "HF_TOKEN" in warning.sentence


def test_an_unreachable_hub_falls_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    config = Config(diarization="pyannote", revisions=(PINNED,), hub_cache=tmp_path)
    diarizer, (warning,) = load_diarizer(config, cuda=False)
    assert diarizer.name == "embedded" and "cannot be reached" in warning.sentence


@pytest.mark.parametrize("exact", [True, False])
def test_a_local_copy_of_the_pipeline_tells_voices_apart(tmp_path: Path, exact: bool) -> None:
    write_pipeline(tmp_path / "speaker-diarization-community-1")
    config = Config(diarization="pyannote", model_dir=tmp_path, offline=True)
    diarizer, warnings = load_diarizer(config, cuda=False)
    assert diarizer.name == "pyannote" and not warnings
    sound = tones((6, (LOW,)), (1, ()), (5, (HIGH,)), (2, (LOW, HIGH)), (5, (LOW,)))
    session = diarizer.open(SpeakerCount(2, 2) if exact else SpeakerCount())
    for start in range(0, len(sound), 50_000):
        session.add(sound[start : start + 50_000])
    assert session.current().turns == ()
    found = session.finish()
    session.close()
    assert found.speakers == (0, 1)
    low, high, both, last = found.turns
    assert [low.speaker, high.speaker, last.speaker] == [0, 1, 0]
    assert (low.start, low.end, high.start) == pytest.approx((0.0, 6.0, 7.0), abs=0.2)
    assert (high.end, both.end, last.end) == pytest.approx((12.0, 14.0, 19.0), abs=0.2)
    (other,) = found.second
    assert {both.speaker, other.speaker} == {0, 1}
    assert found.overlaps == ((other.start, other.end),)
    assert (other.start, other.end) == pytest.approx((12.0, 14.0), abs=0.2)


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
