"""Writes code that repeats a transcription or an alignment of the page from a program."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ADDRESS = "{address}"  # the scripts put the page's own address here


def snippets(file: Path, chosen: Mapping[str, Any], aligns: bool = False) -> dict[str, str]:
    """Returns code by language ("python", "javascript", "curl").

    file    the recording; its name alone is shown
    chosen  options that are not at their defaults, by the names of the public API
    aligns  whether a text is aligned; the code reads it from a file of the recording's name
    """
    name = file.name
    text = f"{file.stem}.txt" if aligns else None
    return {
        "python": _python(name, chosen, text),
        "javascript": _javascript(name, chosen, text),
        "curl": _curl(name, chosen, text),
    }


def _python(name: str, chosen: Mapping[str, Any], text: str | None) -> str:
    arguments = [f"    handle_file({name!r}),"]
    if text is not None:
        arguments += [f"    text_file=handle_file({text!r}),"]
    arguments += [f"    {option}={value!r}," for option, value in chosen.items()]
    arguments += [f'    api_name="{_path(text)}",']
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


def _javascript(name: str, chosen: Mapping[str, Any], text: str | None) -> str:
    fields = [
        f"form.append({json.dumps(option)}, {json.dumps(_plain(value), ensure_ascii=False)});"
        for option, value in chosen.items()
    ]
    file = json.dumps(name, ensure_ascii=False)
    if text is not None:
        fields.insert(
            0, f'form.append("text_file", await openAsBlob({json.dumps(text, ensure_ascii=False)}));'
        )
    return "\n".join(
        [
            "// Node 20 or later, as a module",
            'import { openAsBlob } from "node:fs";',
            "",
            "const form = new FormData();",
            f'form.append("file", await openAsBlob({file}), {file});',
            *fields,
            f'const answer = await fetch("{ADDRESS}{_path(text)}", {{ method: "POST", body: form }});',
            "const transcript = await answer.json();",
            "for (const word of transcript.word_segments) console.log(word.start, word.end, word.word);",
            "",
        ]
    )


def _curl(name: str, chosen: Mapping[str, Any], text: str | None) -> str:
    files = {"file": name} | ({"text_file": text} if text is not None else {})
    fields = [f"-F {_curl_file(field, file)}" for field, file in files.items()]
    fields += [f"-F {shlex.quote(f'{option}={_plain(value)}')}" for option, value in chosen.items()]
    return " \\\n  ".join(["curl", *fields, f"{ADDRESS}{_path(text)}"]) + "\n"


def _curl_file(field: str, name: str) -> str:
    """Returns the argument for a file; curl reads ; and , in a name unless the name is quoted."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return shlex.quote(f'{field}=@"{quoted}"')


def _path(text: str | None) -> str:
    return "/transcribe" if text is None else "/align"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
