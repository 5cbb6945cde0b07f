"""Hides packages from this process as if they were not installed; python imports this module at its start.

HIDDEN_PACKAGES is the path of a JSON file with the names of the packages and their files.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

_hidden = json.loads(Path(os.environ["HIDDEN_PACKAGES"]).read_text())
NAMES, FILES = frozenset(_hidden["names"]), frozenset(_hidden["files"])


class HidingFinder(PathFinder):
    """Finds what PathFinder finds, except the modules and metadata of hidden packages."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        """Returns the spec of a module; None if the module is hidden."""
        spec = PathFinder.find_spec(fullname, path, target)
        return None if spec is not None and spec.origin in FILES else spec

    @staticmethod
    def find_distributions(*args: Any, **kwargs: Any) -> Iterable[Distribution]:
        """Yields the metadata of packages that are not hidden."""
        return (found for found in PathFinder.find_distributions(*args, **kwargs) if found.name not in NAMES)


sys.meta_path[sys.meta_path.index(PathFinder)] = HidingFinder
