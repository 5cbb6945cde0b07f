"""Counts the hesitations that the option `verbatim` has Whisper write, and the word errors beside them.

    .venv/bin/python -m tests.benchmarks.verbatim

The speech is that of human_speech.py: its labels have each "um" and "uh". Every hesitation that is written counts, also
one that nobody said; of read speech, none is right.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import jiwer

from engine import Config, Engine, Options
from tests.benchmarks.human_speech import Saying, fetch
from tests.support.error_rate import normalise

HESITATION = re.compile(r"\b(?:u+m+|u+h+|er+m?|hm+|mm+)\b", re.IGNORECASE)


def labelled(folder: Path, saying: Saying) -> int:
    """Returns how many hesitations the label of a recording has; read texts have none."""
    label = next(folder.glob(f"montreal*/tests/data/lab/{saying.path.stem}.*"), None)
    return len(HESITATION.findall(label.read_text())) if label else 0


def main() -> None:
    engine = Engine(Config.from_env())
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        sayings = fetch(folder)
        said = sum(labelled(folder, saying) for saying in sayings)
        for verbatim in (False, True):
            options = Options(language="en", verbatim=verbatim)
            texts = [engine.transcribe(saying.path, options).text for saying in sayings]
            plain = [normalise(HESITATION.sub(" ", text), "en") or "∅" for text in texts]
            errors = jiwer.wer([normalise(saying.text, "en") for saying in sayings], plain)
            written = sum(len(HESITATION.findall(text)) for text in texts)
            print(f"verbatim {verbatim}: {written} written of {said} said, word errors {errors:.1%}")
    engine.close()


if __name__ == "__main__":
    main()
