"""Speech that the first decoding of a window leaves out is decoded alone; what cannot be made out is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import soundfile
from faster_whisper.audio import decode_audio
from numpy.typing import NDArray

from engine import Engine, Options
from engine.export.writers import write
from engine.recognition.decoding import DecodedWord, DecodingOptions, DecodingRequest, DecodingResult
from engine.recognition.encoder import FRAME_RATE, Encoded, Encoder
from engine.recognition.recognizer import Recognizer
from engine.recognition.second_look import LONGEST, LOOKED, LOOKS, SecondLook
from engine.regions import Span
from tests.support.error_rate import error_rate
from tests.support.recordings import ROOT, TALK, clip

RATE = 16_000
EMPTY = ctranslate2.StorageView.from_array(np.zeros((1, 1), np.float32))
SHEILA = (21.935, 23.978)  # seconds of TALK in which Sheila says that there is not much difference


def test_talk_between_two_sentences_is_not_passed_over(engine: Engine, tmp_path: Path) -> None:
    """Packed together, the first decoding leaves out the talk and writes both sentences."""
    talk = soundfile.read(TALK, dtype="float32")[0][7 * RATE : 25 * RATE]
    count, fox = (
        soundfile.read(clip(entry), dtype="float32")[0] for entry in ("en/counting", "en/quick_brown_fox")
    )
    pause = np.zeros(2 * RATE, np.float32)
    turns = [line.split(" ", 5) for line in TALK.with_suffix(".stm").read_text().splitlines()]
    truth = " ".join(turn[5] for turn in turns if float(turn[3]) > 7 and float(turn[4]) < 25)
    for name, parts in {
        "between": [count, pause, talk, pause, fox],
        "first": [talk, pause, fox, count],
    }.items():
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, np.concatenate(parts), RATE)
        transcript = engine.transcribe(path, Options(language="en", vad_sensitivity="normal"))
        assert error_rate(truth, transcript.text, "en") < 0.75  # the sentences beside it are no errors here
        assert "brown fox" in transcript.text
        assert "New Jersey" in transcript.text and "Texas" in transcript.text
        assert not [entry for entry in transcript.coverage if entry.end - entry.start > 4]


def four_people(second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns sentences of four people in 7 s, joined without a pause; the second is given.

    The first decoding leaves Sheila's out and gives its time to "And", which becomes 2.3 s long.
    """
    talk = soundfile.read(TALK, dtype="float32")[0]
    kennedy = decode_audio(str(ROOT / "assets" / "examples" / "kennedy-1961.mp3"), RATE)
    hello = soundfile.read(clip("en/hello_world"), dtype="float32")[0]
    return np.concatenate([hello, second, cut(kennedy, (0.25, 2.3)), cut(talk, (28.445, 29.987))])


def cut(samples: NDArray[np.float32], span: Span) -> NDArray[np.float32]:
    return samples[int(span[0] * RATE) : int(span[1] * RATE)]


def test_a_sentence_that_is_left_out_is_decoded_alone(engine: Engine, tmp_path: Path) -> None:
    sheila = cut(soundfile.read(TALK, dtype="float32")[0], SHEILA)
    soundfile.write(path := tmp_path / "four.wav", four_people(sheila), RATE)
    transcript = engine.transcribe(path, Options(language="en"))
    found = transcript.text.lower()
    assert found.index("hello") < found.index("much difference") < found.index("fellow american")
    assert not transcript.coverage


def test_speech_that_cannot_be_made_out_is_told_in_every_format(engine: Engine, tmp_path: Path) -> None:
    japanese = cut(soundfile.read(clip("ja/kazoeru"), dtype="float32")[0], (0.25, 2.25))
    soundfile.write(path := tmp_path / "four.wav", four_people(japanese), RATE)
    transcript = engine.transcribe(path, Options(language="en"))
    (found,) = transcript.coverage
    assert found.kind == "speech_without_words"
    assert found.start < 2.9 and found.end > 1.3  # the Japanese sentence is from 1.14 to 3.14
    assert [notice.code for notice in transcript.notices] == ["bare"]
    for name in ("vtt", "lrc"):
        assert "Speech without words" in write(transcript, name)


NAMES = DecodingOptions(hotwords="Zbigniew Brzezinski, Saoirse Ronan")


def test_hotwords_are_not_written_over_noise_that_is_taken_for_speech(recognizer: Recognizer) -> None:
    fox = soundfile.read(clip("en/quick_brown_fox"), dtype="float32")[0]
    noise = np.random.default_rng(1).normal(0, 0.05, 4 * RATE).astype(np.float32)
    features = recognizer.features(np.concatenate([fox, noise]))
    seconds = len(fox) / RATE
    encoded = recognizer.encode([features])
    (result,) = recognizer.decode(
        encoded, [DecodingRequest("en", NAMES)], [[(0.0, seconds), (seconds, seconds + 4)]]
    )
    text = "".join(word.text for word in result.words).lower()
    assert "lazy dog" in text
    assert not {"zbigniew", "brzezinski", "saoirse", "ronan"} & set(
        text.replace(".", "").replace(",", "").split()
    )


class Listener:
    """Stands for a model: writes a word a second of what it is given, or nothing; counts what it decodes.

    most  words that it writes at once
    """

    def __init__(self, text: str, logprob: float = -0.1, most: int = 99) -> None:
        self.text, self.logprob, self.most = text, logprob, most
        self.seconds: list[float] = []
        self.asks: list[DecodingRequest] = []

    def encode(self, windows: Sequence[NDArray[np.float32]]) -> Encoded:
        return Encoded(np.stack(windows), EMPTY, tuple(window.shape[1] for window in windows))

    def decode(self, encoded: Encoded, asks: Sequence[DecodingRequest]) -> list[DecodingResult]:
        (frames,) = encoded.frames
        self.seconds.append(frames / FRAME_RATE)
        self.asks.extend(asks)
        words = [
            DecodedWord(f" {self.text}{len(self.seconds)}", at, at + 0.5, 0.9, self.logprob, 1)
            for at in range(min(self.most, frames // FRAME_RATE) if self.text else 0)
        ]
        return [DecodingResult(tuple(words), "en", 0.1)]


def look(
    listener: Listener, seconds: int, speech: Sequence[Span], options: DecodingOptions = DecodingOptions()
) -> str:
    """Returns the text of a window of which the first decoding wrote nothing."""
    features = np.zeros((80, seconds * FRAME_RATE), np.float32)
    second_look = SecondLook(listener, listener.decode)  # type: ignore[arg-type]
    result = second_look.complete(
        features, DecodingRequest("en", options), DecodingResult((), "en", 0.1), speech
    )
    return "".join(word.text for word in result.words)


def test_all_looks_at_a_window_are_bounded() -> None:
    listener = Listener("word")
    look(listener, 28, [(1.0, 27.5)])
    assert len(listener.seconds) > 1 and max(listener.seconds) <= LONGEST
    listener = Listener("word", most=1)  # of each look, most stays bare
    look(listener, 12, [(0.5, 11.5)])
    assert 12 < sum(listener.seconds) <= LOOKED * 12 and len(listener.seconds) <= LOOKS


@pytest.mark.parametrize("listener", [Listener(""), Listener("word", logprob=-0.9)])
def test_a_look_that_finds_nothing_is_the_last_at_a_window(listener: Listener) -> None:
    assert look(listener, 16, [(0.5, 3.0), (5.0, 8.0), (10.0, 13.0)], NAMES) == ""
    assert len(listener.seconds) == 1


def test_hotwords_help_only_with_speech_that_is_heard_without_them() -> None:
    listener = Listener("word")
    look(listener, 16, [(3.0, 6.0)], NAMES)
    assert [ask.has_hints for ask in listener.asks] == [False, True]


def test_sentences_that_are_said_again_at_once_are_all_written(engine: Engine, tmp_path: Path) -> None:
    """Whisper writes one of three; a look at the others finds one, and one at the last is needed too."""
    fox = soundfile.read(clip("en/quick_brown_fox"), dtype="float32")[0]
    soundfile.write(path := tmp_path / "again.wav", np.concatenate([fox] * 3), RATE)
    assert engine.transcribe(path).text.lower().count("brown fox") == 3


def test_a_recording_that_repeats_a_sentence_is_decoded_at_most_three_times(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fox = soundfile.read(clip("en/quick_brown_fox"), dtype="float32")[0]
    pause = np.zeros(RATE, np.float32)
    soundfile.write(path := tmp_path / "loop.wav", np.concatenate([fox, pause] * 14), RATE)
    frames: list[int] = []
    encode = Encoder.encode

    def counting(encoder: Encoder, windows: Sequence[NDArray[np.float32]]) -> Encoded:
        frames.extend(window.shape[1] for window in windows)
        return encode(encoder, windows)

    monkeypatch.setattr(Encoder, "encode", counting)
    transcript = engine.transcribe(path, Options(language="en"))
    speech = 14 * len(fox) / RATE
    assert transcript.text.lower().count("brown fox") >= 13  # 5 of 14 by the first decoding
    assert sum(frames) / FRAME_RATE <= 3 * (speech + 14)


@pytest.mark.parametrize(
    ("logprob", "options", "kept"),
    [
        (-0.1, DecodingOptions(), "loud faint across"),
        (-0.7, DecodingOptions(), "loud across"),
        (-0.1, NAMES, "loud across"),
    ],
    ids=["likely", "unlikely", "with hotwords"],
)
def test_words_over_faint_speech_must_be_likely_and_owe_nothing_to_hotwords(
    logprob: float, options: DecodingOptions, kept: str
) -> None:
    words = [("loud", 0.2, 0.6), ("faint", 1.2, 1.6), ("across", 1.9, 2.4)]
    result = DecodingResult(
        tuple(DecodedWord(f" {text}", *times, 0.9, logprob, 1) for text, *times in words), "en", 0.1
    )
    listener = Listener("")
    second_look = SecondLook(listener, listener.decode)  # type: ignore[arg-type]
    found = second_look.complete(
        np.zeros((80, 300), np.float32),
        DecodingRequest("en", options, faint=((1.0, 2.0),)),
        result,
        [(0.0, 3.0)],
    )
    assert "".join(word.text for word in found.words).strip() == kept


class Retort(Listener):
    """Hears other words than those of the window, of which it is not sure."""

    def decode(self, encoded: Encoded, asks: Sequence[DecodingRequest]) -> list[DecodingResult]:
        super().decode(encoded, asks)
        return [DecodingResult((DecodedWord(f" {self.text}", 0.1, 0.9, 0.4, self.logprob, 1),), "en", 0.1)]


@pytest.mark.parametrize(
    ("heard", "logprob", "text", "start"),
    [
        # What cannot be made out is left bare, and so is told.
        ("Neither did I.", -0.9, "I didn't know.", 2.5),
        ("Neither did I.", -0.2, "Neither did I. I didn't know.", 2.0),
        ("I didn't", -0.2, "I didn't know.", 1.0),  # the beginning is where attention has it
    ],
)
def test_a_doubtful_beginning_before_a_pause_hides_nothing(
    heard: str, logprob: float, text: str, start: float
) -> None:
    """Another person's words have the time of "I didn't", which reaches over the pause behind them."""
    words = [("I", 1.0, 1.4, -1.1), ("didn't", 1.4, 2.8, -0.4), ("know.", 2.8, 3.2, -0.1)]
    result = DecodingResult(
        tuple(DecodedWord(f" {word}", *times, 0.7, chance, 1) for word, *times, chance in words), "en", 0.1
    )
    listener = Retort(heard, logprob)
    second_look = SecondLook(listener, listener.decode)  # type: ignore[arg-type]
    found = second_look.complete(
        np.zeros((80, 400), np.float32), DecodingRequest("en"), result, [(1.0, 2.0), (2.5, 3.3)]
    )
    assert "".join(word.text for word in found.words).strip() == text
    begun = next(word for word in found.words if word.text == " didn't")
    assert found.words[found.words.index(begun) - 1].start == pytest.approx(start, abs=0.1)
    assert len(listener.seconds) == 1
