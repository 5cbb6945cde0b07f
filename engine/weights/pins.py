"""Pins weights: commits of hub repositories, and SHA-256 of trusted pickles.

A commit fixes the content of a repository, so that a new owner of the repository cannot change what is loaded
here. A pickle can run code when it is read, even through torch's `weights_only` (CVE-2026-24747), so torch
gets only files of known content. Safetensors hold only numbers and need no hash.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from engine.errors import SetupError, UntrustedWeights

COMMIT = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")

# The commits that public projects record for these repositories. docs/security.md explains how to check and
# add one.
COMMITS = {
    "Systran/faster-whisper-tiny": "d90ca5fe260221311c53c58e660288d3deb8d356",
    "Systran/faster-whisper-base": "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
    "Systran/faster-whisper-small": "536b0662742c02347bc0e980a01041f333bce120",
    "Systran/faster-whisper-medium": "08e178d48790749d25932bbc082711ddcfdfbc4f",
    "Systran/faster-whisper-large-v2": "f0fe81560cb8b68660e564f55dd99207059c092e",
    "Systran/faster-whisper-large-v3": "edaa852ec7e145841d8ffdb056a99866b5f0a478",
    "mobiuslabsgmbh/faster-whisper-large-v3-turbo": "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
    "facebook/wav2vec2-base-960h": "22aad52d435eb6dbaf354bdad9b0da84ce7d6156",
    "jonatasgrosman/wav2vec2-large-xlsr-53-chinese-zh-cn": "99ccb2737be22b8bb50dcfcc39ad4d567fb90cfd",
    "jonatasgrosman/wav2vec2-large-xlsr-53-japanese": "cf031e020336460d15a417eba710bbc5bb43be9a",
    "jonatasgrosman/wav2vec2-large-xlsr-53-polish": "6b1cea36bd8bc5f65ec8081667cd9c0207d51970",
}

# SHA-256 of pickled weights, by the repository that holds them.
PICKLES = {
    "jonatasgrosman/wav2vec2-large-xlsr-53-chinese-zh-cn": (
        "de031fd4b29e0c0667e5346450fadfe1326c89936b888b59c4ede608db763ee4"
    ),
    "jonatasgrosman/wav2vec2-large-xlsr-53-japanese": (
        "4f6821dcd79770fcd4c11487c4ee5c040b3a7e1863425224014ba5ea8fbc1b67"
    ),
}

# whisperx/assets/pytorch_model.bin of the wheel whisperx 3.8.6.
VAD_PICKLE = "0b5b3216d60a2d32fc086b47ea8c67589aaeb26b7e07fcbe620d6d0b83e209ea"

# The networks in assets/models, as `python -m engine.diarization.conversion` and `engine.vad.conversion` make them.
SHIPPED_NETWORKS = {
    "campplus.onnx": "0fd1aab9810404cbc8dbbaace201cfb164e3049a790bfe5ef2469050a8d77a6b",
    "segmentation-3.0.onnx": "2cd1d98aec7555afec98a081db7258956130eee48e48076eb69c896d1063390c",
    "voice-activity.onnx": "3dbd17b11abdda501e04beef464e6b7b7e952e6b2a8ff0b680c61f68ca78c289",
}

# The networks that wheels carry: Silero's, in faster-whisper 1.2.1.
WHEEL_NETWORKS = {
    "silero_vad_v6.onnx": "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2",
}


@dataclass(frozen=True, slots=True)
class Pin:
    """Holds a model or hub repository, and its commit."""

    name: str
    commit: str

    @classmethod
    def parse(cls, text: str, variable: str) -> Pin:
        """Reads "name@commit". Raises SetupError, which names `variable`."""
        name, at, commit = text.partition("@")
        if not (name and at and COMMIT.fullmatch(commit)):
            raise SetupError(
                f"{variable} holds {text!r}, which is not name@commit.",
                "A commit is 40 hexadecimal digits; the hub shows it under 'Files', 'History'. "
                "Branches and tags can be moved and are not accepted.",
            )
        return cls(name, commit)


def check_hash(text: str, variable: str) -> None:
    """Raises SetupError, which names `variable`, unless a text is a SHA-256."""
    if not SHA256.fullmatch(text):
        raise SetupError(
            f"{variable} holds {text!r}, which is not a SHA-256.",
            "It must be 64 hexadecimal digits in lower case, as sha256sum prints them.",
        )


def revision_of(name: str, repo: str, pins: Collection[Pin]) -> str | None:
    """Returns the commit at which to read a repository; None if there is no pin.

    name  the model's short name, such as "large-v3-turbo", or its repository
    pins  the operator's, which override COMMITS
    """
    chosen = {pin.name: pin.commit for pin in pins}
    return chosen.get(name) or chosen.get(repo) or COMMITS.get(repo)


def commit_of(snapshot: Path) -> str | None:
    """Returns the commit of a folder in the hub's cache; None for any other folder."""
    return snapshot.name if snapshot.parent.name == "snapshots" else None


def require_known_pickle(file: BufferedReader, name: str, trusted: Collection[str]) -> None:
    """Raises UntrustedWeights unless an open file's content has a trusted SHA-256.

    The file is rewound. A caller that reads the same handle gets the bytes that were hashed, even if the file
    is replaced meanwhile.
    """
    found = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    if found not in trusted:
        raise UntrustedWeights(
            f"The weights of {name!r} are a pickle, which can run code, and its content is not known here: "
            f"SHA-256 {found}.",
            "Use a repository with safetensors or, if you trust this file, "
            "set WORDLIGHT_TRUSTED_PICKLES to that hash.",
        )
