"""Compares the installed packages with the versions that Wordlight was tested with."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from engine.doctor.check import Check, Installed

ROOT = Path(__file__).resolve().parents[2]
LOCK, FULL, LIGHT = "requirements-lock.txt", "requirements.txt", "requirements-cpu.txt"
_PIN = re.compile(r"^([\w.-]+)==([\w.+-]+)", re.MULTILINE)
_SHOWN = 6  # packages that a sentence names


def checks(_installed: Installed) -> Iterator[Check]:
    """Yields the checks of Python and of the packages."""
    yield _python()
    if not (ROOT / LOCK).is_file() or not (ROOT / FULL).is_file():
        yield Check(
            subject="packages", state="skipped", found=f"There is no {LOCK} here to compare them with."
        )
        return
    light = find_spec("torch") is None and (ROOT / LIGHT).is_file()
    direct = pins(ROOT / (LIGHT if light else FULL))
    yield _direct(direct, light)
    yield _others({name: pin for name, pin in pins(ROOT / LOCK).items() if name not in direct})


def pins(path: Path) -> dict[str, str]:
    """Returns the exact versions in a file of requirements, by the package's name as pip compares names."""
    return {_plain(name): pinned for name, pinned in _PIN.findall(path.read_text("utf-8"))}


def installed_version(name: str) -> str | None:
    """Returns a package's version without its build, such as "2.8.0" for "2.8.0+cu128"; None if not installed."""
    try:
        return version(name).partition("+")[0]
    except PackageNotFoundError:
        return None


def _python() -> Check:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    least, most = re.findall(r"\d+\.\d+", wanted)
    found = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    fits = _number(least) <= sys.version_info[:2] < _number(most)
    return Check(
        subject="Python",
        state="ok" if fits else "error",
        found=f"{found} at {sys.executable}",
        advice="" if fits else f"Wordlight needs Python {wanted}: make a new environment with it.",
    )


def _direct(direct: Mapping[str, str], light: bool) -> Check:
    found = {name: installed_version(name) for name in direct}
    missing = [name for name, here in found.items() if here is None]
    wrong = [
        f"{name} {found[name]} (tested: {pin})"
        for name, pin in direct.items()
        if found[name] not in (None, pin)
    ]
    file = LIGHT if light else FULL
    if not missing and not wrong:
        return Check(
            subject="packages",
            state="ok",
            found=f"All {len(direct)} of {file} have the tested version.",
            details={"file": file},
        )
    said = [f"not installed: {_listed(missing)}"] if missing else []
    said += [f"in another version: {_listed(wrong)}"] if wrong else []
    return Check(
        subject="packages",
        state="error",
        found=f"Packages are {'; '.join(said)}.",
        advice=f"pip install -r {file} -c {LOCK}",
        details={"file": file, "missing": missing, "wrong": wrong},
    )


def _others(locked: Mapping[str, str]) -> Check:
    found = {name: installed_version(name) for name in locked}
    wrong = [
        f"{name} {here} (tested: {locked[name]})"
        for name, here in found.items()
        if here not in (None, locked[name])
    ]
    if not wrong:
        count = sum(here is not None for here in found.values())
        return Check(
            subject="further packages",
            state="ok",
            found=f"All {count} that are installed have the tested version.",
        )
    return Check(
        subject="further packages",
        state="warning",
        found=f"In another version than the tested one: {_listed(wrong)}.",
        advice=f"pip install -r {FULL} -c {LOCK}",
        details={"wrong": wrong},
    )


def _listed(names: list[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
