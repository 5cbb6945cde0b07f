"""The files that people take away, written where gradio serves and later deletes them."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from gradio.utils import get_upload_folder

from engine.transcript import Transcript
from engine.writers import WRITERS

MAX_STEM = 80  # characters of the source's name that are kept; file systems allow 255 bytes


def write_files(transcript: Transcript, source: Path) -> dict[str, str]:
    """Writes the transcript in every format and returns {format: path}.

    The files are named after the source and lie in a folder of their own with a random name, below
    gradio's cache: what lies there is deleted after the time that the page is set up with.
    """
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="transcript-", dir=cache))
    paths = {}
    for name, writer in WRITERS.items():
        path = folder / f"{_stem(source)}{writer.extension}"
        path.write_text(writer.write(transcript), encoding="utf-8", newline="")
        paths[name] = str(path)
    return paths


def _stem(source: Path) -> str:
    safe = re.sub(r"[^\w .()-]+", "_", source.stem).strip(" .")
    return safe[:MAX_STEM] or "transcript"
