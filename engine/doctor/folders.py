"""Examines folders that must be writable and have room."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

from engine.doctor.check import Check, Installed, size_text

LEAST_BYTES = 16 << 20  # of room in a folder that no setting sets a bound for
_PROBE_BYTES = 1 << 16  # that are written to see whether the disk takes them


def checks(installed: Installed) -> Iterator[Check]:
    """Yields the check of the folder in which embedded weights are joined."""
    yield check_folder("folder of weights", installed.config.cache_dir, "WORDLIGHT_CACHE_DIR")
    cache = installed.config.hub_cache or _hub_cache()
    if cache is not None and not installed.config.offline:
        yield check_folder("hub's cache", cache, "HF_HUB_CACHE")


def check_folder(subject: str, folder: Path, setting: str, least: int = LEAST_BYTES) -> Check:
    """Returns whether a folder, or the one that it will be made in, can be written to and has room.

    setting  the variable that names the folder
    least    bytes that must be free
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    details = {"path": str(folder), "exists": there == folder, "setting": setting}
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Check(
            subject=subject,
            state="error",
            found=f"{there} cannot be written to by this user ({os.geteuid()}).",
            advice=f"Change its owner, or name another folder in {setting}.",
            details=details,
        )
    usage = shutil.disk_usage(there)
    details |= {"free": usage.free, "total": usage.total}
    advice = f"Delete files there, or name a folder on a larger disk in {setting}."
    if usage.free < least:
        return Check(
            subject=subject,
            state="error",
            found=f"The disk of {folder} is full: {size_text(usage.free)} of {size_text(usage.total)} are free, "
            f"and {size_text(least)} must be.",
            advice=advice,
            details=details,
        )
    try:
        with TemporaryFile(dir=there) as file:
            file.write(bytes(_PROBE_BYTES))
            file.flush()
    except OSError as error:
        return Check(
            subject=subject,
            state="error",
            found=f"A file cannot be written to {there}: {error.strerror}.",
            advice=advice,
            details=details,
        )
    return Check(
        subject=subject,
        state="ok",
        found=f"{folder}: writable, {size_text(usage.free)} of {size_text(usage.total)} are free",
        details=details,
    )


def _hub_cache() -> Path | None:
    try:
        from huggingface_hub import constants
    except ImportError:
        return None
    return Path(constants.HF_HUB_CACHE)
