"""A transcription that goes on after its last checkpoint ends as one that was never disturbed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine import Config, Engine, Options, Transcript, Update
from engine.pipeline.checkpoint import Checkpoint
from engine.regions import SpeechRegion
from engine.sampling import SAMPLE_RATE
from engine.vad.detector import THRESHOLDS, VoiceActivityDetector
from engine.vad.packing import pack_windows
from engine.windows import Window

BLOCK = 30 * SAMPLE_RATE


@pytest.fixture(scope="module")
def long_samples(talk: np.ndarray) -> np.ndarray:
    """A minute with pauses of different length, so that windows end at pauses and within speech."""
    parts = []
    for seconds in (0.2, 1.4):
        parts += [talk, np.zeros(round(seconds * SAMPLE_RATE), np.float32)]
    return np.concatenate(parts)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, talk: np.ndarray) -> Path:
    """Some forty seconds, in three windows."""
    path = tmp_path_factory.mktemp("resume") / "talk.wav"
    pause = np.zeros(2 * SAMPLE_RATE, np.float32)
    soundfile.write(path, np.concatenate([talk, pause, talk[: 12 * SAMPLE_RATE]]), SAMPLE_RATE)
    return path


@pytest.fixture(scope="module", params=["pyannote", "silero"])
def detector(request: pytest.FixtureRequest) -> VoiceActivityDetector:
    if request.param == "silero":
        from engine.vad.silero import SileroVad
        from engine.weights.locate import silero_weights

        return SileroVad.load(silero_weights())
    from engine.vad.pyannote import PyannoteVad

    return PyannoteVad.load("cpu")


def packed(
    detector: VoiceActivityDetector,
    samples: np.ndarray,
    sensitivity: str,
    known: Sequence[SpeechRegion] = (),
    finished: int = 0,
) -> tuple[list[Window], list[SpeechRegion]]:
    found: list[SpeechRegion] = []
    blocks = (samples[start : start + BLOCK] for start in range(0, len(samples), BLOCK))
    rule = THRESHOLDS[sensitivity]  # type: ignore[index]
    windows = pack_windows(blocks, detector, found, rule, known=known, finished=finished)
    return [entry for entry in windows if isinstance(entry, Window)], found


@pytest.mark.parametrize("sensitivity", ["normal", "off"])
def test_windows_are_cut_at_the_same_places_wherever_detection_goes_on(
    detector: VoiceActivityDetector, long_samples: np.ndarray, sensitivity: str
) -> None:
    windows, regions = packed(detector, long_samples, sensitivity)
    assert len(windows) > 1 and len(regions) > 1
    for count in {1, len(regions) // 2, len(regions)}:
        again, found = packed(detector, long_samples, sensitivity, regions[:count], finished=1)
        assert found == regions
        assert [entry.pieces for entry in again] == [entry.pieces for entry in windows[1:]]
        assert all(
            np.array_equal(new.samples, old.samples) for new, old in zip(again, windows[1:], strict=True)
        )


def test_detection_sees_no_more_than_it_must(long_samples: np.ndarray) -> None:
    from engine.vad.onnx_network import OnnxNetwork
    from engine.vad.pyannote import PyannoteVad

    network = OnnxNetwork.load()
    frames: list[int] = []

    def counting(windows: np.ndarray) -> np.ndarray:
        frames.append(len(windows))
        return network(windows)

    detector = PyannoteVad(counting)
    _, regions = packed(detector, long_samples, "normal")
    frames.clear()
    packed(detector, long_samples, "normal")
    whole = sum(frames)
    frames.clear()
    packed(detector, long_samples, "normal", known=regions)
    assert sum(frames) < whole / 2


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine that finishes one window at a time, so that each has a checkpoint."""
    engine = Engine(replace(Config.from_env(), offline=True, batch_size=1, threads=1))
    yield engine
    engine.close()


def run(engine: Engine, media: Path, options: Options, resume: Sequence[Checkpoint] = ()) -> list[Update]:
    with closing(engine.stream(media, options, resume=resume)) as updates:
        return list(updates)


def stored(checkpoint: Checkpoint) -> Checkpoint:
    """Returns the checkpoint as it comes out of a database."""
    return Checkpoint.from_dict(json.loads(json.dumps(checkpoint.to_dict())))


def seen(transcript: Transcript | None) -> dict[str, Any]:
    assert transcript is not None
    return {name: value for name, value in transcript.to_dict().items() if name != "timings"}


@pytest.mark.parametrize(
    "options",
    [Options(), Options(language="mixed", aligner="attention"), Options(language="en", vad="silero")],
    ids=["detected", "mixed", "given"],
)
def test_a_resumed_run_ends_in_the_same_transcript(engine: Engine, recording: Path, options: Options) -> None:
    whole = run(engine, recording, options)
    checkpoints = [stored(update.checkpoint) for update in whole if update.checkpoint]
    assert len(checkpoints) >= 2
    windows = engine.stats().windows  # type: ignore[union-attr]
    for count in (1, len(checkpoints)):
        done, left = checkpoints[:count], checkpoints[count:]
        rest = run(engine, recording, options, done)
        assert seen(rest[-1].transcript) == seen(whole[-1].transcript)
        assert [entry.id for update in rest for entry in update.segments] == [
            segment.id for checkpoint in left for segment in checkpoint.segments
        ]
        # Each window is decoded in one run only.
        decoded = engine.stats().windows - windows  # type: ignore[union-attr]
        assert decoded == sum(len(checkpoint.windows) for checkpoint in left)
        windows += decoded


def test_a_run_that_is_resumed_twice_keeps_all_of_its_parts(engine: Engine, recording: Path) -> None:
    options = Options(language="en")
    whole = run(engine, recording, options)
    first = [stored(update.checkpoint) for update in whole if update.checkpoint][:1]
    again = run(engine, recording, options, first)
    second = [*first, *(stored(update.checkpoint) for update in again if update.checkpoint)][:2]
    last = run(engine, recording, options, second)
    assert seen(last[-1].transcript) == seen(whole[-1].transcript)
    assert last[-1].transcript.timings["decode"] > 0  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory, talk: np.ndarray) -> Path:
    """Two channels with a person each; neither has all of its windows before the other one's."""
    path = tmp_path_factory.mktemp("resume") / "call.wav"
    left, right = talk[: 25 * SAMPLE_RATE], talk[3 * SAMPLE_RATE : 20 * SAMPLE_RATE]
    both = np.zeros((40 * SAMPLE_RATE, 2), np.float32)
    both[: len(left), 0], both[-len(right) :, 1] = left, right
    both[2 * SAMPLE_RATE : 6 * SAMPLE_RATE, 1] = talk[20 * SAMPLE_RATE : 24 * SAMPLE_RATE]
    soundfile.write(path, both, SAMPLE_RATE)
    return path


def test_a_resumed_run_of_two_channels_ends_in_the_same_transcript(engine: Engine, call: Path) -> None:
    options = Options(language="en", speakers="channels")
    whole = run(engine, call, options)
    transcript = whole[-1].transcript
    assert transcript is not None and len(transcript.speakers) == 2
    before = [update for update in whole if update.checkpoint]
    assert {window.channel for update in before for window in update.checkpoint.windows} == {0, 1}  # type: ignore[union-attr]
    for count in (1, 2, len(before)):
        done = [stored(update.checkpoint) for update in before[:count] if update.checkpoint]
        rest = run(engine, call, options, done)
        assert seen(rest[-1].transcript) == seen(transcript)
        shown = [segment for update in (*before[:count], *rest) for segment in update.segments]
        assert shown == list(transcript.segments), "each segment is shown by one of the runs"


def test_a_resumed_run_tells_the_same_speakers_apart(engine: Engine, recording: Path) -> None:
    options = Options(language="en", speakers="2")
    whole = run(engine, recording, options)
    transcript = whole[-1].transcript
    assert transcript is not None and transcript.speakers
    last = next(at for at, update in enumerate(whole) if update.checkpoint)
    checkpoint = whole[last].checkpoint
    assert checkpoint is not None
    rest = run(engine, recording, options, [stored(checkpoint)])
    assert seen(rest[-1].transcript) == seen(transcript)
    labels: list[str | None] = []
    for update in (*whole[: last + 1], *rest):
        labels += [word.speaker for segment in update.segments for word in segment.words]
        for change in update.speaker_news.changes if update.speaker_news else ():
            labels[change.first_word : change.last_word + 1] = [change.speaker] * (
                change.last_word + 1 - change.first_word
            )
    assert labels == [word.speaker for word in transcript.words], "news correct what an earlier run has shown"
