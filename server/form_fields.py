"""The fields that a form may hold, in all the spellings that clients use for them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.errors import InputError, InvalidOption

FILE_FIELD = "file"
FILE_FIELDS = (FILE_FIELD, "audio", "audio_file")  # names of the field that holds the recording
MAX_FIELD_BYTES = 4096  # of one option

_INDEX = re.compile(r"\[\d{0,9}\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFields:
    """The fields beside the recording that a route reads.

    names    fields that occur once
    lists    fields that may occur more than once, without brackets: `name`, `name[]` and `name[0]` are the same
    ignored  fields that are accepted and have no effect, also as `name[]` and `name[key]`
    longer   limits in bytes of fields that may be longer than MAX_FIELD_BYTES
    raw      whether the body may be the recording itself, with the fields in the URL
    in_url   whether the fields of a form are in the URL, beside the form
    """

    names: Collection[str]
    lists: Collection[str] = ()
    ignored: Collection[str] = ()
    longer: Mapping[str, int] = field(default_factory=dict)
    raw: bool = False
    in_url: bool = False

    def canonical(self, name: str) -> str | None:
        """Returns the name that a spelling stands for; None for an unknown one."""
        if name in self.names or name in self.ignored:
            return name
        base, bracket, rest = name.partition("[")
        if base in self.ignored:
            return base
        if base in self.lists and (not bracket or _INDEX.fullmatch(bracket + rest)):
            return base
        return None

    @property
    def known(self) -> tuple[str, ...]:
        """The names that an error lists."""
        return (*self.names, *(f"{name}[]" for name in self.lists))


class FieldValues:
    """Collects the values of fields while they arrive, by their canonical names."""

    def __init__(self, allowed: FormFields) -> None:
        self._allowed = allowed
        self._values: dict[str, list[bytearray]] = {}

    def open(self, name: str) -> str:
        """Begins a value and returns its field's canonical name.

        Raises InvalidOption for an unknown field, InputError for a second value of a field that takes one.
        """
        canonical = self._allowed.canonical(name)
        if canonical is None:
            known = ", ".join((FILE_FIELD, *self._allowed.known))
            raise InvalidOption(f"Unknown field {name[:40]!r}.", f"Known: {known}.", name[:40])
        if canonical in self._values and canonical in self._allowed.names:
            raise InputError(f"The field {name[:40]!r} occurs more than once.", "Send it once.")
        self._values.setdefault(canonical, []).append(bytearray())
        return canonical

    def add(self, name: str, data: bytes) -> None:
        """Adds bytes to the value of a field that was opened last. Raises InvalidOption if it grows too long."""
        value = self._values[name][-1]
        value += data
        most = self._allowed.longer.get(name, MAX_FIELD_BYTES)
        if len(value) > most:
            raise InvalidOption(f"The field {name!r} is longer than {most} bytes.", field=name)

    def fields(self) -> dict[str, str]:
        """Returns the fields that occur once, without empty ones. Raises InvalidOption if one is not UTF-8."""
        found = {name: _text(name, self._values[name][0]) for name in self._read(self._allowed.names)}
        return {name: text for name, text in found.items() if text}

    def lists(self) -> dict[str, list[str]]:
        """Returns the values of fields that may occur more than once, in order, without empty ones."""
        found = {
            name: [text for value in self._values[name] if (text := _text(name, value))]
            for name in self._read(self._allowed.lists)
        }
        return {name: texts for name, texts in found.items() if texts}

    def ignored(self) -> tuple[str, ...]:
        """Returns the names of the fields that have no effect."""
        return tuple(self._read(self._allowed.ignored))

    def _read(self, names: Collection[str]) -> list[str]:
        return [name for name in self._values if name in names]


def split_values(texts: Collection[str]) -> list[str]:
    """Returns the single values of a list: each text may be one, several between commas, or a JSON list."""
    found: list[str] = []
    for text in texts:
        found += _json_list(text) or text.split(",")
    return list(dict.fromkeys(value.strip() for value in found if value.strip()))


def _json_list(text: str) -> list[str] | None:
    if not text.startswith("["):
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [str(value) for value in values] if isinstance(values, list) else None


def _text(name: str, value: bytearray) -> str:
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        raise InvalidOption(f"The field {name!r} is not written in UTF-8.", field=name) from None
