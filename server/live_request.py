"""The first message of a live client: its key or ticket, the format of its sound, and its options."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from engine.errors import InputError, InvalidOption, TooLarge
from engine.export.cue_limits import CueLimits
from engine.option_parsing import OptionSpec
from engine.options import Options
from server.json_limits import check_json
from server.routes.transcribe import ALIASES, JSON, RESPONSE_FORMATS
from server.uploads import FORMAT, LIMIT_NAMES, OPTION_NAMES, read_choice

SoundFormat = Literal["pcm", "webm", "ogg"]
SOUND_FORMATS: tuple[SoundFormat, ...] = get_args(SoundFormat)

TEXT_BYTES = 16 * 1024  # of a text message; the options may have 2,000 characters
START, END = "start", "end"
NO_EFFECT = ("track", "vad", "strict")  # there is one track, Silero detects speech, and no file is damaged
LIVE_OPTIONS = tuple(name for name in OPTION_NAMES if name not in NO_EFFECT)
FIELDS = ("type", "api_key", "ticket", "format", "provisional", FORMAT, *LIVE_OPTIONS, *LIMIT_NAMES)

_EXAMPLE = '{"type": "start", "format": "pcm", "language": "en"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """What a live client asks for.

    format           of the sound
    provisional      whether words of speech that has not ended are sent
    response_format  of the result, as in POST /transcribe
    """

    format: SoundFormat
    options: Options
    provisional: bool
    response_format: str
    limits: CueLimits = field(default_factory=CueLimits)


def read_message(text: str) -> dict[str, Any]:
    """Returns the object of a text message. Raises InputError if it is none, TooLarge if it is too long."""
    body = text.encode("utf-8", "surrogatepass")
    if len(body) > TEXT_BYTES:
        raise TooLarge(f"A text message has {len(body):,} bytes.", f"It may have {TEXT_BYTES:,} at most.")
    check_json(body)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise InputError(
            f"A text message is no JSON object with a type: {text[:40]!r}.", f"Send one such as {_EXAMPLE}."
        )
    return message


def key_of(message: Mapping[str, Any]) -> str:
    """Returns the API key of the first message; "" if it has none."""
    key = message.get("api_key", "")
    return key if isinstance(key, str) else ""


def ticket_of(message: Mapping[str, Any]) -> str:
    """Returns the page's ticket in the first message; "" if it has none."""
    ticket = message.get("ticket", "")
    return ticket if isinstance(ticket, str) else ""


def read_start(message: Mapping[str, Any]) -> LiveRequest:
    """Reads the first message. Raises InvalidOption for a field or value that is not known, InputError for its type."""
    if message["type"] != START:
        raise InputError(f"The first message has the type {message['type'][:40]!r}.", f"Send {_EXAMPLE}.")
    for name, value in message.items():
        if name not in FIELDS:
            raise InvalidOption(f"Unknown field {name[:40]!r}.", f"Known: {', '.join(FIELDS)}.", name[:40])
        if not isinstance(value, str | bool | int | float | None):
            raise InvalidOption(
                f"{name} is a list or an object.", "Send a text, a number, true or false.", name
            )
    texts = {name: str(message[name]) for name in ("format", FORMAT) if message.get(name) is not None}
    asked = read_choice(texts, FORMAT, RESPONSE_FORMATS, default=JSON)
    return LiveRequest(
        format=read_choice(texts, "format", SOUND_FORMATS, default="pcm"),  # type: ignore[arg-type]
        options=Options.of({name: message[name] for name in LIVE_OPTIONS if name in message}),
        provisional=bool(OptionSpec("provisional", True, help="").parse(message.get("provisional"))),
        response_format=ALIASES.get(asked, asked),
        limits=CueLimits.of({name: message[name] for name in LIMIT_NAMES if name in message}),
    )
