"""What lies below a folder that another process is writing and deleting in."""

from __future__ import annotations

import os
from pathlib import Path


def below(folder: Path) -> list[Path]:
    """Returns every file and folder below a folder; `Path.rglob` fails where one goes meanwhile."""
    return [Path(root, name) for root, folders, files in os.walk(folder) for name in folders + files]
