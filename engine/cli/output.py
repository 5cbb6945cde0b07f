"""What commands write: a line of progress, and documents that are written whole."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from engine.errors import WordlightError
from engine.updates import Update


class ProgressLine:
    """Shows progress on one line that is rewritten, if the stream is a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None

    def show(self, update: Update) -> None:
        """Shows the stage and the seconds done."""
        line: str = update.stage
        if update.seconds_total:
            share = min(1.0, update.seconds_done / update.seconds_total)
            line += f" {update.seconds_done:.0f} of {update.seconds_total:.0f} s, {share:.0%}"
        self._rewrite(line)

    def close(self) -> None:
        """Clears the line."""
        self._rewrite("")

    def _rewrite(self, line: str) -> None:
        if self._stream:
            self._stream.write(f"\r{line}\x1b[K")  # the escape clears the rest of a longer line
            self._stream.flush()


def save_document(document: bytes, target: Path) -> None:
    """Writes the whole file or nothing. Raises WordlightError if writing fails."""
    try:
        if target.exists() and not target.is_file():  # a device or a pipe cannot be replaced
            target.write_bytes(document)
            return
        target = target.resolve()  # keeps a symbolic link and replaces its target
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            partial.write_bytes(document)
            partial.replace(target)
        finally:
            with suppress(FileNotFoundError):
                partial.unlink()
    except OSError as error:
        raise WordlightError(f"{target} cannot be written: {error.strerror}.") from error
