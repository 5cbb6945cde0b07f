"""Alignment with a real wav2vec2 model that reads tones, see tones.py, and its loading."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import Wav2Vec2ForCTC

from engine.alignment.aligner import Utterance, WordTime
from engine.alignment.failure import AlignmentFailed
from engine.alignment.wav2vec2.aligner import Wav2Vec2Aligner
from engine.alignment.wav2vec2.checkpoint import Checkpoint
from engine.alignment.wav2vec2.emissions import EmissionModel
from engine.errors import ModelMissing, WeightsDamaged
from engine.sampling import SAMPLE_RATE
from tests.support.tone_model import FRAME, VOCABULARY, say
from tests.support.whisperx_trellis import whisperx_words


@pytest.fixture(scope="module")
def aligner(tone_model: Path) -> Wav2Vec2Aligner:
    return Wav2Vec2Aligner.load(tone_model)


def emission_of(emitter: EmissionModel, wave: np.ndarray) -> np.ndarray:
    ((_, emission),) = emitter.emissions({0: wave})
    assert isinstance(emission, np.ndarray), emission
    return emission


def copy_of(tone_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tone_model, tmp_path / "model"))


def hash_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def times(result: tuple[WordTime, ...] | AlignmentFailed) -> list[tuple[float, float]]:
    assert isinstance(result, tuple), result
    return [(word.start, word.end) for word in result]


SENTENCES = [
    "the train is late", "no one told us", "add a little salt", "it isn't dead", "ten thin nuns sat in the house",
    "oh", "alan and tina had tea on the third road",
]  # fmt: skip


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_lie_where_they_were_said(aligner: Wav2Vec2Aligner, sentence: str) -> None:
    wave, spoken = say(sentence)
    (found,) = aligner.align([Utterance(wave, tuple(sentence.split()), "en")])
    assert np.abs(np.array(times(found)) - spoken).max() < 0.041  # two frames
    assert all(word.timing == "aligned" and 0.5 < word.score <= 1 for word in found)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_lie_where_whisperx_puts_them_within_a_frame(aligner: Wav2Vec2Aligner, sentence: str) -> None:
    wave, _ = say(sentence, held=1)
    emission = emission_of(aligner.emission_model, wave)
    (found,) = aligner.align([Utterance(wave, tuple(sentence.split()), "en")])
    for word, (start, spoken, _) in zip(found, whisperx_words(emission, sentence), strict=True):
        assert abs(word.start * SAMPLE_RATE / FRAME - start) < 1.2  # a frame, and the offset in what it sees
        assert abs(word.end * SAMPLE_RATE / FRAME - spoken) < 1.2


def test_a_number_is_timed_without_a_score_and_its_neighbours_keep_theirs(aligner: Wav2Vec2Aligner) -> None:
    wave, spoken = say("the house has nine hundred and ten doors", 1)
    written = ("The", "house", "has", "910", "doors.")
    (found,) = aligner.align([Utterance(wave, written, "en")])
    expected = [*spoken[:3], (spoken[3][0], spoken[6][1]), spoken[7]]
    assert np.abs(np.array(times(found)) - expected).max() < 0.041
    assert [word.timing for word in found] == ["aligned"] * 3 + ["interpolated", "aligned"]
    assert [word.score is None for word in found] == [False] * 3 + [True, False]


def test_a_word_that_is_not_spoken_lies_between_its_neighbours(aligner: Wav2Vec2Aligner) -> None:
    wave, _ = say("no sound here is heard", 2)
    (plain,) = aligner.align([Utterance(wave, ("no", "sound", "here", "is", "heard"), "en")])
    (found,) = aligner.align([Utterance(wave, ("—", "no", "sound", "…", "here", "is", "heard", "♪"), "en")])
    assert [word for word in found if word.score is not None] == list(plain)
    first, pause, note = found[0], found[3], found[7]
    assert {first.timing, pause.timing, note.timing} == {"interpolated"}
    assert first.end <= found[1].start and found[2].end <= pause.start <= pause.end <= found[4].start
    assert found[6].end <= note.start <= note.end


def test_words_of_a_language_without_spaces_need_no_pause(aligner: Wav2Vec2Aligner) -> None:
    wave, [(start, end)] = say("thehouse", 3)
    (found,) = aligner.align([Utterance(wave, ("the", "house"), "ja")])
    assert found[0].start == pytest.approx(start, abs=0.041)
    assert found[1].end == pytest.approx(end, abs=0.041)
    assert 0 <= found[1].start - found[0].end < 0.041


def test_an_utterance_that_fails_leaves_the_others_alone(aligner: Wav2Vec2Aligner) -> None:
    wave, _ = say("the train is late")
    good = Utterance(wave, ("the", "train", "is", "late"), "en")
    utterances = [
        good,
        Utterance(wave[:4000], ("the", "train", "is", "late"), "en"),
        Utterance(np.zeros(0, np.float32), ("the",), "en"),
        Utterance(wave, (), "en"),
        Utterance(wave, ("東京", "1250"), "en"),
        Utterance(np.full_like(wave, np.nan), ("the",), "en"),
        good,
    ]
    (alone,) = aligner.align([good])
    first, crowded, silent, wordless, foreign, broken, last = aligner.align(utterances)
    for failure in (crowded, silent, foreign, broken):
        assert isinstance(failure, AlignmentFailed) and str(failure)
    assert wordless == ()
    assert times(first) == times(last) == times(alone)


def test_nothing_to_align_gives_nothing(aligner: Wav2Vec2Aligner) -> None:
    assert aligner.align([]) == []


@pytest.mark.parametrize("samples", [1, 100, 399, 400])
def test_the_shortest_utterance_is_timed_within_its_length(aligner: Wav2Vec2Aligner, samples: int) -> None:
    (found,) = aligner.align([Utterance(say("a")[0][:samples], ("a",), "en")])
    assert 0 <= found[0].start <= found[0].end <= samples / SAMPLE_RATE


def test_threads_do_not_disturb_each_other(aligner: Wav2Vec2Aligner) -> None:
    utterances = [Utterance(say(sentence, 5)[0], tuple(sentence.split()), "en") for sentence in SENTENCES]
    expected = [times(found) for found in aligner.align(utterances)]
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(aligner.align, [utterances] * 8):
            for found, alone in zip(result, expected, strict=True):
                np.testing.assert_allclose(times(found), alone, atol=0.0201)  # one frame


WORDS = st.lists(
    st.text("aeiosthnrdlu'’-.,19%é東 ", min_size=1, max_size=8).map(str.strip).filter(bool), max_size=12
)


@settings(max_examples=40, deadline=None)
@given(words=WORDS, samples=st.integers(0, 60_000), language=st.sampled_from(["en", "ja", "tr"]))
def test_any_words_get_times_in_order_and_within_the_audio(
    aligner: Wav2Vec2Aligner, words: list[str], samples: int, language: str
) -> None:
    wave = np.random.default_rng(samples).normal(0, 0.1, samples).astype(np.float32)
    (found,) = aligner.align([Utterance(wave, tuple(words), language)])
    if isinstance(found, AlignmentFailed):
        return
    assert len(found) == len(words)
    starts = [word.start for word in found]
    assert starts == sorted(starts)
    for word in found:
        assert 0 <= word.start <= word.end <= samples / SAMPLE_RATE
        assert word.score is None or 0 <= word.score <= 1
        assert (word.score is None) == (word.timing == "interpolated")


@pytest.mark.parametrize("file", ["config.json", "vocab.json", "model.safetensors"])
def test_a_directory_that_lacks_a_file_says_which(tone_model: Path, tmp_path: Path, file: str) -> None:
    directory = copy_of(tone_model, tmp_path)
    (directory / file).unlink()
    with pytest.raises(ModelMissing, match=file.replace("model.", "model.*")):
        Wav2Vec2Aligner.load(directory)


def test_weights_and_a_vocabulary_are_enough(
    tone_model: Path, aligner: Wav2Vec2Aligner, tmp_path: Path
) -> None:
    directory = copy_of(tone_model, tmp_path)
    for file in directory.glob("*.json"):
        if file.name not in ("config.json", "vocab.json"):
            file.unlink()
    bare = Wav2Vec2Aligner.load(directory)
    assert (bare.alphabet, bare.emission_model.normalize) == (
        aligner.alphabet,
        aligner.emission_model.normalize,
    )


def test_the_blank_is_found_under_either_name(
    tone_model: Path, aligner: Wav2Vec2Aligner, tmp_path: Path
) -> None:
    directory = copy_of(tone_model, tmp_path)
    for file in ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"):
        (directory / file).unlink(missing_ok=True)
    renamed = {"[PAD]" if token == "<pad>" else token: column for token, column in VOCABULARY.items()}
    (directory / "vocab.json").write_text(json.dumps(renamed))
    assert Wav2Vec2Aligner.load(directory).alphabet == aligner.alphabet


def test_layers_that_the_loader_would_drop_are_refused(tone_model: Path, tmp_path: Path) -> None:
    directory = copy_of(tone_model, tmp_path)
    state = safetensors.torch.load_file(directory / "model.safetensors")
    leftover = state | {"project_q.weight": torch.zeros(2, 2)}  # of pretraining: it is of no use here
    safetensors.torch.save_file(leftover, directory / "model.safetensors", {"format": "pt"})
    Wav2Vec2Aligner.load(directory)
    trained = state | {"feature_transform.linear1.weight": torch.zeros(96, 96)}
    safetensors.torch.save_file(trained, directory / "model.safetensors", {"format": "pt"})
    with pytest.raises(WeightsDamaged, match="feature_transform"):
        Wav2Vec2Aligner.load(directory)


def test_pickled_weights_load_where_there_are_no_others(tone_model: Path, tmp_path: Path) -> None:
    directory = copy_of(tone_model, tmp_path)
    state = Wav2Vec2ForCTC.from_pretrained(directory).state_dict()
    (directory / "model.safetensors").unlink()
    torch.save(state, directory / "pytorch_model.bin")
    aligner = Wav2Vec2Aligner.load(directory, trusted_pickles=(hash_of(directory / "pytorch_model.bin"),))
    wave, spoken = say("the train is late")
    (found,) = aligner.align([Utterance(wave, ("the", "train", "is", "late"), "en")])
    assert np.abs(np.array(times(found)) - spoken).max() < 0.041


class Trap:
    """Unpickles by making a file: what a malicious checkpoint would do, harmlessly."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.made,))


def test_trusted_weights_that_carry_code_are_refused_and_not_run(tone_model: Path, tmp_path: Path) -> None:
    directory = copy_of(tone_model, tmp_path)
    (directory / "model.safetensors").unlink()
    torch.save({"lm_head.weight": Trap(tmp_path / "trapped")}, directory / "pytorch_model.bin")
    trusted = (hash_of(directory / "pytorch_model.bin"),)
    with pytest.raises(WeightsDamaged, match="cannot be read"):
        Wav2Vec2Aligner.load(directory, trusted_pickles=trusted)
    assert not (tmp_path / "trapped").exists()


def test_a_model_that_was_never_taught_characters_is_refused(tone_model: Path, tmp_path: Path) -> None:
    directory = copy_of(tone_model, tmp_path)
    Wav2Vec2ForCTC.from_pretrained(directory).wav2vec2.save_pretrained(directory)
    with pytest.raises(WeightsDamaged, match="head"):
        Wav2Vec2Aligner.load(directory)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_moves_no_word_by_more_than_a_frame(
    tone_model: Path, aligner: Wav2Vec2Aligner, dtype: torch.dtype
) -> None:
    checkpoint = Checkpoint.read(tone_model, "tones", dtype)
    assert {weight.dtype for weight in checkpoint.model.parameters()} == {dtype}
    utterances = [Utterance(say(sentence, 6)[0], tuple(sentence.split()), "en") for sentence in SENTENCES]
    halved = Wav2Vec2Aligner(checkpoint, EmissionModel(checkpoint)).align(utterances)
    for found, full in zip(halved, aligner.align(utterances), strict=True):
        np.testing.assert_allclose(times(found), times(full), atol=0.0201)


def test_half_precision_is_left_alone_on_the_cpu(tone_model: Path) -> None:
    assert Wav2Vec2Aligner.load(tone_model, "cpu", half=True).emission_model.model.dtype == torch.float32
