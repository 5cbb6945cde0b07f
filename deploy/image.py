"""Images of the Modal services: this repository over the packages of its lock file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import modal

ROOT = Path(__file__).resolve().parents[1]  # of the repository; only read on the machine that deploys
CODE = "/wordlight"  # the repository in the container
LOCK = "requirements-lock.txt"

# Files of the repository that a container does without: what is hidden, made or for tests.
IGNORED = ("**/.*", "**/__pycache__", "**/node_modules", "tests", "*.whl")


def service_image(
    settings: Mapping[str, str], *, debian: Sequence[str], requirements: Sequence[str] = ("requirements.txt",)
) -> modal.Image:
    """Returns an image with packages of Debian and Python, this repository and settings.

    requirements  files of the repository that list Python packages; all are installed by one lock file
    """
    image = modal.Image.debian_slim(python_version="3.11").apt_install(*debian)
    for name in (LOCK, *requirements):
        image = image.add_local_file(ROOT / name, f"/tmp/{name}", copy=True)
    lists = " ".join(f"-r /tmp/{name}" for name in requirements)
    return (
        image.run_commands(f"pip install --no-cache-dir -c /tmp/{LOCK} {lists}")
        .env({**settings, "PYTHONPATH": CODE})
        .workdir(CODE)
        .add_local_dir(ROOT, CODE, ignore=IGNORED)
    )
