"""Finds weights in the operator's directory, a pip package, or the hub.

The first of these places that has a model gives it; `Weights.source` names the place. Nothing here loads a
model: see recognition/recognizer.py and alignment/.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from engine.config import Config
from engine.errors import ModelMissing
from engine.weights.optional_packages import WAV2VEC2, has_packages
from engine.weights.pins import PICKLES, commit_of, revision_of
from engine.weights.pip_packages import EMBEDDED, installed, join_parts, package_folder
from engine.weights.wav2vec2_models import PICKLED_WEIGHTS, SAFE_WEIGHTS, WAV2VEC2_FILES, WAV2VEC2_MODELS

Source = Literal["directory", "package", "cache", "hub"]

# Whisper models in CTranslate2's format, by the names that faster-whisper and WhisperX use.
WHISPER_REPOS = {
    "tiny": "Systran/faster-whisper-tiny",
    "base": "Systran/faster-whisper-base",
    "small": "Systran/faster-whisper-small",
    "medium": "Systran/faster-whisper-medium",
    "large-v2": "Systran/faster-whisper-large-v2",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
WHISPER_FILES = ("config.json", "preprocessor_config.json", "tokenizer.json", "vocabulary.*", "model.bin")


@dataclass(frozen=True, slots=True)
class Weights:
    """Holds a model's directory on this machine and its source."""

    name: str
    path: Path
    source: Source

    @property
    def commit(self) -> str | None:
        """Returns the commit of the hub's repository; None for weights from elsewhere."""
        return commit_of(self.path)


def find_whisper(name: str, config: Config) -> Weights:
    """Returns the directory of a Whisper model, fetching the model if needed.

    name  one of WHISPER_REPOS or, from the operator only, a hub repository "owner/name"

    Raises ModelMissing, which says what to do, or WeightsDamaged.
    """
    # If the operator chose a commit of the hub, the package does not count.
    packaged = None if any(pin.name == name for pin in config.pins) else _in_package(name, config)
    return (
        _in_directory(name, config, "model.bin")
        or packaged
        or _on_hub(name, _whisper_repo(name), (_Choice(WHISPER_FILES, ("model.bin",)),), config=config)
    )


def find_wav2vec2(language: str, config: Config) -> Weights:
    """Returns the directory of a language's wav2vec2 model. Raises ModelMissing."""
    repo = WAV2VEC2_MODELS.get(language)
    if repo is None:
        raise ModelMissing(
            f"There is no wav2vec2 aligner for {language!r}.",
            "Choose another aligner; attention times words of any language.",
        )
    choices = [_Choice(WAV2VEC2_FILES, SAFE_WEIGHTS)]
    if known_pickles(repo, config):
        choices.append(_Choice(WAV2VEC2_FILES, PICKLED_WEIGHTS))
    return _in_directory(repo.split("/")[-1], config, "config.json") or _on_hub(
        repo, repo, choices, config=config
    )


def find_diarization(repo: str, config: Config) -> Path:
    """Returns the directory of a pyannote pipeline, fetching it if need be. Raises ModelMissing.

    Its weights are pickles. So it is fetched at a commit that the operator chose, and at no other.
    """
    if local := _in_directory(repo.split("/")[-1], config, "config.yaml"):
        return local.path
    if revision_of(repo, repo, config.pins) is None:
        raise ModelMissing(
            f"No commit of {repo} is pinned, and its weights are pickles, which can run code.",
            f"Set WORDLIGHT_REVISIONS to {repo}@<commit>, or put a copy into WORDLIGHT_MODEL_DIR.",
        )
    return _on_hub(repo, repo, (_Choice(("**",), ("config.yaml",)),), config).path


def known_pickles(repo: str, config: Config) -> tuple[str, ...]:
    """Returns the SHA-256 of the pickles that may be loaded from a repository."""
    pinned = (PICKLES[repo],) if repo in PICKLES else ()
    return (*pinned, *config.trusted_pickles)


def wav2vec2_available(language: str, config: Config) -> bool:
    """Returns whether a language's wav2vec2 model is here or may be fetched, and the packages that run it are."""
    if not has_packages(*WAV2VEC2):
        return False
    if not config.offline:
        return language in WAV2VEC2_MODELS
    try:
        find_wav2vec2(language, config)
    except ModelMissing:
        return False
    return True


def download(config: Config, model: str | None, align_languages: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Fetches a model and the aligners of some languages; yields (name, path) of each."""
    if model is not None:
        config = replace(config, model=model)  # `replace` takes a commit from the name
    weights = find_whisper(default_model(config, cuda=True), config)
    yield weights.name, weights.path
    for language in align_languages:
        weights = find_wav2vec2(language, config)
        yield weights.name, weights.path


def default_model(config: Config, cuda: bool) -> str:
    """Returns the name of the Whisper model that requests get by default."""
    if config.model != "auto":
        return config.model
    return "large-v3-turbo" if cuda else "base"


def whisper_is_here(name: str, config: Config) -> bool:
    """Returns whether a Whisper model is on this machine, without a look at its content."""
    if _in_directory(name, config, "model.bin"):
        return True
    embedded = EMBEDDED.get(name)
    if embedded and installed(embedded) and not any(pin.name == name for pin in config.pins):
        return True
    from huggingface_hub.constants import HF_HUB_CACHE

    repo = _whisper_repo(name)
    # Most have none, and a whole look takes the import of all of huggingface_hub.
    if not (Path(config.hub_cache or HF_HUB_CACHE) / f"models--{repo.replace('/', '--')}").is_dir():
        return False
    from huggingface_hub.errors import LocalEntryNotFoundError

    with suppress(LocalEntryNotFoundError):
        choices = [_Choice(WHISPER_FILES, ("model.bin",))]
        return _fetch(name, repo, choices, config=config, local=True) is not None
    return False


def vad_weights() -> Path:
    """Returns pyannote's weights in whisperx's wheel. Raises ModelMissing."""
    folder = package_folder("whisperx")
    path = folder / "assets" / "pytorch_model.bin" if folder else None
    if path is None or not path.is_file():
        raise ModelMissing("The VAD model is missing.", "Install it with: pip install whisperx==3.8.6")
    return path


def silero_weights() -> Path:
    """Returns Silero's weights in faster-whisper's wheel. Raises ModelMissing."""
    folder = package_folder("faster_whisper")
    found = sorted(folder.glob("assets/silero_vad*.onnx")) if folder else []
    if not found:
        raise ModelMissing(
            "The VAD model Silero is missing.", "Install it with: pip install faster-whisper==1.2.1"
        )
    return found[-1]


def phonetic_weights() -> Path | None:
    """Returns pocketsphinx's folder of acoustic model and dictionary; None if missing."""
    package = package_folder("pocketsphinx")
    folder = package / "model" / "en-us" if package else None
    return folder if folder and (folder / "en-us" / "mdef").is_file() else None


def _whisper_repo(name: str) -> str:
    if name in WHISPER_REPOS:
        return WHISPER_REPOS[name]
    if name.count("/") == 1:
        return name
    raise ModelMissing(f"There is no Whisper model named {name!r}.", f"Known: {', '.join(WHISPER_REPOS)}.")


def _in_directory(name: str, config: Config, needed: str) -> Weights | None:
    if config.model_dir is None:
        return None
    path = config.model_dir / name
    return Weights(name, path, "directory") if (path / needed).is_file() else None


def _in_package(name: str, config: Config) -> Weights | None:
    embedded = EMBEDDED.get(name)
    if embedded is None or not installed(embedded):
        return None
    return Weights(name, join_parts(name, embedded, config.cache_dir), "package")


@dataclass(frozen=True, slots=True)
class _Choice:
    """Holds file patterns that make a model; one of `weights` must match a file."""

    files: tuple[str, ...]
    weights: tuple[str, ...]


def _on_hub(name: str, repo: str, choices: Sequence[_Choice], config: Config) -> Weights:
    """Returns weights from the hub's cache, else from the hub, at the pinned commit.

    choices  the first one whose weights are found is used

    Raises ModelMissing.
    """
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    with suppress(LocalEntryNotFoundError):
        if path := _fetch(name, repo, choices, config=config, local=True):
            return Weights(name, path, "cache")
    why = "and WORDLIGHT_OFFLINE forbids downloads from the hub"
    if not config.offline:
        try:
            if path := _fetch(name, repo, choices, config=config, local=False):
                return Weights(name, path, "hub")
            why = "and its repository on the hub holds no weights that may be loaded"
        except GatedRepoError:
            why = "and the hub requires a token for it: set HF_TOKEN"
        except RevisionNotFoundError:
            why = "and its repository on the hub has no such commit"
        except RepositoryNotFoundError:
            why = "and the hub has no such repository, or requires a token for it"
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError):
            why = "and the hub cannot be reached"
    raise _missing(name, repo, why, config=config)


def _fetch(name: str, repo: str, choices: Sequence[_Choice], config: Config, local: bool) -> Path | None:
    from huggingface_hub import snapshot_download

    for choice in choices:
        path = Path(
            snapshot_download(
                repo,
                revision=revision_of(name, repo, config.pins),
                allow_patterns=[*choice.files, *choice.weights],
                cache_dir=config.hub_cache,
                token=config.hf_token,
                local_files_only=local,
            )
        )
        if any(next(path.glob(pattern), None) for pattern in choice.weights):
            return path
    return None


def _missing(name: str, repo: str, why: str, config: Config) -> ModelMissing:
    embedded = EMBEDDED.get(name)
    commit = revision_of(name, repo, config.pins)
    where = f"{repo}@{commit}" if commit else repo
    ways = [f"pip install {' '.join(embedded.distributions)}"] if embedded else []
    ways += [f"put {where} into the hub's cache (python -m engine download)"]
    if commit:
        ways += [f"name another commit of it in WORDLIGHT_REVISIONS ({repo}@...)"]
    if repo in WAV2VEC2_MODELS.values() and not known_pickles(repo, config):
        ways += [
            "if it has pytorch_model.bin alone, whose content is not known here, "
            "set WORDLIGHT_TRUSTED_PICKLES to the SHA-256 that the hub shows for that file"
        ]
    ways += [f"set WORDLIGHT_MODEL_DIR to a directory that holds a folder {name.split('/')[-1]!r}"]
    return ModelMissing(
        f"The model {name!r} is not on this machine, {why}.", f"Do one of: {'; '.join(ways)}."
    )
