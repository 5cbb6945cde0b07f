"""The options of a job as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.errors import InvalidOption
from engine.options import Options, specs


def stored_options(options: Options, models: Sequence[str]) -> dict[str, Any]:
    """Returns what the options set, and the model by its name: another default must not change it midway.

    models  of the installation, the default first

    Raises InvalidOption if the model is none of them.
    """
    model = options.model or models[0]
    if model not in models:
        raise InvalidOption(f"Unknown model {model[:40]!r}.", f"Known here: {', '.join(models)}.", "model")
    values = {spec.name: getattr(options, spec.name) for spec in specs()}
    changed = {spec.name: values[spec.name] for spec in specs() if values[spec.name] != spec.default}
    return changed | {"model": model}
