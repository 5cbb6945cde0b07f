"""Speech that louder sound hides from the detector is found, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from faster_whisper.audio import decode_audio
from numpy.typing import NDArray

from engine import Engine, Options
from engine.pipeline.recording_packing import pack_recording
from engine.pipeline.resumption import EarlierRun
from engine.recognition.decoding import DecodingRequest
from engine.recognition.recognizer import Recognizer
from engine.regions import SpeechRegion
from engine.vad.detector import Hysteresis
from engine.vad.faint_speech import FaintSpeech
from engine.vad.onnx_network import OnnxNetwork
from engine.vad.packing import pack_windows
from engine.vad.pyannote import PyannoteVad
from engine.windows import Window
from tests.support.noises import noises
from tests.support.recordings import ROOT, TALK, clip

RATE = 16_000  # Hz
RULE = Hysteresis()
FAINT = -25.0  # dB of a sentence beside its neighbours, at which the network hears nothing


def said(name: str, level: float = 0.0) -> NDArray[np.float32]:
    """Returns a clip at a level in dB of one standard deviation for all clips."""
    samples, _ = soundfile.read(clip(name), dtype="float32")
    return np.asarray(samples * (0.08 / samples.std() * 10 ** (level / 20)), np.float32)


def pause(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * RATE), np.float32)


def sheila() -> NDArray[np.float32]:
    """Returns two seconds in which Sheila says that there is not much difference, faint."""
    samples = soundfile.read(TALK, dtype="float32")[0][round(21.935 * RATE) : round(23.978 * RATE)]
    return np.asarray(samples * (0.08 / samples.std() * 10 ** (FAINT / 20)), np.float32)


def kennedy() -> NDArray[np.float32]:
    """Returns two seconds that begin a sentence, faint."""
    samples = decode_audio(str(ROOT / "assets" / "examples" / "kennedy-1961.mp3"), RATE)[RATE // 4 : 37_000]
    return np.asarray(samples * (0.08 / samples.std() * 10 ** (FAINT / 20)), np.float32)


def in_noise(*parts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the parts joined, with noise 40 dB below speech."""
    samples = np.concatenate(parts)
    noise = np.random.default_rng(1).normal(0, 0.0008, len(samples))
    return np.asarray(samples + noise, np.float32)


@pytest.fixture(scope="module")
def dialogue() -> NDArray[np.float32]:
    """Three sentences, of which the second one, from 3.1 to 5.2 s, is faint."""
    fox = said("en/quick_brown_fox")
    return in_noise(fox, pause(0.2), sheila(), pause(0.2), fox)


@pytest.fixture(scope="module")
def detector() -> PyannoteVad:
    return PyannoteVad.load("cpu")


def blocks(samples: NDArray[np.float32], size: int) -> list[NDArray[np.float32]]:
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def regions(
    detector: PyannoteVad, samples: NDArray[np.float32], size: int = 30 * RATE, rule: Hysteresis = RULE
) -> list[SpeechRegion]:
    found = FaintSpeech(detector, rule).regions(blocks(samples, size))
    return [item for item in found if isinstance(item, SpeechRegion)]


def loud_alone(detector: PyannoteVad, samples: NDArray[np.float32]) -> list[SpeechRegion]:
    return [item for item in detector.regions([samples], RULE) if isinstance(item, SpeechRegion)]


def test_a_faint_sentence_between_loud_ones_is_found_and_these_stay_as_they_are(
    detector: PyannoteVad, dialogue: NDArray[np.float32]
) -> None:
    found = regions(detector, dialogue)
    (faint,) = [region for region in found if region.is_faint]
    assert faint.start < 3.4 and faint.end > 4.9
    loud = loud_alone(detector, dialogue)
    assert [region for region in found if not region.is_faint] == loud
    assert not [region for region in loud if region.start < 5.0 and region.end > 3.2]
    assert all(one.end <= two.start for one, two in pairwise(found))


def far_apart() -> NDArray[np.float32]:
    """Loud sentences between long silences, with faint words right behind, between and before them."""
    sentence, words = said("en/quick_brown_fox"), kennedy()
    return in_noise(
        *(pause(11.0), words, pause(0.1), sentence, pause(0.1), words, pause(0.1), sentence),
        *(pause(0.1), words, pause(14.0), words, pause(0.1), sentence, pause(0.1), words, pause(12.0)),
    )


def test_the_size_of_the_blocks_changes_nothing(detector: PyannoteVad) -> None:
    samples = far_apart()
    whole = regions(detector, samples, len(samples))
    assert len([region for region in whole if region.is_faint]) >= 4
    for size in (4_321, RATE, 30 * RATE):
        assert regions(detector, samples, size) == whole


def windows_and_regions(
    detector: PyannoteVad,
    samples: NDArray[np.float32],
    known: Sequence[SpeechRegion] = (),
    finished: int = 0,
) -> tuple[list[Window], list[SpeechRegion]]:
    found: list[SpeechRegion] = []
    packed = pack_windows(blocks(samples, 30 * RATE), detector, found, known=known, finished=finished)
    return [item for item in packed if isinstance(item, Window)], found


def test_windows_are_the_same_wherever_an_earlier_run_ended(detector: PyannoteVad) -> None:
    samples = far_apart()
    windows, found = windows_and_regions(detector, samples)
    assert len(windows) > 1 and any(window.faint for window in windows)
    for count in range(1, len(found) + 1):
        again, regions_again = windows_and_regions(detector, samples, found[:count], finished=1)
        assert regions_again == found
        assert [(each.pieces, each.speech, each.faint) for each in again] == [
            (each.pieces, each.speech, each.faint) for each in windows[1:]
        ]


def sounds() -> dict[str, NDArray[np.float64]]:
    """Four seconds each of sounds that are not speech, as loud as speech."""
    count = 4 * RATE
    at = np.arange(count) / RATE
    noise = np.random.default_rng(2).normal(0, 1, count)
    spectrum, pitch = np.fft.rfft(noise), np.fft.rfftfreq(count, 1 / RATE)
    voiceless = np.fft.irfft(spectrum * ((pitch > 300) & (pitch < 3000)), count)
    found = {name: each[:count] for name, each in noises(5).items() if name != "silence"}
    found["breath"] = voiceless * np.clip(np.sin(2 * np.pi * at / 1.6), 0, None)
    found["typing"] = voiceless * (at % 0.21 < 0.03)
    found["hum"] = np.sin(2 * np.pi * 50 * at) + 0.3 * np.sin(2 * np.pi * 100 * at)
    found["syllables of noise"] = voiceless * (1 + np.sin(2 * np.pi * 4 * at))
    found["clicks"] = 1.0 * (np.random.default_rng(4).random(count) < 2e-4)
    found["a room's echo"] = np.convolve(said("en/counting")[-RATE:], noise[:RATE] * 10 ** (-3 * at[:RATE]))
    return {name: np.resize(each, count) / each.std() * 0.08 for name, each in found.items()}


@pytest.mark.parametrize("name", sorted(sounds()))
def test_what_is_not_speech_is_not_found_between_sentences(detector: PyannoteVad, name: str) -> None:
    count = said("en/counting")
    for level in (-10.0, -20.0, -30.0):
        sound = np.asarray(sounds()[name] * 10 ** (level / 20), np.float32)
        found = regions(detector, np.concatenate([count, sound, count, sound]))
        assert found and not [region for region in found if region.is_faint]


def crowd(people: int) -> NDArray[np.float32]:
    """Returns four seconds in which several people talk at once, at one standard deviation."""
    talk = soundfile.read(TALK, dtype="float32")[0]
    together = sum(talk[round(at * RATE) : round((at + 4) * RATE)] for at in np.linspace(7, 25.5, people))
    return np.asarray(together * (0.08 / np.std(together)), np.float32)


@pytest.mark.parametrize("people", [2, 3, 4, 6, 8])
def test_a_crowd_that_nobody_could_make_out_is_not_found(detector: PyannoteVad, people: int) -> None:
    fox = said("en/quick_brown_fox")
    for babble in (crowd(people), crowd(people)[::-1]):
        samples = in_noise(fox, pause(0.2), babble * np.float32(10 ** (-30 / 20)), pause(0.2), fox)
        assert not [region for region in regions(detector, samples) if region.is_faint]


def test_talk_gets_one_look_in_half_a_minute_and_keeps_its_regions(talk: NDArray[np.float32]) -> None:
    network = OnnxNetwork.load()
    seen: list[int] = []

    def counting(windows: NDArray[np.float32]) -> NDArray[np.float32]:
        seen.append(len(windows))
        return network(windows)

    detector = PyannoteVad(counting)
    loud = loud_alone(detector, talk)
    before = sum(seen)
    assert regions(detector, talk) == loud
    assert sum(seen) - 2 * before <= 2  # windows of the network, of which a look at 5 s takes two


def test_a_faint_sentence_is_written(
    engine: Engine, dialogue: NDArray[np.float32], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[DecodingRequest] = []
    decode = Recognizer.decode

    def noting(recognizer: Recognizer, encoded: object, asks: list[DecodingRequest], *rest: object) -> object:
        asked.extend(asks)
        return decode(recognizer, encoded, asks, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Recognizer, "decode", noting)
    soundfile.write(path := tmp_path / "dialogue.wav", dialogue, RATE, subtype="FLOAT")
    transcript = engine.transcribe(path, Options(language="en"))
    assert transcript.text.lower().count("brown fox") == 2
    assert "much difference" in transcript.text.lower()
    assert [ask for ask in asked if ask.faint], "its text passes no doubts"
    assert not transcript.coverage


def test_faint_speech_that_cannot_be_made_out_is_told(engine: Engine, tmp_path: Path) -> None:
    fox, japanese = said("en/quick_brown_fox"), said("ja/kazoeru", FAINT)[RATE // 4 : 36_000]
    samples = in_noise(fox, pause(0.2), japanese, pause(0.2), fox)
    soundfile.write(path := tmp_path / "faint.wav", samples, RATE, subtype="FLOAT")
    transcript = engine.transcribe(path, Options(language="en"))
    assert len(transcript.words) == 18, "words are invented"
    assert [notice.code for notice in transcript.notices] == ["bare"]
    assert any(found.start < 4.2 < found.end for found in transcript.coverage)


def test_none_is_looked_for_on_a_channel_of_one_person(
    detector: PyannoteVad, dialogue: NDArray[np.float32]
) -> None:
    """It would be the echo of the other person."""
    both = np.stack([dialogue, dialogue], axis=1)
    for levels, count in (((-20.0, -20.0), 0), (None, 1)):
        found: list[list[SpeechRegion]] = [[], []]
        packed = pack_recording(
            iter([dialogue if levels is None else both]),
            detector,
            Options(),
            levels=levels,
            found=found,
            earlier=EarlierRun(),
        )
        assert [item for item in packed if isinstance(item, Window)]
        assert len([region for region in found[0] if region.is_faint]) == count
