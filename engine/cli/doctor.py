"""The command `doctor`: examines the installation and says what to do about it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence

from engine.config import Config
from engine.doctor.check import Check
from engine.errors import SetupError
from engine.log import configure_logging

DOCTOR = "doctor"
WIDTH = 110  # characters of the table if the output is no terminal
_COLOURS = {"ok": "green", "warning": "yellow", "error": "bold red", "skipped": "dim"}


def run(words: Sequence[str]) -> int:
    """Prints a table, or JSON, of all checks; returns 1 if one of them is an error."""
    given = _parser().parse_args(words)
    configure_logging()
    from engine.doctor.examination import examine, verdict

    try:
        config = Config.from_env()
    except SetupError as error:
        found = [Check(subject="settings", state="error", found=error.message, advice=error.hint)]
    else:
        found = list(examine(config))
    worst = verdict(found)
    if given.json:
        report = {"status": worst, "checks": [check.to_dict() for check in found]}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _print_table(found, worst)
    return 1 if worst == "error" else 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"python -m engine {DOCTOR}",
        description="Examines this installation: device, ffmpeg, models, hub, folders, packages, database and "
        "ports. It fetches and deletes nothing. Exit code 1: something is broken; the last column says what to do.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document, for programs")
    return parser


def _print_table(found: Iterable[Check], worst: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("state", "subject", "found", "what to do"):
        table.add_column(title, overflow="fold")
    for check in found:
        state = Text(check.state, style=_COLOURS[check.state])
        table.add_row(state, Text(check.subject), Text(check.found), Text(check.advice))
    console.print(table)
    conclusions = {
        "ok": "Everything is in order.",
        "warning": "It works; the warnings say what may fail.",
        "error": "Something is broken; the last column says what to do.",
    }
    console.print(conclusions[worst])
