"""The packages of the light set, computed from the metadata of the full set that is installed here.

python -m tests.support.light_set > requirements-cpu.txt
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.recordings import ROOT

LIGHT, LOCK = ROOT / "requirements-cpu.txt", ROOT / "requirements-lock.txt"
FULL = (ROOT / "requirements.txt", ROOT / "requirements-offline.txt")
# Of requirements.txt: needed on a GPU alone or, of the last two, not at all where others need nothing of them.
LEFT_OUT = {"torch", "torchaudio", "transformers", "whisperx", "pyannote-audio", "scipy", "imageio-ffmpeg"}
# Dependencies of a package that Wordlight's use of that package does not import.
UNUSED = {("faster-whisper", "av")}  # see engine/recognition/faster_whisper_parts.py
# The folder of the hook that hides packages from a process, for PYTHONPATH.
HOOK = ROOT / "tests" / "support" / "hidden_packages"
HEADER = """\
# The light set, for a machine without an NVIDIA GPU: what requirements.txt brings without torch and all that
# needs it. Every package is here, so that pip has nothing to resolve (--no-deps). Do not edit; this prints it:
# python -m tests.support.light_set
"""


def pins(*paths: Path) -> dict[str, str]:
    """Returns the line of each package that requirement files pin, by its normal name."""
    lines = [line.strip() for path in paths for line in path.read_text().splitlines()]
    return {canonicalize_name(re.split("[=\\[]", line)[0]): line for line in lines if line and line[0] != "#"}


def light_packages() -> set[str]:
    """Returns the normal names of the light set's packages, those of requirements-offline.txt included."""
    installed = {canonicalize_name(found.name): found for found in distributions()}
    wanted = {(name, "") for name in set(pins(*FULL)) - LEFT_OUT}
    found: set[tuple[str, str]] = set()
    while wanted:
        name, extra = wanted.pop()
        found.add((name, extra))
        needed = _dependencies(installed[name], extra) - found
        wanted |= {each for each in needed if each[0] not in LEFT_OUT and (name, each[0]) not in UNUSED}
    return {name for name, _ in found}


def _dependencies(package: Distribution, extra: str) -> set[tuple[str, str]]:
    """Returns what a package needs with one of its extras, or "": names, each without and with the extras wanted."""
    needed = [Requirement(line) for line in package.requires or ()]
    return {
        (canonicalize_name(one.name), wanted)
        for one in needed
        if one.marker is None or one.marker.evaluate({"extra": extra})
        for wanted in ("", *one.extras)
    }


def light_requirements() -> str:
    """Returns the content of requirements-cpu.txt."""
    locked = pins(LOCK)
    names = light_packages() - set(pins(FULL[1]))
    return HEADER + "".join(f"{line}\n" for line in sorted((locked[name] for name in names), key=str.lower))


def hide_packages(folder: Path, kept: Iterable[str]) -> Mapping[str, str]:
    """Returns variables under which a process can import and find no package but these.

    folder  for the list of what is hidden
    """
    kept = set(kept) | {"pip", "setuptools"}
    hidden = [found for found in distributions() if canonicalize_name(found.name) not in kept]
    files = [
        str(file.locate()) for found in hidden for file in found.files or () if file.suffix in (".py", ".so")
    ]
    listed = {"names": [found.name for found in hidden], "files": files}
    (folder / "hidden.json").write_text(json.dumps(listed))
    return {"PYTHONPATH": str(HOOK), "HIDDEN_PACKAGES": str(folder / "hidden.json")}


if __name__ == "__main__":
    sys.stdout.write(light_requirements())
