"""ZeroGPU: Whisper runs in tasks that `spaces.GPU` would send to another process; here it changes nothing."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import ctranslate2
import gradio as gr
import pytest
import soundfile
import spaces

from engine import Config, Engine
from engine.doctor import device
from engine.doctor.check import Installed
from engine.errors import Busy
from engine.recognition.lent_gpu import GpuTask, LentRecognizer
from engine.recognition.recognizer import Recognizer
from engine.weights.locate import default_model, find_whisper
from page.zerogpu import LOAD_SECONDS, lent_gpu, seconds_of_gpu


@pytest.fixture
def tasks(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[GpuTask]]:
    """The tasks that were run. Each goes through a pickle and back, and so does its result, as to another process."""
    engine.languages()  # is loaded then, and may have asked for a GPU
    done: list[GpuTask] = []
    inside: list[bool] = []
    decorate, count = spaces.GPU, ctranslate2.get_cuda_device_count

    def counted() -> int:
        assert inside, "the process that is forked must not have asked for a GPU"
        return count()

    def noting(**settings: Any) -> Any:
        assert settings["duration"] is seconds_of_gpu
        plain = decorate(**settings)

        def wrapped(task: Any) -> Any:
            run = plain(task)

            def across(task: GpuTask) -> Any:
                done.append(task)
                inside.append(True)
                try:
                    return pickle.loads(pickle.dumps(run(pickle.loads(pickle.dumps(task)))))
                finally:
                    inside.pop()

            return across

        return wrapped

    monkeypatch.setattr(spaces, "GPU", noting)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", counted)
    yield done


def task(seconds: float) -> GpuTask:
    return GpuTask(model=("base", Path()), compute_type="auto", threads=1, seconds=seconds, work="decode")


def test_a_recording_is_transcribed_over_lent_tasks_as_without(
    engine: Engine, tasks: list[GpuTask], talk_wav: Path
) -> None:
    config = replace(Config.from_env(), offline=True, model="base", zero_gpu=True)
    with closing(Engine(config, lent_gpu())) as lent:
        found = lent.transcribe(talk_wav)
    assert found.text == engine.transcribe(talk_wav).text
    assert {each.work for each in tasks} == {"detect_language", "decode"}
    decoded = sum(each.seconds for each in tasks if each.work == "decode")
    assert 15 < decoded <= found.duration + 1, "each second of speech is asked for once"


def test_a_given_text_is_timed_as_without(recognizer: Recognizer, tasks: list[GpuTask], speech: Path) -> None:
    samples, _ = soundfile.read(speech, dtype="float32")
    lent = LentRecognizer("base", find_whisper("base", Config()).path, lent_gpu(), threads=2)
    text = "The quick brown fox jumps over the lazy dog."
    assert lent.time_text(samples, text, "en") == recognizer.time_text(samples, text, "en")
    assert [each.work for each in tasks] == ["time_text"]
    assert lent.languages == recognizer.languages


def test_the_gpu_is_asked_for_by_the_length_of_the_audio() -> None:
    assert seconds_of_gpu(task(0.0)) == LOAD_SECONDS
    assert seconds_of_gpu(task(600.0)) == LOAD_SECONDS + 30


def test_a_space_without_gpu_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: GpuTask) -> None:
        raise gr.Error("You have exceeded your GPU quota.")

    monkeypatch.setattr(spaces, "GPU", lambda **_: lambda _: refused)
    with pytest.raises(Busy, match="exceeded your GPU quota"):
        lent_gpu()(task(1.0))


def test_the_model_is_that_of_a_gpu() -> None:
    config = Config.from_env({"SPACES_ZERO_GPU": "true"})
    assert default_model(config, cuda=False) == "large-v3-turbo"
    assert default_model(Config(), cuda=False) == "base"


def test_the_doctor_asks_for_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: pytest.fail("a GPU was asked for"))
    first, *_ = device.checks(Installed(replace(Config(), zero_gpu=True)))
    assert first.state == "ok" and "ZeroGPU" in first.found
