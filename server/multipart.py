"""Receives forms and raw recordings: writes the file straight to disk and limits every part while it arrives."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import BinaryIO, Protocol

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from engine.errors import InputError, TooLarge
from jobs.files import create_private
from server.disk_space import DiskSpace, Reservation
from server.errors import NotAForm
from server.form_fields import FILE_FIELD, FILE_FIELDS, FieldValues, FormFields

MAX_PARTS = 128  # the file, the options, and lists such as keywords
OVERHEAD_BYTES = 256 * 1024  # of a request beside its file
FILE_OF_BODY = "recording"  # the name of the file that is written

_CURL_HINT = "With curl: -F file=@recording.mp3"
_RAW_KINDS = ("audio/", "video/")  # of a body that is the recording itself
_RAW_TYPES = ("application/octet-stream", "application/ogg", "application/mp4")


@dataclass(frozen=True, slots=True)
class Form:
    """A received form: the path of its file, and its other fields as text, without empty ones.

    lists    the fields that may occur more than once, each with its values in order
    ignored  the names of fields that have no effect
    name     the name that the client gave to the file, or ""
    """

    file: Path
    fields: dict[str, str]
    lists: dict[str, list[str]]
    ignored: tuple[str, ...] = ()
    name: str = ""


class _Body(Protocol):
    """Reads a body chunk by chunk; `name` is the client's name of the file."""

    name: str

    def feed(self, chunk: bytes) -> None: ...

    def finish(self) -> None: ...


async def read_form(
    request: Request, folder: Path, space: DiskSpace, *, max_bytes: int, fields: FormFields, lead: bytes = b""
) -> Form:
    """Reads a form, or a recording as the body; writes the file to `folder`, which the caller owns.

    space      the disk space for the file
    max_bytes  of the file; a larger one is refused by Content-Length before a byte is read, else as it arrives
    lead       bytes to write before those of the file

    Raises NotAForm, TooLarge, InvalidOption for an unknown field, InputError for a form that is damaged or has no
    file, StorageFull if there is too little disk space, and ClientDisconnect if the client disconnects.
    """
    raw = fields.raw and is_recording(request)
    boundary = b"" if raw else boundary_of(request)
    values = FieldValues(fields)
    if raw or fields.in_url:
        for name, text in request.query_params.multi_items():
            values.add(values.open(name), text.encode())
    limit = max_bytes + OVERHEAD_BYTES + sum(fields.longer.values())
    announced = announced_bytes(request)
    if announced is not None and announced > limit:
        raise TooLarge.than(max_bytes)

    received = 0
    path = folder / FILE_OF_BODY
    with space.reserve(announced) as room, create_private(path) as file:
        file.write(lead)
        target = _File(file, max_bytes, room)
        body: _Body = _RawBody(target) if raw else _FormParser(boundary, target, values)
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                received += len(chunk)
                if received > limit:
                    raise TooLarge.than(max_bytes)
                await run_in_threadpool(body.feed, chunk)
    body.finish()
    return Form(path, values.fields(), values.lists(), values.ignored(), body.name)


async def read_body(request: Request, folder: Path, space: DiskSpace, max_bytes: int) -> int:
    """Writes a body that is a recording to `FILE_OF_BODY` in `folder`, whatever its type; returns its size.

    Raises TooLarge, StorageFull, and ClientDisconnect if the client disconnects.
    """
    announced = announced_bytes(request)
    if announced is not None and announced > max_bytes:
        raise TooLarge.than(max_bytes)
    size = 0
    with space.reserve(announced) as room, create_private(folder / FILE_OF_BODY) as file:
        target = _File(file, max_bytes, room)
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                await run_in_threadpool(target.write, chunk)
    return size


def announced_bytes(request: Request) -> int | None:
    """Returns the Content-Length of a request; None if it has none."""
    announced = request.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() else None


def is_recording(request: Request) -> bool:
    """Returns whether the Content-Type says that the body is the recording itself."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind.startswith(_RAW_KINDS) or kind in _RAW_TYPES


class _File:
    """Writes the recording within its limit and its reserved space."""

    def __init__(self, file: BinaryIO, max_bytes: int, room: Reservation) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._room = room
        self._bytes = 0

    def write(self, data: bytes | memoryview) -> None:
        """Writes the next bytes. Raises TooLarge or StorageFull."""
        self._bytes += len(data)
        if self._bytes > self._max_bytes:
            raise TooLarge.than(self._max_bytes)
        self._room.written(len(data))
        self._file.write(data)


class _RawBody:
    """Takes a body that is the recording itself."""

    name = ""

    def __init__(self, target: _File) -> None:
        self._target = target

    def feed(self, chunk: bytes) -> None:
        self._target.write(chunk)

    def finish(self) -> None:
        """Does nothing: an empty recording is refused by the engine, as everywhere."""


class _FormParser:
    """Parses the body in chunks, writes the file's bytes to `target` and collects the other fields in `values`."""

    def __init__(self, boundary: bytes, target: _File, values: FieldValues) -> None:
        self.name = ""
        self._target = target
        self._values = values
        self._complete = self._has_file = self._in_file = False
        self._parts = 0
        self._field = ""
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}  # of this part, by their names in small letters
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

    def finish(self) -> None:
        """Raises InputError if the form is cut off or has no file."""
        if not self._complete:
            raise InputError("The form is cut off before its end.", "Send it again.")
        if not self._has_file:
            raise InputError(f"The form has no field {FILE_FIELD!r}.", _CURL_HINT)

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise InputError(f"The form has more than {MAX_PARTS} parts.")
        self._headers = {}

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _open_part(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        _, parameters = parse_options_header(disposition)
        name = parameters.get(b"name", b"").decode(errors="replace")
        self._in_file = name in FILE_FIELDS
        if self._in_file:
            self._open_file(name, parameters, disposition)
        else:
            self._field = self._values.open(name)

    def _open_file(self, name: str, parameters: dict[bytes, bytes], disposition: bytes) -> None:
        if self._has_file:
            raise InputError(f"The field {name!r} is a second recording.", "Send one recording at a time.")
        kind = self._headers.get(b"content-type", b"text/plain").strip(b' "').lower()
        given = parameters.get(b"filename", b"").decode(errors="replace") or _extended_name(disposition)
        if (
            given is None
            and b"filename" not in parameters
            and kind.startswith((b"text/plain", b"multipart/"))
        ):
            raise InputError(f"The field {name!r} holds text, not a file.", _CURL_HINT)
        self._has_file = True
        self.name = given or ""

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._target.write(memoryview(data)[start:end])
        else:
            self._values.add(self._field, data[start:end])

    def _end(self) -> None:
        self._complete = True


def _extended_name(disposition: bytes) -> str | None:
    """Returns the file name of `filename*` (RFC 5987), which the form's parser leaves out; None without one."""
    message = Message()
    message["Content-Disposition"] = " ".join(disposition.decode("latin-1").split())
    return message.get_filename()


def boundary_of(request: Request) -> bytes:
    kind, parameters = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        raise NotAForm("The request is not a multipart/form-data form.", _CURL_HINT)
    boundary = parameters.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:  # RFC 2046, 5.1.1
        raise InputError("The form has no usable boundary.", "Content-Type must name 1 to 70 characters.")
    return boundary
