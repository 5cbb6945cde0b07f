"""A click on a word plays that word, in files of which a browser has another idea than the transcript, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.sampling import SAMPLE_RATE
from tests.support.chromium import PATIENCE, settled, transcribe
from tests.support.media_files import decode, make
from tests.support.odd_media import joined_mp3, shifted

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SLACK = 0.1  # seconds
HEARD = 1.0  # seconds that are compared

# Gives the player's sound to a recorder as well, at the samples' own rate.
LISTEN = """async () => {
  const context = new AudioContext({ sampleRate: 16000 });
  await context.resume();
  const recorder = context.createScriptProcessor(1024, 1, 1);
  recorder.onaudioprocess = ({ inputBuffer }) => {
    const block = inputBuffer.getChannelData(0);
    if (window.heard.length || block.some((sample) => sample !== 0)) window.heard.push(...block);
  };
  window.heard = [];
  context.createMediaElementSource(document.querySelector('#player .wl-media')).connect(recorder);
  recorder.connect(context.destination);
}"""
# Returns what the player plays from a click on a word on.
CLICK = """async ([index, seconds]) => {
  const media = document.querySelector('#player .wl-media');
  media.pause();
  await new Promise((resolve) => setTimeout(resolve, 500)); // until the recorder has had all of it
  window.heard = [];
  document.querySelectorAll('.wl-word')[index].click();
  for (let tries = 0; tries < 200 && window.heard.length < seconds * 16000; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  media.pause();
  return window.heard;
}"""


def vbr_mp3(folder: Path, speech: Path) -> Path:
    """Sentences with long pauses, at a variable bit rate that no header tells."""
    padded = make(folder / "padded.wav", "-i", speech, "-af", "apad=pad_dur=8")
    variable = ("-c:a", "libmp3lame", "-q:a", "6", "-write_xing", "0")
    return make(folder / "vbr.mp3", "-stream_loop", "9", "-i", padded, *variable)


def late_m4a(folder: Path, speech: Path) -> Path:
    return shifted("late.m4a", folder, speech)


def late_webm(folder: Path, speech: Path) -> Path:
    return shifted("late.webm", folder, speech)


def wma(folder: Path, speech: Path) -> Path:
    return make(folder / "t.wma", "-i", speech)


def delay(heard: np.ndarray, expected: np.ndarray) -> float:
    """Returns the seconds by which a recording is behind another; NaN if they are not alike."""
    size = 2 * max(len(heard), len(expected))
    curve = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(expected, size)))
    at = int(curve.argmax())
    length = min(len(heard), len(expected))
    power = np.linalg.norm(heard) * np.linalg.norm(expected[:length])
    if curve[at] < 0.3 * power:
        return float("nan")
    return (at if at < size // 2 else at - size) / SAMPLE_RATE


@pytest.mark.parametrize(
    ("make_file", "words_of_sentence", "copied"),
    [
        (late_webm, (0,), False),
        (late_m4a, (0,), True),
        (joined_mp3, (0, 1, 2), True),
        (vbr_mp3, (0, 9), True),
        (wma, (0,), True),
    ],
)
def test_a_click_on_a_word_plays_it(
    make_file, words_of_sentence: tuple[int, ...], copied: bool, page: Page, tmp_path: Path, speech: Path
) -> None:
    path = make_file(tmp_path, speech)
    transcribe(page, path)
    settled(page)
    page.wait_for_function(
        "(copied) => { const media = document.querySelector('#player .wl-media');"
        " return media && media.readyState > 0 && media.src.includes('copy-') === copied; }",
        arg=copied,
        timeout=PATIENCE,
    )
    samples, _ = decode(path)
    words = page.evaluate("wordlight.store.doc.words.map(({ text, start, end }) => ({ text, start, end }))")
    foxes = [index for index, word in enumerate(words) if "fox" in word["text"].lower()]
    assert len(foxes) > max(words_of_sentence), words
    page.evaluate(LISTEN)
    for sentence in words_of_sentence:
        index = foxes[sentence]
        heard = np.float32(page.evaluate(CLICK, [index, HEARD]))
        start = round(words[index]["start"] * SAMPLE_RATE)
        late = delay(heard, samples[start : start + round(HEARD * SAMPLE_RATE)])
        assert abs(late) <= SLACK, (sentence, late)
