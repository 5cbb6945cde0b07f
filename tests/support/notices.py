"""One notice of each kind, with values that a person can check in its sentence."""

from __future__ import annotations

from engine.text.notices import CODES, Notice, placeholders

VALUES_OF = {
    "stated": 3723.0, "decoded": 31.9, "heard": 59.0, "when": (230.4, 244.9), "language": "en", "percent": 41,
    "aligner": "attention", "instead_of": "wav2vec2", "reason": "there is no model.",
    "diarizer": "embedded", "track": 2, "tracks": "1 (de, aac), 2 (en, aac, default)",
    "other": "es", "seconds": 75.5,
    "count": 12, "shift": 3.2,
}  # fmt: skip
NOTICES = tuple(Notice.of(code, **{name: VALUES_OF[name] for name in placeholders(code)}) for code in CODES)
