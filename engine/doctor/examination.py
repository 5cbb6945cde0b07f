"""Runs all sections of the examination, those of rooms above the engine by their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module

from engine.config import Config
from engine.doctor.check import Check, Installed
from engine.log import LOGGER

# Modules with a function `checks(installed)`. The last two are above the engine, which does not import them; they
# are left out if what they need is not installed.
SECTIONS = (
    "engine.doctor.versions",
    "engine.doctor.device",
    "engine.doctor.media",
    "engine.doctor.models",
    "engine.doctor.hub",
    "engine.doctor.folders",
    "jobs.doctor",
    "server.doctor",
)


def examine(config: Config, running: bool = False, sections: Sequence[str] = SECTIONS) -> Iterator[Check]:
    """Yields the checks of an installation, as they are made; changes nothing.

    running  as in `Installed`
    """
    installed = Installed(config, running)
    for name in sections:
        section = name.replace(".doctor", "")
        try:
            yield from import_module(name).checks(installed)
        except ModuleNotFoundError as error:
            yield Check(
                subject=section,
                state="skipped" if name.partition(".")[0] != "engine" else "error",
                found=f"The package {error.name!r} is not installed, so this could not be examined.",
                advice="pip install -r requirements.txt -c requirements-lock.txt",
            )
        except Exception as error:  # a broken installation fails in ways of its own; the other sections go on
            LOGGER.debug("the examination failed", exc_info=True)
            yield Check(
                subject=section,
                state="error",
                found=f"This could not be examined: {type(error).__name__}: {str(error)[:200]}",
                advice="Install the versions of requirements-lock.txt, then try again.",
            )


def verdict(checks: Sequence[Check]) -> str:
    """Returns the worst state: "error", "warning" or "ok"."""
    states = {check.state for check in checks}
    return next((state for state in ("error", "warning") if state in states), "ok")
