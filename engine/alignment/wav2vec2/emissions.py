"""Emissions of many waves from one wav2vec2 model, in batches of like length and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from engine.alignment.failure import AlignmentFailed
from engine.alignment.wav2vec2.checkpoint import Checkpoint
from engine.log import LOGGER
from engine.memory import out_of_memory
from engine.sampling import SAMPLE_RATE

# Padded audio in one forward: about 0.6 GB besides the weights of a base model.
BATCH_SECONDS = 240.0
# Padding that a batch may carry: what costs as long as a forward of its own, which on a CPU costs nothing.
PADDING_SECONDS = {"cpu": 1.0, "cuda": 30.0}
# The longest stretch that the model hears at once. Its first layer alone takes 6.5 MB a second, and
# attention grows with the square.
WINDOW_SECONDS = 30.0
# Shared by neighbouring windows. Near its edges a window lacks half of what it would hear; the
# convolution that tells positions apart sees 1.3 s to each side.
OVERLAP_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Frames `start` to `end` of wave `key`, heard in one go; of these, `keep` to `until` are used."""

    key: int
    start: int
    end: int
    keep: int
    until: int


class EmissionModel:
    """Runs a model. Share it freely: calls change nothing but `batch_seconds`.

    device          where the model runs; it is moved there
    batch_seconds   padded audio in one forward; more is faster on CUDA and takes more of its memory.
                    Halved for good where the device runs out of memory
    window_seconds  the longest stretch heard at once; `window` and `overlap` are in frames
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: str = "cpu",
        batch_seconds: float = BATCH_SECONDS,
        window_seconds: float = WINDOW_SECONDS,
    ) -> None:
        network: torch.nn.Module = checkpoint.model
        network.to(device)  # in place
        self.model = checkpoint.model
        self.normalize = checkpoint.normalize
        self.stride, self.reach = checkpoint.stride, checkpoint.reach
        self.batch_seconds = batch_seconds
        self._padding = self._frames(PADDING_SECONDS[torch.device(device).type])
        self.window = self._frames(window_seconds)
        self.overlap = min(self._frames(OVERLAP_SECONDS), self.window // 2)

    def emissions(
        self, waves: Mapping[int, np.ndarray]
    ) -> Iterator[tuple[int, np.ndarray | AlignmentFailed]]:
        """Yields each wave's key and its (frames, symbols) float32 log-probabilities as they are there,
        the longest first, or the reason why there are none.

        waves  (n,) float32 at 16 kHz each, n > 0

        What a wave gets does not depend on the others. One that is longer than a window is heard in
        windows that overlap, each kept up to the middle of what it shares.
        """
        prepared = {key: self._prepared(wave) for key, wave in waves.items()}
        # The longest first. A wave's own stretches are of one length, and so stay in order.
        order = [part for key, wave in prepared.items() for part in self.chunks(key, len(wave))]
        order.sort(key=lambda part: part.end - part.start, reverse=True)
        parts: dict[int, list[np.ndarray]] = {key: [] for key in prepared}
        lost: dict[int, AlignmentFailed] = {}
        while order:
            count = self._batch_size([part.end - part.start for part in order])
            batch, order = order[:count], order[count:]
            for stretch, found in self._hear(batch, prepared):
                key = stretch.key
                if isinstance(found, AlignmentFailed):
                    lost[key] = found
                else:
                    parts[key].append(found[stretch.keep - stretch.start : stretch.until - stretch.start])
                if stretch.until == self._count(len(prepared[key])):
                    yield key, lost.get(key) or np.concatenate(parts.pop(key))

    def _batch_size(self, lengths: Sequence[int]) -> int:
        """Returns how many of the stretches, given in frames and the longest first, go together."""
        most, padding = self._frames(self.batch_seconds), self._padding
        for count, length in enumerate(lengths[1:], start=1):
            padding -= lengths[0] - length
            if lengths[0] * (count + 1) > most or padding < 0:
                return count
        return len(lengths)

    def _hear(
        self, batch: Sequence[Chunk], waves: Mapping[int, np.ndarray]
    ) -> Iterator[tuple[Chunk, np.ndarray | AlignmentFailed]]:
        """Runs a batch. Where that fails, its halves are tried, down to the stretch at fault."""
        try:
            outcome = self._forward([self._cut(stretch, waves[stretch.key]) for stretch in batch])
        except Exception as error:  # a device has more ways to fail than torch has types for
            failure = self._failed(error, batch)
        else:
            yield from zip(batch, outcome, strict=True)
            return
        # Only here, where the exception no longer holds the tensors of the frames it came through.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if len(batch) == 1:
            yield batch[0], failure
            return
        middle = len(batch) // 2
        yield from self._hear(batch[:middle], waves)
        yield from self._hear(batch[middle:], waves)

    def _failed(self, error: Exception, batch: Sequence[Chunk]) -> AlignmentFailed:
        if not out_of_memory(error):
            if len(batch) == 1:
                LOGGER.error("a wav2vec2 model failed on a wave", exc_info=error)
            return AlignmentFailed(f"the model failed on it ({type(error).__name__})")
        if len(batch) > 1:
            padded = len(batch) * max(stretch.end - stretch.start for stretch in batch)
            self.batch_seconds = min(self.batch_seconds, padded * self.stride / SAMPLE_RATE) / 2
            LOGGER.warning("out of memory: alignment batches of %.0f s from now on", self.batch_seconds)
        return AlignmentFailed("there is not enough memory for it")

    def _forward(self, waves: Sequence[torch.Tensor]) -> list[np.ndarray]:
        """Returns the emissions of (1, samples) inputs.

        The convolutions run on each wave alone: some models (feat_extract_norm "group") normalise over
        time, where padding would change every frame, and the first layer of a padded batch would take
        gigabytes. Only the transformer, where the cost is, sees padding, masked out for every model.
        """
        device, encoder = self.model.device, self.model.wav2vec2
        with torch.inference_mode():
            features = [encoder.feature_extractor(wave)[0].T for wave in waves]  # (frames, channels) each
            frames = [len(feature) for feature in features]
            hidden, _ = encoder.feature_projection(pad_sequence(features, batch_first=True))
            mask = torch.arange(hidden.shape[1], device=device) < torch.tensor(frames, device=device)[:, None]
            hidden = encoder.encoder(hidden, attention_mask=mask).last_hidden_state
            logprobs = self.model.lm_head(hidden).log_softmax(-1, dtype=torch.float32).cpu()
        return [row[:count].numpy() for row, count in zip(logprobs, frames, strict=True)]

    def _prepared(self, wave: np.ndarray) -> np.ndarray:
        """Returns the model's input; what is shorter than one frame sees is padded."""
        wave = np.asarray(wave, dtype=np.float32)
        if self.normalize:
            wave = (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)
        return np.pad(wave, (0, max(0, self.reach - len(wave))))

    def _cut(self, stretch: Chunk, wave: np.ndarray) -> torch.Tensor:
        last = stretch.end == self._count(len(wave))  # the rest of less than a frame counts in group norms
        end = len(wave) if last else (stretch.end - 1) * self.stride + self.reach
        cut = torch.from_numpy(wave[stretch.start * self.stride : end])
        return cut[None].to(self.model.device, self.model.dtype)

    def chunks(self, key: int, samples: int) -> Iterator[Chunk]:
        """Cuts a wave's frames into windows of equal length, as few as may be and no longer than need be."""
        frames = self._count(samples)
        count = max(1, -(-(frames - self.overlap) // (self.window - self.overlap)))
        width = -(-(frames + (count - 1) * self.overlap) // count)
        starts = [round(index * (frames - width) / max(1, count - 1)) for index in range(count)]
        seams = [(left + width + right) // 2 for left, right in pairwise(starts)]
        for start, keep, until in zip(starts, [0, *seams], [*seams, frames], strict=True):
            yield Chunk(key, start, start + width, keep, until)

    def _count(self, samples: int) -> int:
        return (samples - self.reach) // self.stride + 1

    def _frames(self, seconds: float) -> int:
        return max(1, round(seconds * SAMPLE_RATE / self.stride))
