"""One row of the report of the installation, and what its sections share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from engine.config import Config
from engine.doctor.hub_connection import HubConnection

State = Literal["ok", "warning", "error", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """States what was examined, what was found, and what to do about it.

    state    "error" if the installation cannot do its work, "warning" if some of it may fail, "skipped" if the
             subject could not be examined or does not matter here
    details  the same for programs
    """

    subject: str
    state: State
    found: str
    advice: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Returns the check in plain JSON types."""
        return {
            "subject": self.subject,
            "state": self.state,
            "found": self.found,
            "advice": self.advice,
            "details": dict(self.details),
        }


class Installed:
    """The installation that is examined.

    running  whether this process serves it: then its ports are its own, and no model is loaded a second time
    """

    def __init__(self, config: Config, running: bool = False) -> None:
        self.config = config
        self.running = running

    @cached_property
    def hub(self) -> HubConnection | None:
        """The answer of the hub; None if the settings forbid to ask it."""
        return None if self.config.offline else HubConnection.try_out()


def size_text(size: float) -> str:
    """Returns a number of bytes for people: "1.5 GiB"."""
    for unit, bytes_of_unit in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= bytes_of_unit:
            return f"{size / bytes_of_unit:,.1f} {unit}"
    return f"{size:,.0f} bytes"
