"""Describes each choice of a request for all forms: name, default, help, range.

A frozen dataclass whose fields are made with `option` gives its specs to the command line, to the forms of
HTTP and gradio, and to the page.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from engine.errors import InvalidOption
from engine.text.yes_no import YES_NO

# Control characters, and surrogate halves, which JSON can hold and UTF-8 cannot.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """Describes one option for forms.

    default            also sets the type; None stands for text that may be left out
    help               a clause on the option's effect, without a full stop
    choices            allowed values; empty if there are too many to list
    minimum, maximum   allowed range of a number, both included
    max_length         most characters of a text
    pattern            a regular expression, as in JSON Schema, that a text must match
    suggestions        some texts that a form may offer
    """

    name: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    pattern: str | None = None
    suggestions: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The help as a sentence."""
        return f"{self.help[:1].upper()}{self.help[1:]}."

    def parse(self, value: Any) -> Any:
        """Returns the value in the engine's type; None gives the default, text is parsed.

        Raises InvalidOption, which names the allowed values.
        """
        if value is None:
            return self.default
        if self.choices:
            if value not in self.choices:
                known = ", ".join(self.choices)
                raise InvalidOption(
                    f"Unknown {self.name} {str(value)[:40]!r}.", f"Known: {known}.", self.name
                )
            return value
        if isinstance(self.default, bool):
            return self._switch(value)
        if isinstance(self.default, int | float):
            return self._number(value)
        return self._text(value)

    def _switch(self, value: Any) -> bool:
        known = YES_NO.get(str(value).strip().lower())
        if known is None:
            raise InvalidOption(
                f"{self.name} is {str(value)[:40]!r}.", "It must be true or false.", self.name
            )
        return known

    def _number(self, value: Any) -> float:
        assert self.minimum is not None and self.maximum is not None
        whole = isinstance(self.default, int)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        fits = self.minimum <= number <= self.maximum and (not whole or number == int(number))
        if isinstance(value, bool) or not fits:
            hint = f"It must be a {'whole ' if whole else ''}number from {self.minimum} to {self.maximum}."
            raise InvalidOption(f"{self.name} is {str(value)[:40]!r}.", hint, self.name)
        return int(number) if whole else number

    def _text(self, value: Any) -> str | None:
        text = " ".join(_UNWRITABLE.sub(" ", str(value)).split())
        if self.max_length is not None and len(text) > self.max_length:
            hint = f"It may have {self.max_length:,} at most."
            raise InvalidOption(f"{self.name} has {len(text):,} characters.", hint, self.name)
        return text or self.default


def add_argument(parser: ArgumentParser, spec: OptionSpec, parse: Callable[[str], Any], default: Any) -> None:
    """Adds an option to a command line; the help names the `default`, if there is one to name."""

    def value(text: str) -> Any:
        try:
            return parse(text)
        except InvalidOption as error:
            raise ArgumentTypeError(str(error)) from None

    name = f"--{spec.name.replace('_', '-')}"
    if isinstance(spec.default, bool):
        parser.add_argument(name, action=BooleanOptionalAction, default=spec.default, help=spec.help)
        return
    parser.add_argument(
        name,
        type=value,
        default=spec.default,
        choices=spec.choices or None,
        metavar=None if spec.choices else "NUMBER" if isinstance(spec.default, int | float) else "TEXT",
        help=f"{spec.help} (default: {default})" if default else spec.help,
    )


def option(default: Any, help: str, **limits: Any) -> Any:
    """Makes the dataclass field of an option; `limits` are fields of `OptionSpec`."""
    return field(default=default, metadata={"help": help, **limits})


def specs_of(kind: type) -> tuple[OptionSpec, ...]:
    """Returns the specs of the fields that were made with `option`, in their order."""
    return tuple(
        OptionSpec(each.name, each.default, **each.metadata) for each in fields(kind) if each.metadata
    )


def parse_fields(made: Any, specs: Sequence[OptionSpec]) -> None:
    """Parses all fields of a frozen dataclass being made. Raises InvalidOption."""
    for spec in specs:
        object.__setattr__(made, spec.name, spec.parse(getattr(made, spec.name)))


def check_names(values: Mapping[str, Any], specs: Sequence[OptionSpec]) -> Mapping[str, Any]:
    """Returns the values. Raises InvalidOption if one has an unknown name."""
    known = [spec.name for spec in specs]
    for name in values:
        if name not in known:
            raise InvalidOption(f"Unknown option {str(name)[:40]!r}.", f"Known: {', '.join(known)}.")
    return values
