"""Words of live sound come while it is still being recorded, and none is lost."""

from __future__ import annotations

import threading
from contextlib import closing

import numpy as np

from engine import Engine, Options, Segment, Transcript
from engine.media.live_sound import LiveSound
from engine.sampling import SAMPLE_RATE, to_samples
from tests.support.error_rate import error_rate
from tests.support.recordings import TALK

_TALK = TALK
PART = 4000  # samples that are added at a time


def hear(engine: Engine, sound: LiveSound, options: Options) -> tuple[list[Segment], Transcript]:
    """Returns the segments as they came, and the transcript."""
    found: list[Segment] = []
    transcript = None
    with closing(engine.stream_live(sound, options)) as updates:
        for update in updates:
            found += update.segments
            transcript = update.transcript
    assert transcript is not None
    return found, transcript


def add(sound: LiveSound, samples: np.ndarray) -> None:
    for start in range(0, len(samples), PART):
        assert sound.put(samples[start : start + PART])


def test_words_come_before_more_sound_does(engine: Engine, talk: np.ndarray) -> None:
    sound, rest = LiveSound(), threading.Event()
    pause = np.zeros(SAMPLE_RATE, np.float32)
    begun = to_samples(15.0)

    def record() -> None:
        add(sound, np.concatenate([talk[:begun], pause]))
        assert rest.wait(120), "no word of the first part came while nothing followed it"
        add(sound, talk[begun:])
        sound.end()

    thread = threading.Thread(target=record)
    thread.start()
    found: list[Segment] = []
    with closing(engine.stream_live(sound, Options(language="en"))) as updates:
        for update in updates:
            found += update.segments
            if found and found[-1].end > 14.0:  # "This is Diane in New Jersey."
                rest.set()
            transcript = update.transcript
    thread.join()
    assert transcript is not None and transcript.segments == tuple(found)
    assert "New Jersey" in " ".join(segment.text for segment in found if segment.end < 15.5)
    assert transcript.duration == sound.duration
    times = [time for word in transcript.words for time in (word.start, word.end)]
    assert times == sorted(times)


def test_the_whole_says_what_a_file_says(engine: Engine, talk: np.ndarray) -> None:
    sound = LiveSound()
    add(sound, talk)
    sound.end()
    found, transcript = hear(engine, sound, Options())
    whole = engine.transcribe(TALK, Options(language="en")).text
    assert transcript.language == "en"
    # Windows are short, so a few words are heard otherwise; a lost sentence of the 15 would be 0.07.
    assert error_rate(whole, transcript.text, "en") < 0.2
    assert [segment.text for segment in found] == [segment.text for segment in transcript.segments]


def test_noise_with_hotwords_gives_no_words(engine: Engine) -> None:
    sound = LiveSound()
    noise = np.random.default_rng(3).normal(0, 0.02, 20 * SAMPLE_RATE).astype(np.float32)
    add(sound, noise)
    sound.end()
    _, transcript = hear(engine, sound, Options(language="en", hotwords="Wordlight, Diane"))
    assert transcript.segments == ()


def test_a_reader_that_leaves_ends_the_sound(engine: Engine, talk: np.ndarray) -> None:
    sound = LiveSound()
    add(sound, talk)
    with closing(engine.stream_live(sound)) as updates:
        next(update for update in updates if update.segments)
    assert not sound.put(talk)
