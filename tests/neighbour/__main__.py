"""Runs deploy/modal_tts.py with Coqui TTS, in one process with the engine: `make neighbour`.

The models of the service are on the hub, so a small one with random weights is made here: its sound is noise, which
the engine then takes as a recording.
"""

from __future__ import annotations

import io
import os
import tempfile
import wave
from pathlib import Path
from unittest.mock import patch

import torch
from starlette.testclient import TestClient
from TTS.tts.configs.vits_config import VitsConfig
from TTS.tts.models.vits import Vits

from deploy import modal_tts
from engine import Config, Engine, Options
from tests.support.gpu_questions import noting_gpu_questions
from tests.support.recordings import clip

VOICES = ("ann", "ben")
TEXT = "The quick brown fox jumps over the lazy dog."
SLOWNESS = 8.0  # random weights give a letter hardly any time
TOLERANCE = 0.1  # seconds between the length that the engine finds and the file's


def main() -> None:
    os.environ.setdefault("WORDLIGHT_DEVICE", "cpu")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_model(folder / "model")
        client = _serve(folder / "model")
        files = [_spoken(client, voice) for voice in VOICES]
        assert files[0] != files[1], "the voices differ"
        refused = client.post("/synthesize", json={"text": TEXT, "voice": "eve"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_option"), refused.text
        (folder / "spoken.wav").write_bytes(files[0])
        _transcribe(folder / "spoken.wav")
    print("Coqui TTS and the engine work in one environment.")


def _make_model(folder: Path) -> None:
    """Makes a VITS model with two voices and random weights."""
    folder.mkdir()
    config = VitsConfig(use_speaker_embedding=True, speakers=list(VOICES))
    arguments = config.model_args
    arguments.hidden_channels, arguments.hidden_channels_ffn_text_encoder = 16, 32
    arguments.num_layers_text_encoder, arguments.num_layers_posterior_encoder = 1, 1
    arguments.upsample_initial_channel_decoder, arguments.speaker_embedding_channels = 32, 16
    arguments.use_speaker_embedding, arguments.length_scale = True, SLOWNESS
    arguments.init_discriminator = False
    torch.manual_seed(0)
    model = Vits(config)
    config.save_json(folder / "config.json")
    torch.save({"model": model.state_dict()}, folder / "model.pth")


def _serve(model: Path) -> TestClient:
    """Returns a client of the service, which runs by `.local()`, as on Modal but for its models and its device."""
    with patch.object(modal_tts, "MODELS", {"en": str(model)}):
        service = modal_tts.Speech()
        with noting_gpu_questions() as asked:
            modal_tts.import_libraries()
        print(f"before the snapshot asked for a GPU: {asked or 'nothing'}")
        client = TestClient(service.serve.local())
    assert client.get("/voices").json() == [{"language": "en", "voices": list(VOICES)}]
    assert client.get("/health").json()["device"] == Config.from_env().device
    return client


def _spoken(client: TestClient, voice: str) -> bytes:
    answer = client.post("/synthesize", json={"text": TEXT, "language": "en", "voice": voice})
    assert answer.status_code == 200, answer.text
    with wave.open(io.BytesIO(answer.content)) as file:
        seconds = file.getnframes() / file.getframerate()
        assert any(file.readframes(file.getnframes())), "the sound is not silence"
    print(f"{voice}: {seconds:.1f} s of sound")
    return answer.content


def _transcribe(spoken: Path) -> None:
    """Has the engine take the sound, and a real recording after it."""
    with wave.open(str(spoken)) as file:
        seconds = file.getnframes() / file.getframerate()
    engine = Engine(Config.from_env())
    try:
        noise = engine.transcribe(spoken, Options(language="en"))
        assert abs(noise.duration - seconds) < TOLERANCE, f"{noise.duration} s instead of {seconds} s"
        print(f"the engine found {sum(len(each.words) for each in noise.segments)} words in it")
        real = engine.transcribe(clip("en/quick_brown_fox"), Options(language="en"))
        assert "quick brown fox" in real.text.lower(), real.text
        print(f"and in a real recording: {real.text}")
    finally:
        engine.close()


if __name__ == "__main__":
    main()
