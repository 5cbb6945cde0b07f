"""The language of a recording is that of most of it, whatever it begins with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import Engine, Options
from tests.support.recordings import TALK, clip

RATE = 16_000  # Hz
PAUSE = np.zeros(2 * RATE, np.float32)
GREETINGS = {
    "es": ("es/pangrama", "es/conteo", "es/hola_mundo") * 3,
    "hi": ("hi/namaste_duniya",) * 9,  # of which Whisper base is not sure
}


def recording(folder: Path, *parts: np.ndarray) -> Path:
    soundfile.write(folder / "talk.wav", np.concatenate(parts), RATE)
    return folder / "talk.wav"


@pytest.mark.parametrize("greeting", GREETINGS)
def test_a_greeting_in_another_language_leaves_the_talk_in_its_own(
    engine: Engine, tmp_path: Path, greeting: str
) -> None:
    before = [soundfile.read(clip(name), dtype="float32")[0] for name in GREETINGS[greeting]]
    talk = soundfile.read(TALK, dtype="float32")[0]
    begun = sum(map(len, before)) / RATE
    heard = engine.transcribe(recording(tmp_path, *before, PAUSE, talk, talk, talk), Options())
    assert heard.language == "en"
    later = [segment for segment in heard.segments if segment.start > begun + 5]
    assert later and {segment.language for segment in later} == {"en"}
    # Two say so, three times over; a word of it may be heard otherwise on another kind of processor.
    assert heard.text.count("from Chicago") >= 3


def test_the_words_of_a_sure_first_window_do_not_wait(engine: Engine, tmp_path: Path) -> None:
    talk = soundfile.read(TALK, dtype="float32")[0]
    updates = engine.stream(recording(tmp_path, talk, talk, talk, talk, talk))
    first = next(update for update in updates if update.segments)
    updates.close()
    assert first.seconds_done < 40
