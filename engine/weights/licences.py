"""The licence of each model, as docs/licences.md lists them."""

from __future__ import annotations

UNKNOWN = "see it on the hub"
WHISPER = "MIT"  # of OpenAI's models, in every size; docs/licences.md
_APACHE, _NON_COMMERCIAL = "Apache 2.0", "CC BY-NC 4.0"
# By the beginning of the repository's name.
_ALIGNERS = {
    "facebook/wav2vec2-base-960h": _APACHE,
    "facebook/wav2vec2-base-10k-voxpopuli-ft-": _NON_COMMERCIAL,
    "jonatasgrosman/wav2vec2-large-xlsr-53-": _APACHE,
    "KBLab/wav2vec2-large-voxrex-swedish": "CC0 1.0",
    "nguyenvulebinh/wav2vec2-base-vietnamese-250h": _NON_COMMERCIAL,
}
# By the file's name in assets/models.
SHIPPED = {"campplus.onnx": _APACHE, "segmentation-3.0.onnx": "MIT", "voice-activity.onnx": "MIT"}
IN_WHEELS = {"whisperx": "MIT", "faster-whisper": "MIT", "pocketsphinx": "BSD"}


def licence_of_whisper(known: bool) -> str:
    """Returns the licence of a Whisper model; `known` is whether it is one of OpenAI's."""
    return WHISPER if known else UNKNOWN


def licence_of_aligner(repo: str) -> str:
    """Returns the licence of a wav2vec2 model, by its repository."""
    return next((licence for start, licence in _ALIGNERS.items() if repo.startswith(start)), UNKNOWN)
