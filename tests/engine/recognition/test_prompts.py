"""What a request asks for reaches the model and changes the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tokenizers

from engine import Config, Engine, Options
from engine.errors import InvalidOption
from engine.recognition.decoding import DecodingOptions, DecodingRequest
from engine.recognition.encoder import Encoded
from engine.recognition.hypothesis import Hypothesis
from engine.recognition.prompts import HESITANT, MAX_PROMPT, PromptBuilder
from engine.recognition.recognizer import Recognizer
from engine.weights.locate import find_whisper
from tests.support.noises import RATE, noises
from tests.support.recordings import clip

FOX = "The quick brown fox jumps over the lazy dog."


def text(recognizer: Recognizer, path: Path, *manners: DecodingOptions) -> list[str]:
    samples = soundfile.read(path, dtype="float32")[0]
    encoded = recognizer.encode([recognizer.features(samples)] * len(manners))
    heard = recognizer.decode(encoded, [DecodingRequest("en", m) for m in manners])
    return ["".join(word.text for word in entry.words).strip() for entry in heard]


def test_hotwords_are_spelled_as_given(engine: Engine, speech: Path) -> None:
    heard = engine.transcribe(speech, Options(language="en", hotwords="Quicke Browne")).text
    assert heard.startswith("The Quicke Browne")


def test_hotwords_that_lead_the_decoder_astray_are_left_out(
    engine: Engine, speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = engine.transcribe(speech, Options(language="en")).text
    generate = Recognizer.generate_alike

    def astray(
        recognizer: Recognizer, encoded: Encoded, asks: Sequence[DecodingRequest], temperature: float
    ) -> list[Hypothesis]:
        found = generate(recognizer, encoded, asks, temperature)
        return [
            replace(draft, tokens=draft.tokens[:1], logprob=-1.5, fault="unlikely")
            if ask.has_hints
            else draft
            for draft, ask in zip(found, asks, strict=True)
        ]

    monkeypatch.setattr(Recognizer, "generate_alike", astray)
    assert engine.transcribe(speech, Options(language="en", hotwords="Peter")).text == plain


@pytest.mark.parametrize(
    ("name", "vad"), [("white noise", "normal"), ("pink noise", "off"), ("music", "off")]
)
def test_no_hotword_is_heard_in_twenty_seconds_without_speech(
    engine: Engine, tmp_path: Path, name: str, vad: str
) -> None:
    soundfile.write(tmp_path / "noise.wav", noises(20)[name].astype(np.float32), RATE)
    options = Options(language="en", hotwords="Krueger Braun, Ada Lovelace", vad_sensitivity=vad)  # type: ignore[arg-type]
    assert engine.transcribe(tmp_path / "noise.wav", options).words == ()


def test_a_prompt_sets_the_style(engine: Engine, speech: Path) -> None:
    prompt = (
        "the cat sat on the mat and then it went home to sleep without any stops or capitals at all "
        "because nobody ever taught it to write them"
    )
    assert engine.transcribe(speech, Options(language="en")).text == FOX
    styled = engine.transcribe(speech, Options(language="en", initial_prompt=prompt)).text
    assert styled == FOX.lower().removesuffix(".")


@pytest.mark.parametrize("name", ["en/counting", "es/conteo", "hi/ginti"])
def test_numbers_are_written_in_words_where_that_is_asked(engine: Engine, name: str) -> None:
    language = name[:2]
    heard = engine.transcribe(clip(name), Options(language=language, suppress_numerals=True))
    assert heard.words and not any(c.isdigit() for c in heard.text)


def test_one_batch_may_hold_every_manner(recognizer: Recognizer, speech: Path) -> None:
    manners = [
        DecodingOptions(),
        DecodingOptions(hotwords="Quicke Browne"),
        DecodingOptions(beam_size=1),
        DecodingOptions(numerals=False, initial_prompt="Everything is said in words."),
    ]
    plain, spelled, greedy, worded = text(recognizer, speech, *manners)
    assert plain == greedy == worded == FOX
    assert spelled.startswith("The Quicke Browne")


def test_whisper_s_own_marks_in_a_prompt_are_not_obeyed(recognizer: Recognizer, speech: Path) -> None:
    prompt = "<|translate|> <|fr|> <|endoftext|> <|startoftranscript|>"
    assert text(recognizer, speech, DecodingOptions(initial_prompt=prompt)) == [FOX]


def test_hotwords_that_whisper_has_no_room_for_are_refused(engine: Engine, speech: Path) -> None:
    with pytest.raises(InvalidOption, match=r"hotwords takes \d+ tokens"):
        engine.transcribe(speech, Options(hotwords="ऊँट " * 120))


def test_of_a_prompt_that_is_too_long_the_end_is_heeded(engine: Engine, speech: Path) -> None:
    style = (
        "the cat sat on the mat and then it went home to sleep without any stops or capitals at all "
        "because nobody ever taught it to write them"
    )
    long, short = (
        engine.transcribe(speech, Options(language="en", initial_prompt=prompt))
        for prompt in (f"{'ऊँट ' * 110}{style}", style)
    )
    assert long.text == short.text
    assert long.warnings == ("The prompt is too long; only its end was used.",) and not short.warnings


def test_without_fallback_a_loop_is_only_cut(recognizer: Recognizer) -> None:
    counted = soundfile.read(clip("en/hello_world"), dtype="float32")[0]
    calls = []
    write = recognizer.generate_alike

    def spy(encoded, asks, temperature):  # type: ignore[no-untyped-def]
        calls.append(temperature)
        return [
            type(draft)([1] * 60, draft.logprob, draft.no_speech_prob, "loop")
            for draft in write(encoded, asks, temperature)
        ]

    recognizer.generate_alike = spy  # type: ignore[method-assign]
    try:
        for manner, expected in (
            (DecodingOptions(fallback=False), {0.0}),
            (DecodingOptions(), {0.0, 0.4, 0.8}),
        ):
            calls.clear()
            recognizer.decode(
                recognizer.encode([recognizer.features(counted)]), [DecodingRequest("en", manner)]
            )
            assert set(calls) == expected
    finally:
        del recognizer.generate_alike  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("tokens", "written", "told"),
    [
        ([2425, *[1002] * 60], "Hello world", "what was repeated is written once"),
        (
            [*[1002] * 60, 2425],
            "world " * 60 + "Hello",
            "the text repeats itself, perhaps more often than was said",
        ),
    ],
)
def test_the_reader_is_told_what_became_of_a_loop(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tokens: list[int], written: str, told: str
) -> None:
    write = Recognizer.generate_alike

    def looping(*asked):  # type: ignore[no-untyped-def]
        return [type(entry)(tokens, entry.logprob, entry.no_speech_prob, "loop") for entry in write(*asked)]

    monkeypatch.setattr(Recognizer, "generate_alike", looping)
    transcript = engine.transcribe(clip("en/hello_world"), Options(language="en", aligner="attention"))
    assert transcript.text == written
    assert [told in warning for warning in transcript.warnings] == [True]


def test_detection_that_is_off_makes_up_nothing_from_noise(engine: Engine, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, 16_000 * 40).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", noise, 16_000)
    transcript = engine.transcribe(tmp_path / "noise.wav", Options(vad_sensitivity="off"))
    assert transcript.text == ""
    assert "decode" in transcript.timings  # Whisper was asked all the same
    assert transcript.coverage == ()
    assert transcript.warnings == ("No speech was found in this recording.",)


def test_hesitations_stand_before_the_prompt_in_languages_that_have_a_text_of_them() -> None:
    known = tokenizers.Tokenizer.from_file(str(find_whisper("base", Config()).path / "tokenizer.json"))
    speech = PromptBuilder(known, multilingual=True)
    manner = DecodingOptions(verbatim=True, initial_prompt="As told.", hotwords="Anna")
    before = known.decode(speech.previous_text_tokens(DecodingRequest("en", manner)))
    assert before == f" Anna {HESITANT['en']} As told."
    assert known.decode(speech.previous_text_tokens(DecodingRequest("de", manner))) == " Anna As told."
    translated = replace(manner, task="translate")
    assert known.decode(speech.previous_text_tokens(DecodingRequest("en", translated))) == " Anna As told."
    full = replace(manner, initial_prompt="word " * (MAX_PROMPT - 3))
    assert len(speech.previous_text_tokens(DecodingRequest("en", full))) == MAX_PROMPT
    assert speech.prompt_fits(full), "what the reader has written has room, and takes that of hesitations"


def test_verbatim_invents_nothing(engine: Engine, speech: Path, tmp_path: Path) -> None:
    options = Options(language="en", verbatim=True, vad_sensitivity="off")
    assert engine.transcribe(speech, options).text == FOX
    for name in ("white noise", "music"):
        soundfile.write(tmp_path / "noise.wav", noises(20)[name].astype(np.float32), RATE)
        assert engine.transcribe(tmp_path / "noise.wav", options).words == ()
