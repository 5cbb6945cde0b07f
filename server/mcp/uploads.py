"""Receives the files of tickets, and holds them until they are transcribed."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from anyio import to_thread
from starlette.responses import JSONResponse, Response

from engine.errors import EmptyFile, InputError, RateLimited
from jobs.files import full_disk_refused, sync_folder
from jobs.service import Jobs
from server.endpoint import ApiRequest, ServerState
from server.job_uploads import JobUploads
from server.mcp.tickets import Ticket, Tickets
from server.multipart import FILE_OF_BODY, read_body

MAX_HELD = 16  # files of one caller that wait for their transcription
PREFIX = "mcp-"


class HeldUploads:
    """Files that came with a ticket. The jobs' sweep deletes those that nobody has had transcribed for an hour."""

    def __init__(self, state: ServerState, jobs: Jobs, uploads: JobUploads) -> None:
        self.tickets = Tickets(jobs.folder.root)
        self._state = state
        self._uploads = uploads
        self._folder = jobs.folder.incoming

    async def receive(self, call: ApiRequest) -> Response:
        """Takes the body as the file of the ticket in the path."""
        ticket = self.tickets.read(call.path_params["ticket"])
        self._check_room(ticket.caller)
        call.cleanup.enter_context(self._state.limits.slot(ticket.caller))
        with full_disk_refused():
            folder = Path(call.cleanup.enter_context(self._uploads.temporary("")))
            size = await read_body(call, folder, self._uploads.space, self._state.engine.config.max_bytes)
            if not size:
                raise EmptyFile("The body of this request is empty.", "Send the file: curl -T talk.mp3 URL")
            await to_thread.run_sync(self._hold, folder / FILE_OF_BODY, ticket)
        return JSONResponse({"upload_id": ticket.text, "bytes": size}, 201)

    def take(self, text: str, caller: str) -> Path:
        """Returns the file of a caller's upload, in a folder for `drop`. Raises NotFound or InputError."""
        ticket = self.tickets.read(text)
        path = self._place(ticket) / FILE_OF_BODY
        if ticket.caller != caller or not path.is_file():
            raise InputError(
                "Nothing has been uploaded with this upload_id, or it has been transcribed already.",
                "Send the file to the upload_url with PUT first; each upload serves one transcription.",
            )
        return path

    def drop(self, path: Path) -> None:
        """Deletes the folder of a file that `take` has returned."""
        shutil.rmtree(path.parent, ignore_errors=True)

    def _hold(self, path: Path, ticket: Ticket) -> None:
        place = self._place(ticket)
        with suppress(FileExistsError):
            place.mkdir(0o700)
        os.replace(path, place / FILE_OF_BODY)
        sync_folder(place)

    def _check_room(self, caller: str) -> None:
        held = sum(1 for _ in self._folder.glob(f"{_prefix(caller)}*"))
        if held >= MAX_HELD:
            raise RateLimited(
                f"{held} of your uploads wait for their transcription, the most that are held.",
                "Have them transcribed first.",
            )

    def _place(self, ticket: Ticket) -> Path:
        return self._folder / f"{_prefix(ticket.caller)}{ticket.name}"


def _prefix(caller: str) -> str:
    return f"{PREFIX}{sha256(caller.encode()).hexdigest()[:16]}-"
