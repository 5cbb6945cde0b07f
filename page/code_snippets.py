"""Writes code that repeats a transcription of the page from a program."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ADDRESS = "{address}"  # the scripts put the page's own address here


def snippets(file: Path, chosen: Mapping[str, Any]) -> dict[str, str]:
    """Returns code by language ("python", "javascript", "curl").

    file    the recording; its name alone is shown
    chosen  options that are not at their defaults, by the names of the public API
    """
    name = file.name
    return {
        "python": _python(name, chosen),
        "javascript": _javascript(name, chosen),
        "curl": _curl(name, chosen),
    }


def _python(name: str, chosen: Mapping[str, Any]) -> str:
    arguments = [f"    handle_file({name!r}),"]
    arguments += [f"    {option}={value!r}," for option, value in chosen.items()]
    arguments += ['    api_name="/transcribe",']
    return "\n".join(
        [
            "# pip install gradio_client",
            "from gradio_client import Client, handle_file",
            "",
            f"client = Client({ADDRESS!r})",
            "transcript = client.predict(",
            *arguments,
            ")",
            'for word in transcript["word_segments"]:',
            '    print(word["start"], word["end"], word["word"])',
            "",
        ]
    )


def _javascript(name: str, chosen: Mapping[str, Any]) -> str:
    fields = [
        f"form.append({json.dumps(option)}, {json.dumps(_plain(value), ensure_ascii=False)});"
        for option, value in chosen.items()
    ]
    file = json.dumps(name, ensure_ascii=False)
    return "\n".join(
        [
            "// Node 20 or later, as a module",
            'import { openAsBlob } from "node:fs";',
            "",
            "const form = new FormData();",
            f'form.append("file", await openAsBlob({file}), {file});',
            *fields,
            f'const answer = await fetch("{ADDRESS}/transcribe", {{ method: "POST", body: form }});',
            "const transcript = await answer.json();",
            "for (const word of transcript.word_segments) console.log(word.start, word.end, word.word);",
            "",
        ]
    )


def _curl(name: str, chosen: Mapping[str, Any]) -> str:
    fields = [f"-F {shlex.quote(f'{option}={_plain(value)}')}" for option, value in chosen.items()]
    file = name.replace("\\", "\\\\").replace('"', '\\"')  # curl reads ; and , in a name unless it is quoted
    quoted = shlex.quote(f'file=@"{file}"')
    return " \\\n  ".join(["curl", f"-F {quoted}", *fields, f"{ADDRESS}/transcribe"]) + "\n"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
