"""Deletes the stubs that gradio writes beside each file that defines components.

Type checkers would read them instead of the files.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def delete_stub(module_file: str) -> None:
    """Deletes the stub of a module, given its `__file__`."""
    with suppress(OSError):  # into a read-only folder gradio has written none
        Path(module_file).with_suffix(".pyi").unlink()
