"""Tickets for uploads: signed addresses that need no key and no record of their own."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from engine.errors import NotFound
from jobs.files import create_private, sync

TICKET_SECONDS = 3600.0  # that a ticket may be used, and as long a file waits for its transcription
_NONCE_BYTES, _SIGNATURE_BYTES, _SECRET_BYTES = 9, 16, 32
_SECRET_FILE = ".ticket-secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Permission to upload one file.

    text     what the client holds
    caller   whose file it is
    expires  when it ends, in seconds since 1970
    """

    text: str
    caller: str
    expires: float

    @property
    def name(self) -> str:
        """Returns the name of the file's folder, which does not tell the ticket."""
        return sha256(self.text.encode()).hexdigest()[:32]


class Tickets:
    """Makes and reads tickets; all servers on the folder of jobs share the secret."""

    def __init__(self, folder: Path) -> None:
        self._secret = _shared_secret(folder / _SECRET_FILE)

    def issue(self, caller: str) -> Ticket:
        """Makes a ticket for a caller."""
        expires = int(time.time() + TICKET_SECONDS)
        content = f"{expires} {secrets.token_urlsafe(_NONCE_BYTES)} {caller}".encode()
        text = base64.urlsafe_b64encode(self._signature(content) + content).decode().rstrip("=")
        return Ticket(text=text, caller=caller, expires=expires)

    def read(self, text: str) -> Ticket:
        """Returns the ticket of a text. Raises NotFound unless it was made here and is still good."""
        with suppress(ValueError, binascii.Error, UnicodeError):
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            signature, content = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
            expires, _, caller = content.decode().split(" ", 2)
            if hmac.compare_digest(signature, self._signature(content)) and time.time() < float(expires):
                return Ticket(text=text, caller=caller, expires=float(expires))
        raise NotFound("There is no upload of this id, or its hour is over.", "Request another upload.")

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self._secret, content, sha256)[:_SIGNATURE_BYTES]


def _shared_secret(path: Path) -> bytes:
    """Returns the content of a file, which is made whole by the first of several processes."""
    if not path.exists():
        draft = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
        with create_private(draft) as file:
            file.write(secrets.token_bytes(_SECRET_BYTES))
            file.flush()
            sync(file.fileno())
        try:
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_bytes()
