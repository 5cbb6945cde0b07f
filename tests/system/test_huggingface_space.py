"""What a Space reads agrees with what is installed and what the code does."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest
import yaml

from engine.config import settings
from engine.weights.locate import WHISPER_REPOS
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS
from tests.support.recordings import ROOT

README = (ROOT / "README.md").read_text()
HEADER = yaml.safe_load(README.split("---")[1])


def pins(file: str) -> dict[str, str]:
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text().splitlines()]
    assert not any(line.startswith("-") for line in lines), (
        f"a Space mounts {file} alone: it may include no other"
    )
    return dict(line.split("==") for line in lines if line)


def test_the_header_names_what_a_space_needs() -> None:
    assert HEADER["sdk"] == "gradio"
    assert HEADER["sdk_version"] == pins("requirements.txt")["gradio"]
    assert HEADER["python_version"] == "3.11"
    assert (ROOT / HEADER["app_file"]).is_file()
    assert HEADER["suggested_hardware"] == "a10g-small"
    assert HEADER["license"] == "mit"
    assert len(HEADER["short_description"]) <= 60
    assert HEADER["title"] and HEADER["emoji"] and HEADER["tags"]


def test_the_models_preloaded_are_the_ones_a_gpu_loads_at_start() -> None:
    wanted = [WHISPER_REPOS["large-v3-turbo"], WAV2VEC2_MODELS["en"]]
    assert HEADER["models"] == wanted
    assert HEADER["preload_from_hub"] == wanted


@pytest.mark.parametrize(
    "file", ["requirements.txt", "requirements-cpu.txt", "requirements-offline.txt", "requirements-dev.txt"]
)
def test_every_direct_dependency_is_pinned_and_installed_at_its_pin(file: str) -> None:
    for package, pinned in pins(file).items():
        assert version(package).split("+")[0] == pinned, package


def test_the_space_gets_ffmpeg() -> None:
    assert (ROOT / "packages.txt").read_text().split() == ["ffmpeg"]


def test_the_settings_table_is_the_one_that_config_gives() -> None:
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    rows += [
        f"| `{name}` | {f'`{default}`' if default else ''} | {help} |" for name, default, help in settings()
    ]
    operations = (ROOT / "docs" / "operations.md").read_text()
    table = re.search(r"<!-- settings -->\n(.*?)<!-- /settings -->", operations, re.DOTALL)
    assert table and table.group(1).strip() == "\n".join(rows), "paste this:\n" + "\n".join(rows)
