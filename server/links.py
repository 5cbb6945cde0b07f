"""Fetches a recording from a link: over https, from public addresses, within the limits of uploads."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx

from engine.config import Config
from engine.errors import TooLarge
from jobs.addresses import AddressRules, Target, UrlField
from jobs.files import create_private
from server.disk_space import DiskSpace
from server.errors import BadLink

LINK = UrlField(name="url", setting="WORDLIGHT_LINK_ALLOW", schemes=("https",), error=BadLink)
MAX_REDIRECTS = 5
SILENCE_SECONDS = 15.0  # that the other server may take to connect, or between two blocks
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "Wordlight"}
_REDIRECTS = (301, 302, 303, 307, 308)


class LinkRules(AddressRules):
    """Rules for links to recordings."""

    field = LINK


class Links:
    """Fetches recordings; each address is resolved once, checked, and then connected to."""

    def __init__(self, config: Config, tls: ssl.SSLContext | None = None) -> None:
        """`tls` replaces the default certificates. Raises SetupError."""
        self._rules = LinkRules(config.link_allow)
        self._max_bytes = config.max_bytes
        self._min_rate = config.min_rate
        self._stall_seconds = config.stall_seconds
        self._tls = tls

    async def fetch(self, url: str, path: Path, space: DiskSpace) -> None:
        """Writes what a link leads to into a new file.

        Raises BadLink, TooLarge, or StorageFull if there is too little disk space.
        """
        try:
            async with httpx.AsyncClient(
                verify=self._tls or True, trust_env=False, follow_redirects=False, timeout=SILENCE_SECONDS
            ) as client:
                for _ in range(MAX_REDIRECTS + 1):
                    following = await self._fetch_or_redirect(client, url, path, space)
                    if following is None:
                        return
                    url = urljoin(url, following)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise BadLink(
                f"The link {url[:60]!r} cannot be fetched: {type(error).__name__}.",
                "Check it in a browser, or upload the file.",
            ) from error
        raise BadLink(f"The link {url[:60]!r} redirects too often.", "Send the address that it leads to.")

    async def _fetch_or_redirect(
        self, client: httpx.AsyncClient, url: str, path: Path, space: DiskSpace
    ) -> str | None:
        """Writes the file and returns None, or returns the address that the answer redirects to."""
        target = self._rules.parse(url)
        addresses = await asyncio.to_thread(self._rules.resolve, target)
        for address in addresses[:-1]:
            try:
                return await self._ask(client, target, str(address), path=path, space=space)
            except httpx.ConnectError:
                continue
        return await self._ask(client, target, str(addresses[-1]), path=path, space=space)

    async def _ask(
        self, client: httpx.AsyncClient, target: Target, address: str, *, path: Path, space: DiskSpace
    ) -> str | None:
        headers = {**_HEADERS, "Host": target.authority}
        extensions = {"sni_hostname": target.host}
        url = f"{target.scheme}://{target.authority}{target.path}"
        async with client.stream(
            "GET", _url_at(target, address), headers=headers, extensions=extensions
        ) as answer:
            if answer.status_code in _REDIRECTS and "location" in answer.headers:
                return answer.headers["location"]
            if answer.status_code != 200:
                raise BadLink(
                    f"The link {url[:60]!r} answers with status {answer.status_code}.",
                    "It must lead to the file itself, without a login.",
                )
            if answer.headers.get("content-type", "").lower().startswith("text/html"):
                raise BadLink(
                    f"The link {url[:60]!r} leads to a web page, not to a recording.",
                    "Send the address of the file itself.",
                )
            await self._write(answer, path, space)
            return None

    async def _write(self, answer: httpx.Response, path: Path, space: DiskSpace) -> None:
        text = answer.headers.get("content-length", "")
        announced = int(text) if text.isdecimal() and len(text) < 19 else None
        if announced is not None and announced > self._max_bytes:
            raise TooLarge.than(self._max_bytes)
        began = time.monotonic()
        received = 0
        with space.reserve(announced) as room, create_private(path) as file:
            async for block in answer.aiter_raw():
                received += len(block)
                if received > self._max_bytes:
                    raise TooLarge.than(self._max_bytes)
                late = time.monotonic() - began - self._stall_seconds
                if self._stall_seconds and received < self._min_rate * late:
                    raise BadLink("The link's server sends too slowly.", "Upload the file instead.")
                room.written(len(block))
                await asyncio.to_thread(file.write, block)


def _url_at(target: Target, address: str) -> httpx.URL:
    """Returns the URL at an address that was resolved before, since a second lookup could return another one."""
    host = f"[{address}]" if ":" in address else address
    return httpx.URL(f"{target.scheme}://{host}:{target.port}{target.path}")
