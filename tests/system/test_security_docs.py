"""docs/security.md speaks of the versions that are pinned, and of what is in the code."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from engine.weights.locate import WHISPER_REPOS
from engine.weights.pins import COMMIT, COMMITS, PICKLES, SHA256
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS
from tests.support.recordings import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text()
LOCK = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "requirements-lock.txt").read_text(), re.MULTILINE))
ADVISORY = re.compile(r"CVE-\d{4}-\d+|GHSA-[\w-]+|PYSEC-\d{4}-\d+|[\w-]+/[\w-]+#\d+")
# | package | version | advisory | ...
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in TEXT.splitlines()
    if ADVISORY.search(line) and line.startswith("|")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[2]}"[:60])
def test_an_advisory_s_package_has_the_version_that_was_looked_at(row: tuple[str, ...]) -> None:
    package, looked_at, _, *why = row
    assert LOCK.get(package) == looked_at, (
        f"{package} is pinned to {LOCK.get(package)}: read its rows in docs/security.md again, then write that version"
    )
    assert version(package).split("+")[0] == looked_at
    assert all(why)


def test_the_packages_that_read_what_strangers_send_were_looked_at() -> None:
    looked_at = {row[0] for row in ROWS}
    assert {
        "torch",
        "transformers",
        "gradio",
        "starlette",
        "python-multipart",
        "huggingface_hub",
    } <= looked_at


def test_the_two_documents_lead_to_each_other() -> None:
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text()
    assert "../SECURITY.md" in TEXT


@pytest.mark.parametrize("repo", COMMITS)
def test_a_pin_is_a_commit_of_a_repository_that_is_used(repo: str) -> None:
    assert COMMIT.fullmatch(COMMITS[repo])
    assert repo in {*WHISPER_REPOS.values(), *WAV2VEC2_MODELS.values()}


@pytest.mark.parametrize("repo", PICKLES)
def test_a_known_pickle_has_a_hash(repo: str) -> None:
    assert SHA256.fullmatch(PICKLES[repo])


@pytest.mark.parametrize("name", WHISPER_REPOS)
def test_every_whisper_model_has_a_pin(name: str) -> None:
    assert WHISPER_REPOS[name] in COMMITS
