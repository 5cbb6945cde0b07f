"""Reads the JSON files of a wav2vec2 model, and refuses those that name code.

transformers reads such files with `from_pretrained`, which sets whatever attribute a file names: a
`config.json` can so have a kernel fetched from the hub and imported, past `trust_remote_code`
(CVE-2026-4372), and a `tokenizer_config.json` can point at any file of this machine. Here the files are read
as plain JSON, and only the values listed below reach transformers' classes.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from transformers import Wav2Vec2Config, Wav2Vec2CTCTokenizer
from transformers.tokenization_utils_base import AddedToken

from engine.errors import UntrustedWeights, WeightsDamaged
from engine.weights.wav2vec2_models import WAV2VEC2_FILES

# Keys by which transformers, or a library that it calls, has code fetched or another model loaded.
_CODE_KEYS = re.compile(
    r"auto_map|custom_pipelines|custom_generate|custom_code|trust_remote_code|use_kernels?|kernel_config"
    r"|quantization_config|base_model_name_or_path|peft_type|tp_plan|base_model_tp_plan|base_model_pp_plan",
    re.IGNORECASE,
)
_ATTENTION_KEY = re.compile(r"_?(attn|experts)_implementation\w*", re.IGNORECASE)
_ATTENTIONS = (None, True, False, "eager", "sdpa")
# Keys that name a class: it must be one of wav2vec2's own in transformers.
_CLASS_KEYS = ("architectures", "tokenizer_class", "processor_class", "feature_extractor_type", "model_type")
_CLASS = re.compile(r"[Ww]av2[Vv]ec2\w*")
_MAX_JSON_BYTES = 8 * 1024 * 1024  # the largest vocabulary of a CTC model is a tenth of that

_CONFIG_FIELDS = frozenset(inspect.signature(Wav2Vec2Config.__init__).parameters) - {"self", "kwargs"}
_TOKENS = ("bos_token", "eos_token", "unk_token", "pad_token", "word_delimiter_token")
_TOKENIZER_FIELDS = ("replace_word_delimiter_char", "do_lower_case", "target_lang")
_ADDED_TOKEN_FIELDS = ("single_word", "lstrip", "rstrip", "normalized", "special")


class ModelFiles:
    """The JSON files of one model directory, read and checked when made.

    Raises UntrustedWeights if a file names code, WeightsDamaged if one is not a JSON object.
    """

    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        if (directory / "adapter_config.json").exists():
            raise _untrusted(name, "adapter_config.json", "it loads another model beneath this one")
        self._files = {file: _read(directory / file, name) for file in WAV2VEC2_FILES}
        for file, content in self._files.items():
            for key, value in _pairs(content) if file not in ("vocab.json", "added_tokens.json") else ():
                _check(name, file, key, value)

    def config(self) -> Wav2Vec2Config:
        """Returns the architecture: what Wav2Vec2Config declares and the file gives, nothing else."""
        given = self._files["config.json"]
        return Wav2Vec2Config(**{key: value for key, value in given.items() if key in _CONFIG_FIELDS})

    def tokenizer(self) -> Wav2Vec2CTCTokenizer:
        """Returns the tokenizer of vocab.json with the special tokens that the other files name."""
        settings = self._files["tokenizer_config.json"]
        tokens = settings | self._files["special_tokens_map.json"]
        chosen = {key: _text(tokens[key]) for key in _TOKENS if tokens.get(key) is not None}
        chosen |= {key: settings[key] for key in _TOKENIZER_FIELDS if settings.get(key) is not None}
        return Wav2Vec2CTCTokenizer(
            str(self._directory / "vocab.json"), added_tokens_decoder=self._added_tokens(), **chosen
        )

    def normalizes(self) -> bool:
        """Tells whether the model wants waves of zero mean and unit variance."""
        return bool(self._files["preprocessor_config.json"].get("do_normalize", True))

    def sampling_rate(self) -> int:
        """Returns the sampling rate that the model was trained on, in hertz."""
        return int(self._files["preprocessor_config.json"].get("sampling_rate", 16_000))

    def _added_tokens(self) -> dict[int, AddedToken]:
        decoder = self._files["tokenizer_config.json"].get("added_tokens_decoder")
        if decoder is not None:
            return {int(index): _added_token(token) for index, token in decoder.items()}
        older = self._files["added_tokens.json"]
        return {int(index): AddedToken(text, lstrip=True, rstrip=True) for text, index in older.items()}


def _read(path: Path, name: str) -> dict[str, Any]:
    """Returns a file's JSON object; an empty one if there is no such file."""
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            raise ValueError("too large")
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("no object")
        return content
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsDamaged(
            f"The alignment model {name!r} cannot be used: its {path.name} cannot be read.",
            "Fetch it again: python -m engine download --aligner-language CODE.",
        ) from error


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yields every key and value of a JSON value, those of objects within it included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from _pairs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _pairs(inner)


def _check(name: str, file: str, key: str, value: Any) -> None:
    if _CODE_KEYS.fullmatch(key) and value not in (None, False, {}, []):
        raise _untrusted(name, file, f"{key!r} can have code fetched and run")
    if _ATTENTION_KEY.fullmatch(key) and value not in _ATTENTIONS:
        raise _untrusted(name, file, f"{key!r} can have code fetched and run")
    if key in _CLASS_KEYS:
        for named in value if isinstance(value, list) else [value]:
            if named is not None and not (isinstance(named, str) and _CLASS.fullmatch(named)):
                raise _untrusted(name, file, f"{key!r} names {str(named)[:60]!r}, no class of wav2vec2")


def _text(token: Any) -> str:
    """Returns a special token, which files give as a string or as an object with its content."""
    return str(token["content"] if isinstance(token, dict) else token)


def _added_token(token: dict[str, Any]) -> AddedToken:
    return AddedToken(
        str(token["content"]), **{key: bool(token[key]) for key in _ADDED_TOKEN_FIELDS if key in token}
    )


def _untrusted(name: str, file: str, why: str) -> UntrustedWeights:
    return UntrustedWeights(
        f"The alignment model {name!r} is refused: in its {file}, {why}.",
        "Use another wav2vec2 model that was trained to write characters (CTC) and brings no code.",
    )
