"""The options of a job as they are stored."""

from __future__ import annotations

from typing import Any

from engine.engine import Engine
from engine.options import Options, specs


def stored_options(options: Options, engine: Engine) -> dict[str, Any]:
    """Returns what the options set, and the model by its name: another default must not change it midway.

    Raises InvalidOption if the engine does not have the model, or it cannot do what is asked.
    """
    values = {spec.name: getattr(options, spec.name) for spec in specs()}
    changed = {spec.name: values[spec.name] for spec in specs() if values[spec.name] != spec.default}
    return changed | {"model": engine.model_of(options)}
