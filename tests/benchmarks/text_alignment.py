"""A long recording aligned with its text, and with a text that is not what was said.

    python -m tests.benchmarks.text_alignment [--minutes 60] [--seed 1]

The speech is espeak-ng's, whose word times are known, in several voices; its sentences are made up, none twice. The
text that is not right has 5 % of its words replaced, lacks a paragraph, has one more, and two of its chapters are in
the wrong order. Words that espeak-ng says as one ("in the") have no known border and do not count as near or not.

Prints, for each text and for a transcription of the same recording, the seconds that it took, those to the first
words, and the most memory so far; then, for each kind of words of the text, how many came out as they should.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from engine import Engine, Options, Transcript
from engine.text_alignment.text_formats import read_text
from engine.updates import Update
from tests.support.synthesis import SAMPLE_RATE, Spoken, speak

VOICES = ("en-us", "en+f3", "en-gb-x-rp", "en-us+m3")
CHAPTERS = 6
SENTENCES = 5  # of a paragraph
REPLACED = 0.05  # of the words
NEAR = 0.1  # seconds from the truth at both ends

WHO = (
    "farmer baker doctor teacher sailor painter lawyer driver gardener engineer singer miller banker hunter writer "
    "neighbour brother sister cousin stranger soldier student captain tailor merchant"
).split()
DID = (
    "carried found bought painted forgot sold repaired opened counted borrowed dropped hid cleaned measured lifted "
    "described photographed followed watched stole returned moved covered ordered wrapped"
).split()
HOW = "old heavy green broken small yellow empty narrow wooden silver expensive dirty frozen quiet famous".split()
WHAT = (
    "basket bridge letter bottle window bicycle ladder blanket camera lantern piano carpet engine mirror table "
    "garden kettle suitcase hammer umbrella anchor saddle drum violin candle"
).split()
WHERE = (
    "near the harbour|behind the station|under the mountain|beside the river|in the kitchen|after the storm|"
    "before the wedding|during the winter|outside the hospital|at the market|on the island|across the valley"
).split("|")
WHEN = "Yesterday|Every summer|In the morning|Last week|Before dinner|Some years ago|On Sunday|Late at night".split(
    "|"
)
OTHERS = (
    "volcano parliament orchestra giraffe chocolate laboratory satellite pyramid festival elephant".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, with the word that was said there if it is right.

    swapped  whether it is in a chapter that is in the wrong place
    """

    text: str
    said: Spoken | None
    swapped: bool = False


Paragraph = list[Token]


@dataclass
class Talk:
    """A recording, and its chapters, each of several paragraphs."""

    samples: list[np.ndarray] = field(default_factory=list)
    chapters: list[list[Paragraph]] = field(default_factory=list)
    at: int = 0  # samples so far

    @property
    def seconds(self) -> float:
        return self.at / SAMPLE_RATE

    def say(self, sentence: str, voice: str, pause: float) -> Paragraph:
        """Adds a sentence after a pause in seconds; returns its words."""
        recording = speak(sentence, voice, 160)
        self.samples += [np.zeros(round(pause * SAMPLE_RATE), np.float32), recording.samples]
        offset = self.seconds + pause
        self.at += sum(map(len, self.samples[-2:]))
        words = [
            Spoken(word.text, word.start + offset, word.end + offset, word.exact) for word in recording.words
        ]
        return [Token(text, word) for text, word in zip(sentence.split(), words, strict=True)]


def sentences(rng: random.Random) -> Iterator[str]:
    """Yields sentences, none twice."""
    known = set()
    while True:
        one, other = rng.sample(WHO, 2)
        made = (
            f"{rng.choice(WHEN)} the {one} {rng.choice(DID)} the {rng.choice(HOW)} {rng.choice(WHAT)} "
            f"{rng.choice(WHERE)}, and the {other} {rng.choice(DID)} the {rng.choice(WHAT)}."
        )
        if made not in known:
            known.add(made)
            yield made


def talk_of(minutes: float, rng: random.Random) -> Talk:
    """Returns a recording of at least so many minutes."""
    talk, source = Talk(), sentences(rng)
    for chapter in range(1, CHAPTERS + 1):
        paragraphs: list[Paragraph] = []
        while talk.seconds < 60 * minutes * chapter / CHAPTERS:
            voice = VOICES[len(paragraphs) % len(VOICES)]
            paragraph: Paragraph = []
            for number in range(SENTENCES):
                paragraph += talk.say(next(source), voice, rng.uniform(0.8, 1.5) if not number else 0.4)
            paragraphs.append(paragraph)
        talk.chapters.append(paragraphs)
    return talk


def damaged(talk: Talk, rng: random.Random) -> tuple[list[Paragraph], Paragraph]:
    """Returns the paragraphs of a text that is not right, and the paragraph that it lacks."""
    chapters = [[list(map(_replaced(rng), paragraph)) for paragraph in chapter] for chapter in talk.chapters]
    chapters[2], chapters[3] = (
        [[Token(token.text, token.said, swapped=True) for token in paragraph] for paragraph in chapters[at]]
        for at in (3, 2)
    )
    lost = talk.chapters[0][1]
    del chapters[0][1]
    added = [Token(word, None) for _ in range(SENTENCES) for word in next(sentences(rng)).split()]
    chapters[4].insert(1, added)
    return [paragraph for chapter in chapters for paragraph in chapter], lost


def _replaced(rng: random.Random) -> Callable[[Token], Token]:
    def replace(token: Token) -> Token:
        return Token(rng.choice(OTHERS), None) if rng.random() < REPLACED else token

    return replace


def is_near(token: Token, start: float, end: float) -> bool:
    said = token.said
    return said is not None and max(abs(said.start - start), abs(said.end - end)) <= NEAR


def print_kinds(tokens: Sequence[Token], transcript: Transcript) -> None:
    """Prints how many words of each kind came out as they should."""
    words = transcript.words
    assert [word.word for word in words] == [token.text for token in tokens], "the text comes back as it is"
    kinds = {
        "right": [at for at, token in enumerate(tokens) if token.said and not token.swapped],
        "in a chapter of the wrong place": [
            at for at, token in enumerate(tokens) if token.said and token.swapped
        ],
        "wrong": [at for at, token in enumerate(tokens) if token.said is None],
    }
    for name, places in kinds.items():
        if not places:
            continue
        said = [at for at in places if words[at].is_said]
        known = [at for at in places if (spoken := tokens[at].said) and spoken.exact]
        near = [
            at for at in known if words[at].is_said and is_near(tokens[at], words[at].start, words[at].end)
        ]
        share = f"{len(near) / len(known):.3f} of {len(known)} within {NEAR} s, " if known else ""
        print(f"  {name}: {len(places)} words, {share}{1 - len(said) / len(places):.3f} marked as not said")


def print_lost(lost: Paragraph, transcript: Transcript) -> None:
    """Prints how much of the paragraph that the text lacks is listed with what was heard."""
    said = [token.said for token in lost if token.said]
    listed = sum(
        any(
            each.start <= (word.start + word.end) / 2 <= each.end and each.heard
            for each in transcript.coverage
        )
        for word in said
    )
    print(f"  missing in the text: {listed / len(said):.3f} of {len(said)} words are listed as heard")


def measured(name: str, updates: Iterator[Update]) -> Transcript:
    """Runs to the end; prints the time, that of the first words, and the memory."""
    began, first, transcript = time.perf_counter(), 0.0, None
    for update in updates:
        if update.segments and not first:
            first = time.perf_counter() - began
        transcript = update.transcript
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {seconds:.1f} s, first words after {first:.1f} s, {peak:.0f} MiB at most so far", flush=True
    )
    assert transcript is not None
    return transcript


def main() -> None:
    parser = argparse.ArgumentParser(description="Aligns a long text.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    talk = talk_of(given.minutes, rng)
    whole = [paragraph for chapter in talk.chapters for paragraph in chapter]
    wrong, lost = damaged(talk, rng)
    options = Options(language="en")
    engine = Engine()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "talk.wav"
        soundfile.write(path, np.concatenate(talk.samples), SAMPLE_RATE)
        short = Path(folder) / "short.wav"
        soundfile.write(short, np.concatenate(talk.samples)[: 40 * SAMPLE_RATE], SAMPLE_RATE)
        print(f"{talk.seconds / 60:.1f} minutes, {sum(map(len, whole))} words")
        measured("40 seconds transcribed, to load the models", engine.stream(short, options))
        for name, paragraphs in (("its text", whole), ("a text that is not right", wrong)):
            tokens = [token for paragraph in paragraphs for token in paragraph]
            text = "\n\n".join(" ".join(token.text for token in paragraph) for paragraph in paragraphs)
            found = measured(name, engine.stream_alignment(path, read_text(text), options))
            print_kinds(tokens, found)
        print_lost(lost, found)
        measured("transcribed", engine.stream(path, options))
    engine.close()


if __name__ == "__main__":
    main()
