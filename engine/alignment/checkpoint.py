"""A wav2vec2 model from a directory that `save_pretrained` made or the hub gave.

Weights come from safetensors, else from a pickle through torch's safe loader; no code of the
repository runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

from engine.alignment.ctc import Alphabet
from engine.audio import SAMPLE_RATE
from engine.errors import ModelMissing, WeightsDamaged

_SAFE_WEIGHTS = ("model*.safetensors",)
_PICKLED_WEIGHTS = ("pytorch_model*.bin",)
# Needed in training alone: some models are published without the one, some with the others.
_MAY_LACK = ("masked_spec_embed",)
_MAY_EXCEED = ("quantizer.", "project_q.", "project_hid.")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """
    model      in eval mode, on the CPU
    alphabet   what its emissions stand for
    normalize  whether it wants waves of zero mean and unit variance
    stride     samples from one frame to the next, 320
    reach      samples that a frame sees, 400
    """

    model: Wav2Vec2ForCTC
    alphabet: Alphabet
    normalize: bool
    stride: int
    reach: int

    @classmethod
    def read(cls, directory: Path, name: str, dtype: torch.dtype) -> Checkpoint:
        """`name` is the model's name in errors.

        Raises ModelMissing where a file is missing, WeightsDamaged where the model is broken, has no
        CTC head, or is of no use for alignment.
        """
        for needed in (("config.json",), ("vocab.json",), _SAFE_WEIGHTS + _PICKLED_WEIGHTS):
            if not any(path for pattern in needed for path in directory.glob(pattern)):
                raise _missing(name, f"it has no {' or '.join(needed)}")
        try:
            # From a directory, transformers asks the hub for nothing and converts nothing on its servers.
            model, info = Wav2Vec2ForCTC.from_pretrained(
                directory, dtype=dtype, weights_only=True, local_files_only=True, output_loading_info=True
            )
            tokenizer = Wav2Vec2CTCTokenizer.from_pretrained(directory, local_files_only=True)
            if (directory / "preprocessor_config.json").is_file():
                extractor = Wav2Vec2FeatureExtractor.from_pretrained(directory, local_files_only=True)
            else:
                extractor = Wav2Vec2FeatureExtractor()
        except Exception as error:  # each of the formats read here has errors of its own
            raise _damaged(name, "its files cannot be read") from error
        _check_weights(name, info)
        if model.config.add_adapter or extractor.sampling_rate != SAMPLE_RATE:
            raise _damaged(name, "its frames are not those of speech at 16 kHz")
        model.requires_grad_(False).eval()
        alphabet = _alphabet(name, tokenizer, model.config.vocab_size)
        return cls(model, alphabet, bool(extractor.do_normalize), *_geometry(model.config))


def _check_weights(name: str, info: dict[str, Any]) -> None:
    absent = [key for key in info["missing_keys"] if not key.endswith(_MAY_LACK)]
    if absent or info["mismatched_keys"]:
        raise _damaged(name, "it lacks weights, such as those of a head that writes characters")
    # Some authors train further layers and publish the code that puts them in. Without those layers the
    # head reads what it was never taught to, and its emissions are noise that looks like times.
    if extra := [key for key in info["unexpected_keys"] if not key.startswith(_MAY_EXCEED)]:
        raise _damaged(name, f"it has layers that wav2vec2 does not know, such as {extra[0]}")


def _alphabet(name: str, tokenizer: Wav2Vec2CTCTokenizer, size: int) -> Alphabet:
    try:
        return Alphabet.of_vocabulary(
            tokenizer.get_vocab(),
            size,
            blanks=(str(tokenizer.pad_token), "<pad>", "[PAD]"),
            separators=(str(tokenizer.word_delimiter_token), "|", " "),
        )
    except KeyError:
        raise _damaged(name, "its vocabulary has no padding token") from None


def _geometry(config: Wav2Vec2Config) -> tuple[int, int]:
    stride, reach = 1, 1
    for kernel, step in zip(config.conv_kernel, config.conv_stride, strict=True):
        reach += (kernel - 1) * stride
        stride *= step
    return stride, reach


def _missing(name: str, why: str) -> ModelMissing:
    return ModelMissing(
        f"The alignment model {name!r} is not whole: {why}.",
        "Fetch it again: python -m engine download --aligner-language CODE.",
    )


def _damaged(name: str, why: str) -> WeightsDamaged:
    return WeightsDamaged(
        f"The alignment model {name!r} cannot be used: {why}.",
        "Fetch it again, or name another wav2vec2 model that was trained to write characters (CTC).",
    )
