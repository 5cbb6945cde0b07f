"""How soon a word that is corrected on the page has its times, and how near they are to the truth.

    python -m tests.benchmarks.retiming [--corrections 30] [--minutes 0]

A real page transcribes speech whose word times are known. Then words are corrected by the keyboard, in turn in three
ways: one is typed in the place of a wrong one, two that were joined are split, one that was left out is inserted. With
`--minutes`, silence of that length comes first, so that the words lie deep in the recording.

Prints for each way the median and the longest time from the last key to the times on the page, and how many of the
words are within 50 ms of the truth at both ends; and the same of all words, with how many were not timed by the sound.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import soundfile
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.corpus import BRIDGE, HARBOUR, MOUNTAIN, STATION
from tests.benchmarks.word_timing import Given, matched
from tests.support.app import serve
from tests.support.chromium import PATIENCE, chromium, open_page, transcribe
from tests.support.synthesis import SAMPLE_RATE, Recording, Spoken, joined, speak

VOICE, RATE = "en-us", 150
PAUSE = 0.6  # seconds before each sentence
NEAR = 0.05  # seconds from the truth at both ends
APART = 3  # words from one corrected word to the next, at least
WRONG = "something"  # what is typed first where a wrong word is corrected

# Notes when the reader has pressed the last key of a correction, and when its times have come.
WATCH = """() => {
  document.addEventListener("keydown", ({ key }) => { if (key === "Enter") window.lastKey = performance.now(); }, true);
  wordlight.events.on("retimed", () => { window.retimed = performance.now(); });
}"""
IS_IDLE = "!wordlight.retiming.pending.size && !wordlight.retiming.isAsking"


@dataclass(frozen=True, slots=True)
class Corrected:
    """A word that was corrected; its milliseconds from the last key are None if the sound did not confirm it."""

    way: str
    milliseconds: float | None
    is_near: bool


def press(page: Page, index: int, key: str) -> None:
    page.locator(".wl-word").nth(index).focus()
    page.keyboard.press(key)


def enter(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.evaluate("window.retimed = null")
    page.keyboard.press("Enter")
    page.wait_for_function(IS_IDLE, timeout=PATIENCE)


def typed(page: Page, index: int, text: str) -> None:
    """Puts a wrong word in the place of one, then corrects it."""
    press(page, index, "e")
    enter(page, WRONG)
    press(page, index, "e")
    enter(page, text)


def split(page: Page, index: int, text: str) -> None:
    """Joins a word with the next one, then splits them."""
    following = texts(page)[index + 1]
    press(page, index, "j")
    page.wait_for_function(IS_IDLE, timeout=PATIENCE)
    press(page, index, "e")
    enter(page, f"{text} {following}")


def inserted(page: Page, index: int, text: str) -> None:
    """Deletes a word, then inserts it."""
    press(page, index, "Delete")
    press(page, index - 1, "i")
    enter(page, text)


WAYS: dict[str, Callable[[Page, int, str], None]] = {"typed": typed, "split": split, "inserted": inserted}


def texts(page: Page) -> list[str]:
    return page.evaluate("wordlight.store.doc.words.map(({ text }) => text)")


def common(reading: Recording, heard: Sequence[str], most: int) -> list[tuple[int, Spoken]]:
    """Returns words that were heard as they were said, each with its index among those heard, evenly apart."""
    found = matched(reading.words, [Given(text, at, at) for at, text in enumerate(heard)], reading.language)
    whole = [
        (int(given.start), reading.words[said])
        for said, given in sorted(found.items())
        if reading.words[said].exact and reading.words[said].text == given.text and said + 1 in found
    ]
    chosen: list[tuple[int, Spoken]] = []
    step = max(APART, len(heard) // most)
    for index, word in whole:
        if index > 0 and word.text.isalpha() and (not chosen or index - chosen[-1][0] >= step):
            chosen.append((index, word))
    return chosen[:most]


def corrections(page: Page, words: Sequence[tuple[int, Spoken]]) -> Iterator[Corrected]:
    """Corrects words one after another, and yields what came of each."""
    page.evaluate(WATCH)
    for (way, correct), (index, said) in zip(cycle(WAYS.items()), words, strict=False):
        correct(page, index, said.text)
        taken, found = page.evaluate(
            "index => [window.retimed && window.retimed - window.lastKey, wordlight.store.doc.words[index]]",
            index,
        )
        apart = max(abs(found["start"] - said.start), abs(found["end"] - said.end))
        yield Corrected(way, taken, found["timing"] == "aligned" and apart <= NEAR)


def print_line(name: str, words: Sequence[Corrected]) -> None:
    taken = [word.milliseconds for word in words if word.milliseconds is not None]
    if taken:
        print(
            f"{name:<9} {len(words):>3} words  {statistics.median(taken):5.0f} ms  at most {max(taken):5.0f} ms  "
            f"{sum(word.is_near for word in words):>3} within {NEAR * 1000:.0f} ms  "
            f"{len(words) - len(taken)} not timed by the sound"
        )


def main() -> None:
    """Transcribes, corrects, and prints a line for each way."""
    parser = argparse.ArgumentParser(description="How soon corrected words have their times.")
    parser.add_argument("--corrections", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=0.0, help="of silence before the speech")
    given = parser.parse_args()
    sentences = (*BRIDGE, *MOUNTAIN, *HARBOUR, *STATION)
    pauses = [60 * given.minutes + PAUSE, *(PAUSE for _ in sentences[1:])]
    reading = joined([speak(sentence, VOICE, RATE) for sentence in sentences], pauses)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "reading.wav"
        soundfile.write(path, reading.samples, SAMPLE_RATE)
        for url in serve(Path(folder)):
            with chromium(playwright) as browser:
                page = browser.new_page()
                open_page(page, url)
                transcribe(page, path)
                found = list(corrections(page, common(reading, texts(page), given.corrections)))
    for way in WAYS:
        print_line(way, [word for word in found if word.way == way])
    print_line("all", found)


if __name__ == "__main__":
    main()
