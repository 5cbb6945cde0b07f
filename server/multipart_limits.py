"""Limits of a multipart form that hold while it arrives: its fields, their number, and each file's size."""

from __future__ import annotations

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from engine.errors import InputError, TooLarge
from server.errors import NotAForm

MAX_FILES = 1000  # of one request, as gradio has it
MAX_BOUNDARY = 70  # characters, RFC 2046, 5.1.1


class FilesOnly:
    """Checks a form that consists of files in one field, chunk by chunk, and keeps nothing of it.

    gradio's parser holds other fields in memory, however long they are, and leaves files of other
    fields on the disk.

    field           the name of the field
    max_file_bytes  of each file
    """

    def __init__(self, content_type: str, field: str, max_file_bytes: int) -> None:
        """Raises NotAForm for another content type, and InputError without a usable boundary."""
        kind, parameters = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            raise NotAForm("The request is not a multipart/form-data form.", f"Send files as {field!r}.")
        boundary = parameters.get(b"boundary", b"")
        if not 1 <= len(boundary) <= MAX_BOUNDARY:
            raise InputError("The form has no usable boundary.", "Content-Type must name 1 to 70 characters.")
        self._field = field
        self._max_file_bytes = max_file_bytes
        self._files = 0
        self._file_bytes = 0
        self._name = self._value = self._disposition = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_name,
                "on_header_value": self._add_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open_part,
                "on_part_data": self._count,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Checks the next chunk. Raises TooLarge or InputError."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise InputError("The form is damaged.", str(error)[:200]) from None

    def _begin_part(self) -> None:
        self._file_bytes = 0
        self._disposition = b""
        self._files += 1
        if self._files > MAX_FILES:
            raise TooLarge(f"There are more than {MAX_FILES} files in this form.", "Send fewer at a time.")

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def _open_part(self) -> None:
        _, parameters = parse_options_header(self._disposition)
        name = parameters.get(b"name", b"").decode(errors="replace")
        if name != self._field or b"filename" not in parameters:
            raise InputError(
                f"The field {name[:40]!r} is not expected here.",
                f"Send files alone, each as {self._field!r}.",
            )

    def _count(self, _: bytes, start: int, end: int) -> None:
        self._file_bytes += end - start
        if self._file_bytes > self._max_file_bytes:
            raise TooLarge.than(self._max_file_bytes)
