"""What becomes of language and words where windows are encoded as short as they are, and not as 30 s.

    python -m tests.benchmarks.encoding

Says every two sentences of tests/benchmarks/corpus.py under its conditions, and prints for either length of
the encoder's input how often the language is found, how likely the text that was said is to the model, which
no chance of beam search comes into, the word error rate, the language being known, and the seconds that
encoding took. "In doubt, whole" is what Wordlight does: short, and once more where the language is unsure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ctranslate2
import jiwer
import numpy as np
import tokenizers

from engine import Config
from engine.recognition.decoding import DecodingRequest
from engine.recognition.encoder import Encoded, Encoder
from engine.recognition.faster_whisper_parts import load_feature_extractor
from engine.recognition.prompts import PromptBuilder
from engine.recognition.recognizer import Recognizer
from engine.stopwatch import Stopwatch
from engine.weights.locate import find_whisper
from tests.benchmarks.corpus import CONDITIONS, SCRIPTS
from tests.support.error_rate import normalise
from tests.support.synthesis import joined

PAUSE = 0.4  # seconds before each sentence
AT_ONCE = 2  # sentences in a window
UNLIKELIEST = 1e-6  # probability of a token, below which one is as bad as another


@dataclass(frozen=True, slots=True)
class Said:
    """A window: samples (n,) float32 at 16 kHz, what is said in it, and in which language."""

    samples: np.ndarray
    text: str
    language: str


@dataclass
class Tally:
    windows: int = 0
    languages: int = 0  # found
    seconds: float = 0.0  # until the language was known
    logprob: float = 0.0  # of all tokens of the texts that were said
    tokens: int = 0
    wrong: int = 0  # words
    words: int = 0

    def row(self, name: str) -> str:
        found = f"{self.languages} of {self.windows}"
        row = f"{name:<18}{found:>12}{self.seconds:>9.1f}"
        if not self.words:
            return row
        return row + f"{self.logprob / self.tokens:>10.3f}{self.wrong / self.words:>8.3f}"


def windows() -> Iterator[Said]:
    for part in SCRIPTS.values():
        for script in part:
            for first in range(0, len(script.sentences), AT_ONCE):
                sentences = script.sentences[first : first + AT_ONCE]
                plain = joined([script.say(sentence) for sentence in sentences], [PAUSE] * len(sentences))
                for condition, spoil in CONDITIONS.items():
                    if condition != "silences":  # has none of its own
                        yield Said(spoil(plain).samples, " ".join(sentences), plain.language)


class Bench:
    """Whisper base, asked step by step."""

    def __init__(self) -> None:
        path = find_whisper("base", Config()).path
        self._model = ctranslate2.models.Whisper(str(path), compute_type="int8", intra_threads=2)
        self._recognizer = Recognizer("base", self._model, path)
        tokenizer = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
        self._speech = PromptBuilder(tokenizer, self._model.is_multilingual)
        self._encoder = Encoder(self._model, load_feature_extractor(path, self._model.n_mels))

    def hear(self, said: Said, short: Tally, doubting: Tally, whole: Tally) -> None:
        """Adds a window to the tallies."""
        watch = Stopwatch()
        with watch.stage("short"):
            encoded = self._encoder.encode([self._encoder.features(said.samples)])
        with watch.stage("doubting"):
            told = self._recognizer.detect_language(encoded)[0]
        with watch.stage("whole"):
            again = self._encoder.encode_full_length(encoded, [0])
        plain = {token[2:-2]: chance for token, chance in self._model.detect_language(encoded.output)[0]}
        _count(short, said, plain, watch.seconds["short"])
        _count(doubting, said, told, watch.seconds["short"] + watch.seconds["doubting"])
        _count(whole, said, self._recognizer.detect_language(again)[0], watch.seconds["whole"])
        self._write(short, said, encoded)
        self._write(whole, said, again)

    def _write(self, tally: Tally, said: Said, encoded: Encoded) -> None:
        ask = DecodingRequest(said.language)
        tokens = self._speech.text_tokenizer(ask).encode(f" {said.text}")
        sot = self._speech.tokenizer(ask).sot_sequence
        (found,) = self._model.align(encoded.output, sot, [tokens], list(encoded.frames))
        tally.logprob += float(np.log(np.maximum(found.text_token_probs, UNLIKELIEST)).sum())
        tally.tokens += len(tokens)
        (heard,) = self._recognizer.decode(encoded, [ask])
        written = "".join(word.text for word in heard.words)
        words = jiwer.process_words(normalise(said.text, said.language), normalise(written, said.language))
        tally.wrong += words.substitutions + words.deletions + words.insertions
        tally.words += words.hits + words.substitutions + words.deletions


def _count(tally: Tally, said: Said, chances: dict[str, float], seconds: float) -> None:
    tally.windows += 1
    tally.languages += max(chances, key=chances.__getitem__) == said.language
    tally.seconds += seconds


def main() -> None:
    bench = Bench()
    tallies = {"short": Tally(), "in doubt, whole": Tally(), "30 s": Tally()}
    for said in windows():
        bench.hear(said, *tallies.values())
    print(f"{'encoded':<18}{'language':>12}{'seconds':>9}{'log-prob':>10}{'WER':>8}")
    for name, tally in tallies.items():
        print(tally.row(name))


if __name__ == "__main__":
    main()
