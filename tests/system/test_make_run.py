"""Which packages `make run` installs: the light set, or with an NVIDIA GPU or FULL=1 the full one."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.recordings import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what `make run` looks at, and a false nvidia-smi that finds no GPU."""
    for file in (ROOT / "Makefile", ROOT / "install-light.sh", *ROOT.glob("requirements*.txt")):
        shutil.copy(file, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    _false_program(tmp_path, "nvidia-smi", "exit 9")
    return tmp_path


# The tests themselves run below `make test`, whose flags a make started here would take over.
OUTSIDE_MAKE = {
    name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
}


def _false_program(clone: Path, name: str, body: str) -> None:
    path = clone / "programs" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def installs(clone: Path, *words: str) -> str:
    """Returns which set `make run` would install: "light", "full" or "" for none."""
    env = OUTSIDE_MAKE | {"PATH": f"{clone / 'programs'}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["make", "-n", "run", *words], cwd=clone, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1].endswith("python app.py")
    return (
        "light" if "install-light.sh" in done.stdout else "full" if "requirements.txt" in done.stdout else ""
    )


@pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="this machine has an NVIDIA GPU")
def test_make_run_takes_the_set_of_this_machine(clone: Path) -> None:
    assert [installs(clone, *words) for words in ([], ["FULL=1"], ["FULL=0"])] == ["light", "full", "light"]
    _false_program(clone, "nvidia-smi", "echo 'GPU 0: NVIDIA H200'")
    assert [installs(clone, *words) for words in ([], ["FULL=1"], ["FULL=0"])] == ["full", "full", "light"]


@pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="this machine has an NVIDIA GPU")
def test_a_light_venv_becomes_full_and_stays_full(clone: Path) -> None:
    (clone / ".venv" / "light").touch()
    assert [installs(clone), installs(clone, "FULL=1")] == ["", "full"]
    (clone / ".venv" / "app").touch()
    assert [installs(clone), installs(clone, "FULL=1")] == ["", ""]
    later = time.time() + 60
    os.utime(clone / "requirements.txt", (later, later))
    assert installs(clone) == "full"


@pytest.mark.parametrize("ffmpeg", [True, False])
def test_the_packaged_ffmpeg_is_installed_only_without_another(clone: Path, ffmpeg: bool) -> None:
    _false_program(clone, "python", 'echo "$@"')
    for name in ("grep", "sh"):
        (clone / "programs" / name).symlink_to(shutil.which(name))
    if ffmpeg:
        _false_program(clone, "ffmpeg", "")
    done = subprocess.run(
        ["sh", "install-light.sh", "python"], cwd=clone, env={"PATH": str(clone / "programs")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("-m pip install") and "--no-deps" in done.stdout
    assert ("imageio-ffmpeg==" in done.stdout) is not ffmpeg


def test_make_models_fetches_the_model_that_is_named(clone: Path) -> None:
    def models(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "models", *words], cwd=clone, env=OUTSIDE_MAKE, capture_output=True, text=True
        )

    python = clone / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    for stamp in ("app", "light"):
        (clone / ".venv" / stamp).touch()
    fetched = models("MODEL=small")
    assert fetched.stdout.splitlines()[-1] == "-m engine download --model small --aligner-language"
    unnamed = models()
    assert unnamed.returncode != 0 and "make models MODEL=small" in unnamed.stderr
