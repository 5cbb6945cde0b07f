"""A real wav2vec2 model, small and taught in seconds to read tones as others read speech."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import (
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2Processor,
)

from engine.alignment.wav2vec2.aligner import SAMPLE_RATE

VOCABULARY = {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "|": 4} | {
    letter: index for index, letter in enumerate("ETAONIHSRDLUMWCFGYPBVK'XJQZ", start=5)
}
FRAME = 320  # samples
TONES = {symbol: 250 * 1.22**index for index, symbol in enumerate("ETAONIHSRDLU'|")}  # Hz

Spoken = list[tuple[float, float]]  # each word's start and end in seconds


def sing(symbols: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    """Returns the sound of one symbol a frame; "" is silence."""
    time = np.arange(len(symbols) * FRAME) / SAMPLE_RATE
    pitch = np.repeat([TONES.get(symbol, 0.0) for symbol in symbols], FRAME)
    return (np.sin(2 * np.pi * pitch * time) + rng.normal(0, 0.01, len(time))).astype(np.float32)


def write(words: str, rng: np.random.Generator, silence: int, held: int) -> tuple[list[str], Spoken]:
    """Returns the symbols of some words, each letter up to `held` frames long, up to `silence` frames
    between words, and where each word lies."""
    symbols, edges = [""] * int(rng.integers(2, silence + 3)), []
    for word in words.upper().split():
        if edges:
            symbols += ["|"] * min(held, 2) + [""] * int(rng.integers(0, silence + 1))
        start = len(symbols)
        for letter in word:
            symbols += [""] * (held == 1 or symbols[-1] == letter)
            symbols += [letter] * int(rng.integers(min(held, 2), held + 1))
        edges.append((start * FRAME / SAMPLE_RATE, len(symbols) * FRAME / SAMPLE_RATE))
    return [*symbols, "", "", ""], edges


def say(words: str, seed: int = 0, silence: int = 8, held: int = 3) -> tuple[np.ndarray, Spoken]:
    """Returns the sound of what `write` writes, and where each word lies in seconds."""
    rng = np.random.default_rng(seed)
    symbols, edges = write(words, rng, silence, held)
    return sing(symbols, rng), edges


def teach(model: Wav2Vec2ForCTC) -> None:
    """Fits the model's head to the tones: a logistic regression on what the rest makes of them."""
    rng, heard, labels = np.random.default_rng(0), [], []
    letters = [tone for tone in TONES if tone != "|"]
    for lesson in range(24):
        words = ("".join(rng.choice(letters, rng.integers(1, 8))) for _ in range(rng.integers(1, 12)))
        symbols, _ = write(" ".join(words), rng, silence=12, held=1 + lesson % 3)
        wave = sing(symbols, rng)
        wave = (wave - wave.mean()) / wave.std()
        with torch.no_grad():
            hidden = model.wav2vec2(torch.from_numpy(wave)[None]).last_hidden_state[0]
        heard.append(hidden)
        labels += [VOCABULARY.get(symbol, 0) for symbol in symbols[: len(hidden)]]
    inputs, targets = torch.cat(heard), torch.tensor(labels)
    optimizer = torch.optim.LBFGS(model.lm_head.parameters(), max_iter=80, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(model.lm_head(inputs), targets)
        value = value + 1e-5 * model.lm_head.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)


def save_tone_model(directory: Path, norm: str) -> None:
    """Makes such a model and saves it as `save_pretrained` does.

    norm  where its convolutions are normalised, over time or over channels: "group" or "layer"
    """
    layer = norm == "layer"
    torch.manual_seed(0)
    config = Wav2Vec2Config(
        vocab_size=32, hidden_size=96, num_hidden_layers=1, num_attention_heads=4, intermediate_size=128,
        conv_dim=(96,) * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4,
        feat_extract_norm=norm, conv_bias=layer, do_stable_layer_norm=layer,
    )  # fmt: skip
    model = Wav2Vec2ForCTC(config).eval()
    teach(model)
    model.save_pretrained(directory)
    (directory / "vocab.json").write_text(json.dumps(VOCABULARY))
    Wav2Vec2Processor(
        Wav2Vec2FeatureExtractor(return_attention_mask=layer), Wav2Vec2CTCTokenizer(directory / "vocab.json")
    ).save_pretrained(directory)
