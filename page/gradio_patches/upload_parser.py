"""Parses the form in which gradio's clients upload files: writes every file straight to disk and syncs it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from gradio_client.utils import strip_invalid_filename_characters
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from engine.errors import InputError, InvalidOption, TooLarge
from jobs.files import create_private, full_disk_refused, sync
from server.data_folder import PRIVATE
from server.disk_space import Reservation

FIELD = "files"
MAX_HEADER_BYTES = 8192  # of one header of a part
MAX_FILES = 1000  # of one form; gradio's browser side sends no more at once


class UploadParser:
    """Parses the form in chunks and writes each file to a folder of its own below `folder`.

    max_bytes  of one file

    Every method may raise StorageFull; `feed` raises InputError for a damaged form and TooLarge.
    """

    def __init__(self, boundary: bytes, folder: Path, room: Reservation, max_bytes: int) -> None:
        self.files: list[Path] = []
        self._folder = folder
        self._room = room
        self._max_bytes = max_bytes
        self._file: BinaryIO | None = None
        self._name = ""  # as the client has it
        self._file_bytes = 0
        self._received: list[tuple[str, bytes]] = []
        self._complete = False
        self._header_name = self._header_value = self._disposition = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_header_name,
                "on_header_value": self._add_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open_part,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> list[tuple[str, bytes]]:
        """Parses the next bytes of the form; returns their content by the names of the files."""
        try:
            with full_disk_refused():
                self._parser.write(chunk)
        except FormParserError as error:
            raise InputError("The form cannot be read.", "Send valid multipart/form-data.") from error
        received, self._received = self._received, []
        return received

    def finish(self) -> None:
        """Raises InputError if the form is cut off before its end."""
        if not self._complete:
            raise InputError("The form is cut off before its end.", "Send it again.")

    def close(self) -> None:
        """Closes the file that is open if the form is cut off."""
        if self._file:
            with full_disk_refused():
                self._file.close()
            self._file = None

    def _begin_part(self) -> None:
        self._disposition = b""

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._check_header()

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header_name) + len(self._header_value) > MAX_HEADER_BYTES:
            raise InputError(f"A header of the form is longer than {MAX_HEADER_BYTES} bytes.")

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _open_part(self) -> None:
        _, parameters = parse_options_header(self._disposition)
        field = parameters.get(b"name", b"").decode(errors="replace")
        if field != FIELD or b"filename" not in parameters:
            raise InvalidOption(f"Unknown field {field[:40]!r}.", f"Send files, as {FIELD!r}.", field[:40])
        if len(self.files) == MAX_FILES:
            raise InputError(f"The form has more than {MAX_FILES} files.", "Send them in several forms.")
        self._name = parameters[b"filename"].decode(errors="replace")
        self._file_bytes = 0
        place = self._folder / str(len(self.files))
        place.mkdir(PRIVATE)
        path = place / _safe(self._name)
        self._file = create_private(path)
        self.files.append(path)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        assert self._file, "a part begins with its headers"
        self._file_bytes += end - start
        if self._file_bytes > self._max_bytes:
            raise TooLarge.than(self._max_bytes)
        self._room.written(end - start)
        part = data[start:end]
        self._file.write(part)
        self._received.append((self._name, part))

    def _end_part(self) -> None:
        assert self._file, "a part begins with its headers"
        self._file.flush()
        sync(self._file.fileno())
        self._file.close()
        self._file = None

    def _end(self) -> None:
        self._complete = True


def _safe(name: str) -> str:
    """Returns a name that file systems accept, as gradio makes it; dots alone would name a folder."""
    safe = strip_invalid_filename_characters(Path(name).name)
    return safe if safe.strip(". ") else "file"
