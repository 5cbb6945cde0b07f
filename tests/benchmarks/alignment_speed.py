"""How fast words are aligned, beside WhisperX, as a ratio.

    python -m tests.benchmarks.alignment_speed [--part search|whole|phonetic] [--device cuda] [--minutes 60]

`phonetic` transcribes a long recording with words timed by their sounds and by attention alone, in turn:
what the first adds to the CPU seconds is what it costs. `search` times the search for the path alone, on
the same emissions: ours with all that makes words of it, WhisperX's trellis and backtrack without. `whole`
times a wav2vec2 model of base size and random weights with the search, over segments of many lengths,
against `whisperx.alignment.align`. All run in turn, and the medians of the runs and of their ratios are printed.
WhisperX's sentence splitter fetches its data from the net; an untrained one stands in for it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import torch
from nltk.tokenize.punkt import PunktSentenceTokenizer
from transformers import Wav2Vec2Config, Wav2Vec2ForCTC
from whisperx import alignment as whisperx

from engine import Config, Engine, Options
from engine.alignment.aligner import Utterance
from engine.alignment.wav2vec2.aligner import Wav2Vec2Aligner
from engine.alignment.wav2vec2.checkpoint import Checkpoint
from engine.alignment.wav2vec2.ctc import align_words
from engine.alignment.wav2vec2.emissions import EmissionModel
from engine.options import AlignerChoice
from engine.sampling import SAMPLE_RATE
from tests.benchmarks.speed import recordings
from tests.support.drawn_emissions import BLANK, ENGLISH, SEPARATOR, draw, spell
from tests.support.tone_model import VOCABULARY
from tests.support.whisperx_trellis import whisperx_words

FRAMES = 50  # a second
LETTERS = 14  # a second, spaces included
SECONDS = (5, 15, 30)  # of the emissions that are searched
SHORTEST, LONGEST = 2.0, 30.0  # seconds of a segment


def words_of(seconds: float, rng: np.random.Generator) -> str:
    """Returns words of random letters, as many as are said in so many seconds."""
    letters, left = "etaonihsrdlumwcfgypbvkxjqz", int(seconds * LETTERS)
    words = []
    while left > 1:
        length = min(int(rng.integers(1, 10)), left - 1)
        words.append("".join(rng.choice(list(letters), length)))
        left -= length + 1
    return " ".join(words)


def seconds_of(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    work()
    return clock() - began


def whisperx_path(frames: torch.Tensor, tokens: list[int]) -> None:
    whisperx.backtrack(whisperx.get_trellis(frames, tokens, BLANK), frames, tokens, BLANK)


def emission_of(seconds: float, words: str, seed: int) -> np.ndarray:
    """Returns an emission that says `words` in about so many seconds; silence fills up the rest."""
    emission = draw(words, seed, silence=2, held=1)
    quiet = np.full_like(emission[:1], -10.0)
    quiet[:, BLANK] = -0.001
    return np.vstack([emission, quiet.repeat(max(0, round(seconds * FRAMES) - len(emission)), axis=0)])


def searched(runs: int) -> Iterator[tuple[float, list[float], list[float], list[int]]]:
    """Yields for each length: seconds of audio, our seconds, theirs, and how many frames each word's
    edges differ."""
    rng = np.random.default_rng(0)
    for seconds in SECONDS:
        ours, theirs, apart = [], [], []
        for seed in range(runs):
            words = words_of(seconds, rng)
            emission, spelling = emission_of(seconds, words, seed), spell(words)
            frames = torch.from_numpy(emission)
            tokens = [VOCABULARY[letter] for letter in words.upper().replace(" ", "|")]

            path = partial(whisperx_path, frames, tokens)
            theirs.append(seconds_of(path, time.thread_time))
            words_found = partial(align_words, emission, spelling, BLANK, SEPARATOR)
            ours.append(seconds_of(words_found, time.thread_time))
            for span, (start, end, _) in zip(words_found(), whisperx_words(emission, words), strict=True):
                apart.append(max(abs(span.start - start), abs(span.end - end)))
        yield seconds, ours, theirs, apart


def segments(minutes: float, rng: np.random.Generator) -> Iterator[dict]:
    """Yields segments one after another, of many lengths, in WhisperX's shape."""
    start = 0.0
    while start < minutes * 60:
        end = min(start + float(rng.uniform(SHORTEST, LONGEST)), minutes * 60 + SHORTEST)
        yield {"start": start, "end": end, "text": words_of(end - start, rng)}
        start = end


def whole(device: str, minutes: float, runs: int) -> tuple[list[float], list[float], str]:
    """Returns our seconds and theirs over the same segments, and what was aligned."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    cut = list(segments(minutes, rng))
    audio = rng.normal(0, 0.1, int(cut[-1]["end"] * SAMPLE_RATE) + 1).astype(np.float32)
    theirs = Wav2Vec2ForCTC(Wav2Vec2Config(vocab_size=len(VOCABULARY))).eval()
    mine = Wav2Vec2ForCTC(theirs.config).eval()
    mine.load_state_dict(theirs.state_dict())
    mine.to(torch.float16 if device == "cuda" else torch.float32)
    theirs.to(device)
    checkpoint = Checkpoint(mine, ENGLISH, True, 320, 400)
    aligner = Wav2Vec2Aligner(checkpoint, EmissionModel(checkpoint, device))
    whisperx.nltk_load = lambda path: PunktSentenceTokenizer()
    dictionary = {letter.lower(): column for letter, column in VOCABULARY.items()}
    metadata = {"language": "en", "dictionary": dictionary, "type": "huggingface"}

    def our_words() -> int:
        utterances = [
            Utterance(
                audio[int(entry["start"] * SAMPLE_RATE) : int(entry["end"] * SAMPLE_RATE)],
                tuple(entry["text"].split()),
                "en",
            )
            for entry in cut
        ]
        return sum(len(found) for found in aligner.align(utterances) if isinstance(found, tuple))

    def their_words() -> int:
        return len(whisperx.align(cut, theirs, metadata, audio, device)["word_segments"])

    said = f"{len(cut)} segments, words timed: {our_words()} by Wordlight, {their_words()} by WhisperX"
    pairs = [(seconds_of(our_words), seconds_of(their_words)) for _ in range(runs)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs], said


def phonetic(runs: int) -> tuple[list[float], list[float]]:
    """Returns the CPU seconds of whole transcriptions, words timed by their sounds and by attention alone."""
    seconds: dict[AlignerChoice, list[float]] = {"phonetic": [], "attention": []}
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Engine(replace(Config.from_env(), offline=True))) as engine,
    ):
        engine.start()
        long = next(entry for entry in recordings(Path(folder)) if entry.name == "long")
        for _ in range(runs):
            for aligner, taken in seconds.items():
                work = partial(engine.transcribe, long.path, Options(language="en", aligner=aligner))
                taken.append(seconds_of(work, time.process_time))
    return seconds["phonetic"], seconds["attention"]


def ratio(ours: list[float], theirs: list[float]) -> float:
    return median(b / a for a, b in zip(ours, theirs, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast words are aligned, beside WhisperX.")
    parser.add_argument("--part", choices=("search", "whole", "phonetic"), help="one alone")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--minutes", type=float, default=2.0, help="of audio for `whole`")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.part in (None, "phonetic"):
        ours, theirs = phonetic(arguments.runs)
        print(
            f"phonetic {median(ours):.2f} s, attention {median(theirs):.2f} s of CPU for the whole transcription: "
            f"{ratio(theirs, ours) - 1:+.1%}"
        )
    if arguments.part in (None, "search"):
        print(f"{'search':<8} {'Wordlight':>10} {'WhisperX':>10} {'ratio':>6}  words within 20 ms of theirs")
        for seconds, ours, theirs, apart in searched(3 * arguments.runs):
            same = sum(frames <= 1 for frames in apart)
            print(
                f"{seconds:>6} s {median(ours) * 1000:>7.2f} ms {median(theirs) * 1000:>7.1f} ms "
                f"{ratio(ours, theirs):>6.1f}  {same} of {len(apart)}, at most {max(apart)} frames off"
            )
    if arguments.part in (None, "whole"):
        name = torch.cuda.get_device_name() if arguments.device == "cuda" else "CPU"
        ours, theirs, said = whole(arguments.device, arguments.minutes, arguments.runs)
        print(f"whole, {arguments.minutes:g} min of audio on {name}: {said}")
        print(f"Wordlight {median(ours):.2f} s, WhisperX {median(theirs):.2f} s, {ratio(ours, theirs):.2f}x")


if __name__ == "__main__":
    main()
