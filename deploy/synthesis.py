"""Turns text into speech with models of Coqui TTS."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.errors import BadText, InvalidOption, SetupError, TooLong
from engine.text.language_names import code_of

MAX_CHARACTERS = 5000  # of a text: some six minutes of speech
FULL_SCALE = 32767  # of 16-bit samples
QUIETEST_PEAK = 0.01  # a quieter result is not amplified to full scale: it is silence


class SpeechModel(Protocol):
    """A model with the voices of one language or several."""

    voices: Sequence[str]  # empty if the model has only one

    def say(self, text: str, language: str, voice: str | None) -> tuple[np.ndarray, int]:
        """Returns samples and their rate in Hz."""
        ...


class CoquiModel:
    """A loaded model of Coqui TTS."""

    def __init__(self, tts: Any) -> None:
        """Takes a `TTS.api.TTS`."""
        self._tts = tts
        self.voices: Sequence[str] = tuple(dict.fromkeys(tts.speakers or ()))

    @classmethod
    def load(cls, name: str, device: str) -> CoquiModel:
        """Loads a model by its name in Coqui's list, or from a folder with config.json and model.pth.

        Raises SetupError.
        """
        from TTS.api import TTS

        folder = Path(name)
        try:
            if folder.is_dir():
                config, weights = folder / "config.json", folder / "model.pth"
                tts = TTS(model_path=str(weights), config_path=str(config), progress_bar=False)
            else:
                tts = TTS(name, progress_bar=False)
            return cls(tts.to(device))
        except Exception as error:  # Coqui's own errors are of every kind
            raise SetupError(
                f"The speech model {name!r} cannot be loaded: {error!r}.",
                "`python -m TTS.bin.synthesize --list_models` lists names. If the model's licence must be accepted, "
                "set COQUI_TOS_AGREED=1 once you have accepted it.",
            ) from error

    def say(self, text: str, language: str, voice: str | None) -> tuple[np.ndarray, int]:
        known = language if self._tts.is_multi_lingual else None
        samples = self._tts.tts(text, speaker=voice, language=known)
        return np.asarray(samples, np.float32), self._tts.synthesizer.output_sample_rate


class Synthesizer:
    """Holds a loaded model for each language; models are not thread-safe, so neither is this."""

    def __init__(self, models: Mapping[str, SpeechModel]) -> None:
        self._models = dict(models)

    def voices(self) -> list[dict[str, Any]]:
        """Returns each language with its voices; the first voice is the default."""
        return [{"language": code, "voices": list(model.voices)} for code, model in self._models.items()]

    def check(self, text: str, language: str, voice: str | None) -> tuple[str, str | None]:
        """Returns the language's code and the voice. Raises InputError."""
        readable = text.encode(errors="ignore").decode() == text  # a lone surrogate is no character
        if not readable or not any(character.isalnum() for character in text):
            raise BadText("The text has no words.", "Send the text to speak as `text`.")
        if len(text) > MAX_CHARACTERS:
            raise TooLong(
                f"The text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are accepted.",
                "Send it in parts.",
            )
        code = code_of(language)
        if code is None or code not in self._models:
            raise InvalidOption(
                f"There is no voice for the language {language[:40]!r}.",
                "GET /voices lists the languages.",
                field="language",
            )
        known = self._models[code].voices
        if voice is not None and voice not in known:
            raise InvalidOption(
                f"There is no voice {voice[:40]!r} for the language {code!r}.",
                "GET /voices lists the voices.",
                field="voice",
            )
        return code, voice if voice is not None else next(iter(known), None)

    def synthesize(self, text: str, language: str, voice: str | None = None) -> bytes:
        """Returns the spoken text as a WAV file. Raises InputError."""
        code, voice = self.check(text, language, voice)
        samples, rate = self._models[code].say(text, code, voice)
        return wav_of(samples, rate)


def load_models(names: Mapping[str, str], device: str) -> Synthesizer:
    """Loads the models named by language, each once. Raises SetupError."""
    loaded = {name: CoquiModel.load(name, device) for name in dict.fromkeys(names.values())}
    return Synthesizer({code: loaded[name] for code, name in names.items()})


def wav_of(samples: np.ndarray, rate: int) -> bytes:
    """Returns mono samples as a WAV file of 16 bits, at full scale."""
    peak = max(QUIETEST_PEAK, float(np.abs(samples).max(initial=0.0)))
    scaled = (samples * (FULL_SCALE / peak)).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(scaled.tobytes())
    return buffer.getvalue()
