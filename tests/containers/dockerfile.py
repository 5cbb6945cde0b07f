"""Reads a Dockerfile into the steps that build one of its targets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, such as RUN, with the rest of its line."""

    instruction: str
    words: str


def steps_of(text: str, target: str, arguments: Mapping[str, str]) -> tuple[str, list[Step]]:
    """Returns the base image of a target, and its steps and those of the stages below it, in order.

    arguments  values of ARG in place of their defaults

    Raises ValueError if there is no such target.
    """
    known: dict[str, str] = {}
    stages: dict[str, tuple[str, list[Step]]] = {}
    steps: list[Step] = []
    for instruction, words in _instructions(text):
        if instruction == "ARG" and "=" in words and not stages:
            name, default = words.split("=", 1)
            known[name] = arguments.get(name, default)
        elif instruction == "FROM":
            below, _, name = re.split(r"\s+(as|AS)\s+", words)
            steps = []
            stages[name] = _VARIABLE.sub(lambda found: known[found[1]], below), steps
        elif instruction == "ARG":
            steps.append(Step("ENV", f"{words}={known[words]}"))
        else:
            steps.append(Step(instruction, words))
    if target not in stages:
        raise ValueError(f"There is no target {target!r}, only {', '.join(stages)}.")
    chain = [target]
    while stages[chain[0]][0] in stages:
        chain.insert(0, stages[chain[0]][0])
    return stages[chain[0]][0], [step for name in chain for step in stages[name][1]]


def _instructions(text: str) -> list[tuple[str, str]]:
    """Returns (instruction, rest of its line), with continued lines joined and comments dropped."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", "")
    found = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(instruction.upper(), words.strip()) for instruction, words in found]
