"""The fields of a word and of a segment, each described once for JSON, its schema and the page.

A frozen dataclass is the table: a field that is made with `json_field` is written by `to_json` and read by
`read_fields`, stands in the OpenAPI document (server/openapi/schemas.py), and reaches the page (page/messages.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal, cast

JsonType = Literal["string", "number", "integer", "boolean"]
_PYTHON: Mapping[JsonType, type] = {"string": str, "number": float, "integer": int, "boolean": bool}
_REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class JsonField:
    """One field of an object.

    digits       decimals of a number; None leaves the value as it is
    optional     left out of the JSON while it is None
    missing      the value that a JSON without it means, if it may be left out of what others send
    derived      follows from a segment's words, so that the page is not sent it
    description  a sentence for the schema
    schema       what else JSON Schema has to say, such as `minimum` or `enum`
    """

    name: str
    type: JsonType
    digits: int | None = None
    optional: bool = False
    missing: Any = _REQUIRED
    derived: bool = False
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)

    def read(self, data: Mapping[str, Any]) -> Any:
        """Returns the value in an object of JSON. Raises KeyError, TypeError or ValueError if it has none."""
        value = data[self.name] if self.missing is _REQUIRED else data.get(self.name, self.missing)
        if self.optional and value is None:
            return None
        if self.optional and self.type == "string" and not isinstance(value, str):
            raise TypeError(f"{self.name} is no text")
        return _PYTHON[self.type](value)


def json_field(type: JsonType, *, optional: bool = False, **more: Any) -> Any:
    """Makes a field of a dataclass; `more` is what `JsonField` has. An optional one is None by default."""
    described = {"type": type, "optional": optional, **more}
    if not optional:
        return field(metadata={"json": described})
    return field(default=None, metadata={"json": {"missing": None, **described}})


def unlisted_field() -> Any:
    """Makes a field of a dataclass that is outside of its table, such as the words of a segment."""
    return field()


def json_fields(kind: type) -> tuple[JsonField, ...]:
    """Returns the fields of a dataclass that were made with `json_field`, in its order."""
    return _table(cast(Any, kind))  # mypy takes the types of dataclasses for unhashable


@cache
def _table(kind: Any) -> tuple[JsonField, ...]:
    return tuple(
        JsonField(each.name, **each.metadata["json"]) for each in fields(kind) if "json" in each.metadata
    )


@cache
def _columns(kind: Any, derived: bool) -> tuple[tuple[str, int | None, bool], ...]:
    """Returns what `to_json` reads for each of ten thousand words, as plain tuples for the sake of speed."""
    return tuple(
        (each.name, each.digits, each.optional) for each in _table(kind) if derived or not each.derived
    )


def to_json(made: Any, derived: bool = True) -> dict[str, Any]:
    """Returns an object of JSON with every field of the table, or with those alone that are not derived."""
    data: dict[str, Any] = {}
    for name, digits, optional in _columns(made.__class__, derived):
        value = getattr(made, name)
        if value is not None or not optional:
            data[name] = value if digits is None else round(float(value), digits)
    return data


def read_fields(kind: type, data: Mapping[str, Any], derived: bool = True) -> dict[str, Any]:
    """Returns the values of a dataclass's fields. Raises KeyError, TypeError or ValueError if the data lacks one."""
    return {each.name: each.read(data) for each in json_fields(kind) if derived or not each.derived}
