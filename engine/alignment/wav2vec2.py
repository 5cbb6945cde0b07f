"""Word times by forced alignment with a wav2vec2 CTC model, many utterances in one forward.

The method is WhisperX's (Bain et al. 2023, "WhisperX: Time-Accurate Speech Transcription of Long-Form
Audio"); batching, the search for the path and the treatment of unknown characters are not. See ctc.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.alignment.base import AlignmentFailed, Utterance, WordTime
from engine.alignment.ctc import Alphabet, Span, align_words
from engine.audio import SAMPLE_RATE
from engine.errors import ModelMissing, WeightsDamaged
from engine.transcript import SPACELESS, Timing

if TYPE_CHECKING:
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

BATCH_SECONDS = 240.0  # of padded audio in one forward: about 0.6 GB besides the weights of a base model

_SAFE_WEIGHTS = ("model*.safetensors",)
_PICKLED_WEIGHTS = ("pytorch_model*.bin",)


class Wav2Vec2Aligner:
    """One wav2vec2 model of one language. Holds nothing that a call changes: share it freely.

    model          in eval mode, on the device where it is to run
    alphabet       what its emissions stand for
    normalize      whether it wants utterances of zero mean and unit variance
    batch_seconds  padded audio in one forward; more is faster on CUDA and takes more of its memory
    """

    name = "wav2vec2"

    def __init__(
        self, model: Wav2Vec2ForCTC, alphabet: Alphabet, normalize: bool, batch_seconds: float = BATCH_SECONDS
    ) -> None:
        self.model = model
        self.alphabet = alphabet
        self.normalize = normalize
        self.batch_seconds = batch_seconds
        self.stride, self.reach = _geometry(model.config)

    @classmethod
    def load(
        cls,
        directory: Path,
        device: str = "cpu",
        *,
        name: str | None = None,
        half: bool = False,
        batch_seconds: float = BATCH_SECONDS,
    ) -> Wav2Vec2Aligner:
        """Loads a directory that `save_pretrained` made or the hub gave; `name` is its name in errors.

        Weights come from safetensors, else from a pickle through torch's safe loader; no code of the
        repository runs. `half` asks for float16 and is heeded on CUDA alone.

        Raises ModelMissing where a file is missing, WeightsDamaged where the model is broken, has no
        CTC head, or is of no use for alignment.
        """
        import torch

        name = name or directory.name
        dtype = torch.float16 if half and device.startswith("cuda") else torch.float32
        model, tokenizer, extractor = _read(directory, name, dtype)
        try:
            alphabet = Alphabet.of_vocabulary(
                tokenizer.get_vocab(),
                size=model.config.vocab_size,
                blanks=(str(tokenizer.pad_token), "<pad>", "[PAD]"),
                separators=(str(tokenizer.word_delimiter_token), "|", " "),
            )
        except KeyError:
            raise _damaged(name, "its vocabulary has no padding token") from None
        model.requires_grad_(False).eval().to(device)
        return cls(model, alphabet, extractor.do_normalize, batch_seconds)

    def align(self, utterances: Sequence[Utterance]) -> list[tuple[WordTime, ...] | AlignmentFailed]:
        """Times each utterance's words; see `Aligner`.

        A word is `aligned` with a score where the alphabet has a character of it. One of unknown
        characters alone, such as "1250", is the sound between its neighbours: `interpolated`, without
        a score. One that is not spoken, such as "-", gets no duration and follows the word before it.
        """
        results: list[tuple[WordTime, ...] | AlignmentFailed] = [()] * len(utterances)
        waiting: dict[int, int] = {}  # index -> samples
        for index, utterance in enumerate(utterances):
            if utterance.words and not len(utterance.samples):
                results[index] = AlignmentFailed("there is no audio")
            elif utterance.words:
                waiting[index] = len(utterances[index].samples)
        for batch in batches(waiting, int(self.batch_seconds * SAMPLE_RATE)):
            emissions = self.emissions([utterances[index].samples for index in batch])
            for index, emission in zip(batch, emissions, strict=True):
                results[index] = self._align_one(utterances[index], emission)
        return results

    def emissions(self, waves: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Returns each wave's (frames, symbols) float32 log-probabilities, from one forward.

        What a wave gets does not depend on the others. The convolutions run on each wave alone: some
        models (feat_extract_norm "group") normalise over time, where padding would change every
        frame, and the first layer of a padded batch would take gigabytes. Only the transformer, where
        the cost is, sees padding, masked out for every kind of model.
        """
        import torch
        from torch.nn.utils.rnn import pad_sequence

        encoder = self.model.wav2vec2
        with torch.inference_mode():
            features = [  # (frames, channels) each
                encoder.feature_extractor(self._prepared(wave))[0].T for wave in waves
            ]
            frames = torch.tensor([len(feature) for feature in features], device=self.model.device)
            hidden, _ = encoder.feature_projection(pad_sequence(features, batch_first=True))
            mask = torch.arange(hidden.shape[1], device=self.model.device) < frames[:, None]
            hidden = encoder.encoder(hidden, attention_mask=mask).last_hidden_state
            logprobs = self.model.lm_head(hidden).log_softmax(-1, dtype=torch.float32).cpu()
        return [row[:count].numpy() for row, count in zip(logprobs, frames.tolist(), strict=True)]

    def _prepared(self, wave: np.ndarray) -> torch.Tensor:
        """Returns the model's (1, samples) input; what is shorter than one frame sees is padded."""
        import torch

        wave = np.asarray(wave, dtype=np.float32)
        if self.normalize:
            wave = (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)
        wave = np.pad(wave, (0, max(0, self.reach - len(wave))))
        return torch.from_numpy(wave)[None].to(self.model.device, self.model.dtype)

    def _align_one(
        self, utterance: Utterance, emission: np.ndarray
    ) -> tuple[WordTime, ...] | AlignmentFailed:
        spellings = [self.alphabet.spell(word, utterance.language) for word in utterance.words]
        separator = None if utterance.language in SPACELESS else self.alphabet.separator
        try:
            spans = align_words(emission, spellings, self.alphabet.blank, separator)
        except AlignmentFailed as failure:
            return failure
        return self._timed(spans, len(utterance.samples))

    def _timed(self, spans: Sequence[Span | None], samples: int) -> tuple[WordTime, ...]:
        first = next(span for span in spans if span is not None)
        reached = self._seconds(first.start, samples)
        times = []
        for span in spans:
            if span is None:
                times.append(WordTime(reached, reached, "interpolated"))
                continue
            start, reached = self._seconds(span.start, samples), self._seconds(span.end, samples)
            timing: Timing = "interpolated" if span.score is None else "aligned"
            times.append(WordTime(start, reached, timing, span.score))
        return tuple(times)

    def _seconds(self, frame: int, samples: int) -> float:
        """Where a frame begins. It stands for the `stride` samples in the middle of the `reach` it sees."""
        return min(frame * self.stride + (self.reach - self.stride) / 2, samples) / SAMPLE_RATE


def batches(lengths: Mapping[int, int], budget: int) -> Iterator[list[int]]:
    """Yields the keys of similar lengths together, the longest first.

    A batch holds at most `budget` samples once padded to its longest; what is longer goes alone.
    """
    batch: list[int] = []
    for key in sorted(lengths, key=lengths.__getitem__, reverse=True):
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(key)
    if batch:
        yield batch


def _geometry(config: Wav2Vec2Config) -> tuple[int, int]:
    """Returns the samples from one frame to the next and those that a frame sees: 320 and 400."""
    stride, reach = 1, 1
    for kernel, step in zip(config.conv_kernel, config.conv_stride, strict=True):
        reach += (kernel - 1) * stride
        stride *= step
    return stride, reach


def _read(
    directory: Path, name: str, dtype: torch.dtype
) -> tuple[Wav2Vec2ForCTC, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor]:
    from transformers import Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

    for needed in (("config.json",), ("vocab.json",), _SAFE_WEIGHTS + _PICKLED_WEIGHTS):
        if not any(path for pattern in needed for path in directory.glob(pattern)):
            raise _missing(name, f"it has no {' or '.join(needed)}")
    try:
        # From a directory, transformers asks the hub for nothing and converts nothing on its servers.
        model, info = Wav2Vec2ForCTC.from_pretrained(
            directory, dtype=dtype, weights_only=True, local_files_only=True, output_loading_info=True
        )
        tokenizer = Wav2Vec2CTCTokenizer.from_pretrained(directory, local_files_only=True)
        if (directory / "preprocessor_config.json").is_file():
            extractor = Wav2Vec2FeatureExtractor.from_pretrained(directory, local_files_only=True)
        else:
            extractor = Wav2Vec2FeatureExtractor()
    except Exception as error:  # each of the formats read here has errors of its own
        raise _damaged(name, "its files cannot be read") from error
    # Used in training alone; some models are published without it.
    absent = [name for name in info["missing_keys"] if not name.endswith("masked_spec_embed")]
    if absent or info["mismatched_keys"]:
        raise _damaged(name, "it lacks weights, such as those of a head that writes characters")
    if model.config.add_adapter or extractor.sampling_rate != SAMPLE_RATE:
        raise _damaged(name, "its frames are not those of speech at 16 kHz")
    return model, tokenizer, extractor


def _missing(name: str, why: str) -> ModelMissing:
    return ModelMissing(
        f"The alignment model {name!r} is not whole: {why}.",
        "Fetch it again: python -m engine download --aligner-language CODE.",
    )


def _damaged(name: str, why: str) -> WeightsDamaged:
    return WeightsDamaged(
        f"The alignment model {name!r} cannot be used: {why}.",
        "Fetch it again, or name another wav2vec2 model that was trained to write characters (CTC).",
    )
