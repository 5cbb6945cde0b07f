"""The table of languages against Whisper's and WhisperX's own."""

from __future__ import annotations

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES
from whisperx.alignment import DEFAULT_ALIGN_MODELS_HF, DEFAULT_ALIGN_MODELS_TORCH
from whisperx.utils import LANGUAGES as WHISPERX_LANGUAGES
from whisperx.utils import TO_LANGUAGE_CODE

from engine.errors import InvalidOption
from engine.languages import LANGUAGES, is_spaceless
from engine.text.language_names import code_of
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS


def test_all_of_whispers_hundred_languages_are_there_and_no_other() -> None:
    assert len(LANGUAGES) == 100
    assert set(LANGUAGES) == set(_LANGUAGE_CODES)


def test_the_order_is_whispers() -> None:
    assert list(LANGUAGES) == list(WHISPERX_LANGUAGES)


def test_every_language_has_both_names() -> None:
    for code, language in LANGUAGES.items():
        assert language.code == code
        assert language.name and language.name[0].isupper() and "_" not in language.name
        assert language.native


def test_names_are_unlike_each_other() -> None:
    assert len({language.name for language in LANGUAGES.values()}) == 100
    assert len({language.native for language in LANGUAGES.values()}) == 100


@pytest.mark.parametrize("code", LANGUAGES)
def test_code_name_and_own_name_all_lead_to_the_code(code: str) -> None:
    language = LANGUAGES[code]
    for name in (
        code,
        code.upper(),
        language.name,
        language.name.lower(),
        language.native,
        f" {language.name}\n",
    ):
        assert code_of(name) == code


@pytest.mark.parametrize(("name", "code"), sorted(TO_LANGUAGE_CODE.items()))
def test_every_name_that_whisper_knows_is_known(name: str, code: str) -> None:
    assert code_of(name) == code


@pytest.mark.parametrize("name", ["auto", "Auto", " AUTO "])
def test_auto_is_no_language(name: str) -> None:
    assert code_of(name) is None


@pytest.mark.parametrize("name", ["xx", "klingon", "en-", "e n"])
def test_an_unknown_language_is_named_in_the_message(name: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        code_of(name)
    assert repr(name) in caught.value.message
    assert "auto" in caught.value.hint


def test_aligners_are_there_for_exactly_the_languages_of_whisperx() -> None:
    assert set(WAV2VEC2_MODELS) == set(DEFAULT_ALIGN_MODELS_HF) | set(DEFAULT_ALIGN_MODELS_TORCH)


@pytest.mark.parametrize("code", sorted(DEFAULT_ALIGN_MODELS_HF.keys() - {"vi"}))
def test_aligners_from_the_hub_are_those_of_whisperx(code: str) -> None:
    assert WAV2VEC2_MODELS[code] == DEFAULT_ALIGN_MODELS_HF[code]


def test_vietnamese_is_timed_by_a_model_that_the_loader_loads_whole() -> None:
    assert WAV2VEC2_MODELS["vi"] != DEFAULT_ALIGN_MODELS_HF["vi"]


@pytest.mark.parametrize("code", DEFAULT_ALIGN_MODELS_TORCH)
def test_torchaudios_aligners_are_named_as_on_the_hub(code: str) -> None:
    # Such as VOXPOPULI_ASR_BASE_10K_FR and facebook/wav2vec2-base-10k-voxpopuli-ft-fr.
    bundle, repository = DEFAULT_ALIGN_MODELS_TORCH[code], WAV2VEC2_MODELS[code]
    assert repository.startswith("facebook/wav2vec2-base-")
    training = "960h" if code == "en" else "10k"
    assert training in bundle.lower() and training in repository
    if code != "en":
        assert bundle.startswith("VOXPOPULI") and bundle.lower().endswith(f"_{code}")
        assert repository.endswith(f"voxpopuli-ft-{code}")


def test_spaceless_languages_are_whispers() -> None:
    assert [code for code in LANGUAGES if is_spaceless(code)] == ["zh", "ja", "th", "lo", "my", "yue"]
