"""The settings of an installation as text: the variable of each, and its value in the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from math import inf
from pathlib import Path
from typing import Any

from engine.errors import SetupError
from engine.text.yes_no import YES_NO

PREFIX = "WORDLIGHT_"


def setting(
    default: Any, help: str, *, env: str | None = None, secret: bool = False, alias: str | None = None
) -> Any:
    """Makes the field of a setting."""
    metadata = {"help": help, "env": env, "alias": alias}
    return field(default=default, repr=not secret, metadata=metadata)


def variable_of(setting: Any) -> str:
    """Returns the environment variable of a setting."""
    return setting.metadata["env"] or PREFIX + setting.name.upper()


def variable_that_is_set(setting: Any, env: Mapping[str, str]) -> str:
    """Returns the alias if that alone is set."""
    variable, alias = variable_of(setting), setting.metadata["alias"]
    return alias if alias and not env.get(variable, "").strip() and env.get(alias, "").strip() else variable


def read_value(variable: str, raw: str, default: Any) -> Any:
    """Reads a value of the type of its default. Raises SetupError."""
    try:
        if isinstance(default, bool):
            return YES_NO[raw.lower()]
        if isinstance(default, tuple):
            return () if raw == "none" else tuple(part.strip() for part in raw.split(",") if part.strip())
        if isinstance(default, int | float | Path):
            value = Path(raw) if isinstance(default, Path) else type(default)(raw)
            if isinstance(value, int | float) and not 0 <= value < inf:
                raise ValueError(raw)
            return value
        return raw
    except (KeyError, ValueError):
        kind = {bool: "true or false", int: "a whole number, 0 or more", float: "a number, 0 or more"}[
            type(default)
        ]
        raise SetupError(f"{variable} is {raw!r}.", f"It must be {kind}.") from None


def described(setting: Any) -> tuple[str, str, str]:
    """Returns variable, default and help of a setting."""
    return variable_of(setting), show_value(setting.default), setting.metadata["help"]


def check_choice(variable: str, value: str, choices: Sequence[str]) -> None:
    """Raises SetupError unless a value is one of some choices."""
    if value not in choices:
        raise SetupError(f"{variable} is {value!r}.", f"It must be one of {', '.join(choices)}.")


def show_value(default: Any) -> str:
    """Returns a default as the environment would hold it."""
    if isinstance(default, tuple):
        return ",".join(default)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default is None else str(default)
