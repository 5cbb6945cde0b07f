"""Receives the uploads of the page and of gradio's clients, instead of gradio's own route.

If the system's temporary folder is on another file system, gradio 6.17 responds before a file is complete. It
keeps partial uploads and files of other fields for ever. It gives uploads of equal content and name one path, so
that one user's deletion deletes the other's recording. Here, 200 means that every file is complete, synced to
the disk, and at a path of its own. After any other status, none of the files is left.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from pathlib import Path

from gradio.routes import file_upload_statuses
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from engine.config import Config
from engine.errors import TooLarge, WordlightError
from jobs.files import full_disk_refused
from page.gradio_patches.upload_parser import MAX_FILES, UploadParser
from page.identity import is_signed_in
from page.texts import TEXTS, locale_of
from server.data_folder import DataFolder
from server.errors import Unauthorized
from server.multipart import OVERHEAD_BYTES, announced_bytes, boundary_of

PATH = "/gradio_api/upload"

_UPLOAD_ID = re.compile(r"[\w-]{1,64}")


def upload_route(folder: DataFolder, config: Config) -> Route:
    """Returns the route, which goes before those of gradio."""

    async def upload(request: Request) -> Response:
        if not is_signed_in(request):
            return _refusal(request, Unauthorized("Sign in first.", "The page asks for name and password."))
        try:
            return JSONResponse(await _receive(request, folder, config))
        except WordlightError as error:
            return _refusal(request, error)
        except ClientDisconnect:
            return Response(status_code=400)  # the client has left

    return Route(PATH, upload, methods=["POST"])


async def _receive(request: Request, folder: DataFolder, config: Config) -> list[str]:
    """Returns the paths of the files. Raises WordlightError or ClientDisconnect, and then leaves no file."""
    boundary = boundary_of(request)
    announced = announced_bytes(request)
    if announced is not None and announced > MAX_FILES * config.max_bytes + OVERHEAD_BYTES:
        raise TooLarge.than(config.max_bytes)
    progress = request.query_params.get("upload_id", "")
    with full_disk_refused(), folder.space.reserve(announced) as room, folder.temporary("incoming-") as place:
        parser = UploadParser(boundary, Path(place), room, max_bytes=config.max_bytes)
        try:
            async with aclosing(request.stream()) as chunks:
                async for chunk in chunks:
                    for name, part in await run_in_threadpool(parser.feed, chunk):
                        if _UPLOAD_ID.fullmatch(progress):
                            file_upload_statuses.append(progress, name, part)
            parser.finish()
            return await run_in_threadpool(_publish, parser.files, folder)
        finally:
            parser.close()
            if _UPLOAD_ID.fullmatch(progress):
                file_upload_statuses.set_done(progress)


def _publish(files: list[Path], folder: DataFolder) -> list[str]:
    """Moves the files among the uploads, all or none. Raises StorageFull."""
    done: list[Path] = []
    try:
        for path in files:
            done.append(folder.publish(path.parent, "upload") / path.name)
    except BaseException:
        for path in done:
            path.unlink(missing_ok=True)
            path.parent.rmdir()
        raise
    return [str(path) for path in done]


def _refusal(request: Request, error: WordlightError) -> Response:
    """Responds with the error in the reader's language; gradio's browser side shows the text unchanged."""
    texts = TEXTS[locale_of(request.headers.get("accept-language"))]
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    return PlainTextResponse(texts.get(f"error_{error.code}", str(error)), error.status, headers)
