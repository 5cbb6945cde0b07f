"""The Whisper models that an installation offers: a fast and an accurate one for each device."""

from __future__ import annotations

from typing import Literal

from engine.config import Config
from engine.weights.locate import default_model, whisper_is_here

AUTO = "auto"  # in WORDLIGHT_MODELS: the device's models of CHOICES that are on this machine
Kind = Literal["fast", "accurate"]
CHOICES: dict[str, dict[str, Kind]] = {
    "cpu": {"base": "fast", "small": "accurate"},
    "cuda": {"large-v3-turbo": "fast", "large-v3": "accurate"},
}


def known_models(config: Config, cuda: bool) -> tuple[str, ...]:
    """Returns the models that a request may name, the default first."""
    known = [default_model(config, cuda)]
    for name in config.models:
        if name == AUTO:
            known += [each for each in CHOICES["cuda" if cuda else "cpu"] if whisper_is_here(each, config)]
        else:
            known.append(name)
    return tuple(dict.fromkeys(known))


def has_choice(config: Config) -> bool:
    """Returns whether requests may have a choice of models, whatever the device; imports no library of models."""
    names = {config.model, *config.models} - {AUTO}
    if AUTO in config.models:
        pairs = [name for models in CHOICES.values() for name in models]
        names |= {name for name in pairs if whisper_is_here(name, config)}
    return len(names) > 1


def kind_of(name: str) -> Kind | None:
    """Returns whether a model is its device's fast or accurate one; None if it is neither."""
    return next((models[name] for models in CHOICES.values() if name in models), None)
