"""Loads a wav2vec2 model from a directory that `save_pretrained` made or the hub gave.

Weights come from safetensors. A pickle is read if there are none and its content is known (see
weight_pins.py), by torch's safe loader. No code of a repository runs, and none of its files reaches
transformers unread (see model_files.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor
from transformers import Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2ForCTC

from engine.alignment.wav2vec2.ctc import Alphabet
from engine.alignment.wav2vec2.model_files import ModelFiles
from engine.errors import ModelMissing, WeightsDamaged, WordlightError
from engine.sampling import SAMPLE_RATE
from engine.weights.pins import require_known_pickle
from engine.weights.wav2vec2_models import PICKLED_WEIGHTS, SAFE_WEIGHTS

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
    def read(
        cls, directory: Path, name: str, dtype: torch.dtype, trusted: Collection[str] = ()
    ) -> Checkpoint:
        """Reads the model; `name` is its name in errors.

        trusted  SHA-256 of pickles that may be read

        Raises ModelMissing if a file is missing, UntrustedWeights if the model could bring code, WeightsDamaged
        if it is broken, has no CTC head, or is of no use for alignment.
        """
        for needed in (("config.json",), ("vocab.json",), SAFE_WEIGHTS + PICKLED_WEIGHTS):
            if not _first(directory, needed):
                raise _missing(name, f"it has no {' or '.join(needed)}")
        files = ModelFiles(directory, name)
        try:
            # Without a directory, transformers opens no file, asks the hub for nothing and looks for no adapter.
            model, info = Wav2Vec2ForCTC.from_pretrained(
                None,
                config=files.config(),
                state_dict=_state(directory, name, trusted),
                dtype=dtype,
                output_loading_info=True,
            )
            tokenizer = files.tokenizer()
            normalize, sampling_rate = files.normalizes(), files.sampling_rate()
        except WordlightError:
            raise
        except Exception as error:  # each of the formats read here has errors of its own
            raise _damaged(name, "its files cannot be read") from error
        _check_weights(name, info)
        if model.config.add_adapter or sampling_rate != SAMPLE_RATE:
            raise _damaged(name, "its frames are not those of speech at 16 kHz")
        model.requires_grad_(False).eval()
        alphabet = _alphabet(name, tokenizer, model.config.vocab_size)
        return cls(model, alphabet, normalize, *_geometry(model.config))


def _first(directory: Path, patterns: Collection[str]) -> list[Path]:
    """Returns the files of the first pattern that matches any."""
    return next((found for pattern in patterns if (found := sorted(directory.glob(pattern)))), [])


def _state(directory: Path, name: str, trusted: Collection[str]) -> dict[str, Tensor]:
    """Returns the model's tensors by name."""
    state: dict[str, Tensor] = {}
    for path in _first(directory, SAFE_WEIGHTS):
        state |= safetensors.torch.load_file(path)
    if state:
        return state
    for path in _first(directory, PICKLED_WEIGHTS):
        with path.open("rb") as file:
            require_known_pickle(file, name, trusted)
            state |= torch.load(file, map_location="cpu", weights_only=True)
    return state


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
