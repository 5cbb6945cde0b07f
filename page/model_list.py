"""The page's list of models: those of this installation, by what a reader gets from each."""

from __future__ import annotations

from collections.abc import Sequence

from engine import Engine
from engine.errors import SetupError
from engine.weights.model_choice import has_choice, kind_of
from page.texts import ENGLISH, TEXTS

KEYS = {"fast": "model_fast", "accurate": "model_accurate"}


def offered_models(engine: Engine) -> tuple[str, ...]:
    """Returns the models that the page offers, the default first; none if there is no choice."""
    if not has_choice(engine.config):  # to name the default, the libraries of the models must be imported
        return ()
    try:
        models = engine.models()
    except SetupError:  # the page says so once the models have failed to load
        return ()
    return models if len(models) > 1 else ()


def model_choices(models: Sequence[str], locale: str) -> list[tuple[str, str]]:
    """Returns (label, value) of each model; the first one is the default, which is chosen by no name."""
    if not models:
        return [(_sentence("choice_model_", locale), "")]
    first, *further = models
    return [(_label(first, locale), ""), *((_label(name, locale), name) for name in further)]


def _label(name: str, locale: str) -> str:
    kind = kind_of(name)
    return _sentence(KEYS[kind], locale).format(model=name) if kind else name


def _sentence(key: str, locale: str) -> str:
    return (ENGLISH | TEXTS[locale])[key]
