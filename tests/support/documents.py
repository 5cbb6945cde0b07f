"""Transcripts as the page sends them."""

from __future__ import annotations

from typing import Any


def document(name: str) -> dict[str, Any]:
    whole = {"language": "en", "duration": 2.0}
    word = {"word": "Light.", "start": 0.5, "end": 1.0, "probability": 0.9, "timing": "attention"}
    segment = {"language": "en", "avg_logprob": -0.2, "no_speech_prob": 0.0, "words": [word]}
    return {"name": name, "transcript": whole, "segments": [segment]}
