"""Reads multipart forms: writes the file straight to disk and limits every part while it arrives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from engine.errors import InputError, InvalidOption, TooLarge
from jobs.files import create_private
from server.disk_space import DiskSpace, Reservation
from server.errors import NotAForm

FILE_FIELD = "file"
MAX_PARTS = 32  # the file and the options, with room to grow
MAX_FIELD_BYTES = 4096  # of one option
OVERHEAD_BYTES = 256 * 1024  # of a request beside its file: at most 32 x (4 KiB and the part's headers)

_CURL_HINT = "With curl: -F file=@recording.mp3"


@dataclass(frozen=True, slots=True)
class Form:
    """A received form: the path of its file, and its other fields as text, without empty ones.

    filename  the name that the client gave the file; it may be empty and hold anything
    lists     the fields that may occur more than once, each with its values in order
    """

    file: Path
    filename: str
    fields: dict[str, str]
    lists: dict[str, list[str]]


async def read_form(
    request: Request,
    folder: Path,
    space: DiskSpace,
    max_bytes: int,
    names: Collection[str],
    lists: Collection[str] = (),
    longer: Mapping[str, int] = {},
) -> Form:
    """Reads a multipart/form-data request; writes its file to `folder`, which the caller owns.

    space      the disk space for the file
    max_bytes  of the file; a larger one is refused by Content-Length before a byte is read, else as it arrives
    names      the fields that are allowed beside the file
    lists      further fields, which may occur more than once
    longer     the limits in bytes of fields that may be longer than the others

    Raises NotAForm, TooLarge, InvalidOption for an unknown field, InputError for a form that is damaged or has no
    file, StorageFull if there is too little disk space, and ClientDisconnect if the client disconnects.
    """
    boundary = boundary_of(request)
    limit = max_bytes + OVERHEAD_BYTES + sum(longer.values())
    announced = announced_bytes(request)
    if announced is not None and announced > limit:
        raise TooLarge.than(max_bytes)

    received = 0
    with space.reserve(announced) as room, create_private(folder / "recording") as file:
        form = _FormParser(boundary, file, max_bytes, names=names, lists=lists, longer=longer, room=room)
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                received += len(chunk)
                if received > limit:
                    raise TooLarge.than(max_bytes)
                await run_in_threadpool(form.feed, chunk)
    fields = form.finish()
    several = {name: texts for name, texts in fields.items() if name in lists}
    return Form(
        folder / "recording",
        form.filename,
        {name: texts[0] for name, texts in fields.items() if name not in lists},
        several,
    )


def announced_bytes(request: Request) -> int | None:
    """Returns the Content-Length of a request; None if it has none."""
    announced = request.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() else None


class _FormParser:
    """Parses the body in chunks, writes the file's bytes to `file` and keeps the other fields."""

    def __init__(
        self,
        boundary: bytes,
        file: BinaryIO,
        max_bytes: int,
        names: Collection[str],
        lists: Collection[str],
        longer: Mapping[str, int],
        room: Reservation,
    ) -> None:
        self.filename = ""
        self._file = file
        self._room = room
        self._names = (*names, *lists)
        self._lists = lists
        self._longer = longer
        self._max_bytes = max_bytes
        self._file_bytes = 0
        self._values: dict[str, list[bytearray]] = {}  # the file's own stays empty
        self._complete = False
        self._parts = 0
        self._part = ""
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_header_name,
                "on_header_value": self._add_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open_part,
                "on_part_data": self._add_data,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise InputError("The form cannot be read.", "Send valid multipart/form-data.") from error

    def finish(self) -> dict[str, list[str]]:
        """Returns the fields beside the file; raises InputError if the form is cut off or has no file."""
        if not self._complete:
            raise InputError("The form is cut off before its end.", "Send it again.")
        if FILE_FIELD not in self._values:
            raise InputError(f"The form has no field {FILE_FIELD!r}.", _CURL_HINT)
        found: dict[str, list[str]] = {}
        for name, values in self._values.items():
            texts = [text for value in values if (text := _text(name, value))]
            if texts:
                found[name] = texts
        return found

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise InputError(f"The form has more than {MAX_PARTS} parts.")
        self._disposition = b""

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _open_part(self) -> None:
        _, parameters = parse_options_header(self._disposition)
        name = parameters.get(b"name", b"").decode(errors="replace")
        if name != FILE_FIELD and name not in self._names:
            known = ", ".join((FILE_FIELD, *self._names))
            raise InvalidOption(f"Unknown field {name[:40]!r}.", f"Known: {known}.", name[:40])
        if name in self._values and name not in self._lists:
            raise InputError(f"The field {name!r} occurs more than once.", "Send it once.")
        if name == FILE_FIELD:
            if b"filename" not in parameters:
                raise InputError(f"The field {FILE_FIELD!r} holds text, not a file.", _CURL_HINT)
            self.filename = parameters[b"filename"].decode(errors="replace")
        self._part = name
        self._values.setdefault(name, []).append(bytearray())

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._part == FILE_FIELD:
            self._file_bytes += end - start
            if self._file_bytes > self._max_bytes:
                raise TooLarge.than(self._max_bytes)
            self._room.written(end - start)
            self._file.write(memoryview(data)[start:end])
            return
        value = self._values[self._part][-1]
        value += data[start:end]
        most = self._longer.get(self._part, MAX_FIELD_BYTES)
        if len(value) > most:
            raise InvalidOption(f"The field {self._part!r} is longer than {most} bytes.", field=self._part)

    def _end(self) -> None:
        self._complete = True


def _text(name: str, value: bytearray) -> str:
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        raise InvalidOption(f"The field {name!r} is not written in UTF-8.", field=name) from None


def boundary_of(request: Request) -> bytes:
    kind, parameters = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        raise NotAForm("The request is not a multipart/form-data form.", _CURL_HINT)
    boundary = parameters.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:  # RFC 2046, 5.1.1
        raise InputError("The form has no usable boundary.", "Content-Type must name 1 to 70 characters.")
    return boundary
