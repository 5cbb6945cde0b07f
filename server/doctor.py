"""Examines what the server needs beside engine and jobs: its folder, its port, and the proxies in front."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator, Sequence

import httpx

from engine.config import Config
from engine.doctor.check import Check, Installed
from engine.doctor.folders import check_folder
from engine.errors import SetupError
from server.data_folder import NAME
from server.forwarded import TrustedProxies

PORT_VARIABLE = "GRADIO_SERVER_PORT"
PORTS = range(7860, 7960)  # that gradio tries in turn if none is set
ASK_SECONDS = 3.0  # for the program that holds a port to say what it is


def checks(installed: Installed) -> Iterator[Check]:
    """Yields the checks of folder, port and proxies."""
    config = installed.config
    yield check_folder(
        "folder of uploads", config.temp_dir / NAME, "WORDLIGHT_TEMP_DIR", config.min_free_bytes
    )
    if not installed.running:
        yield _port(config)
    yield _proxies(config)


def _port(config: Config) -> Check:
    asked = os.environ.get(PORT_VARIABLE, "").strip()
    if asked and not (asked.isdecimal() and 0 < int(asked) < 65_536):
        return Check(
            subject="port",
            state="error",
            found=f"{PORT_VARIABLE} is {asked!r}.",
            advice="It must be a number from 1 to 65535.",
        )
    ports: Sequence[int] = [int(asked)] if asked else PORTS
    busy: list[int] = []
    for port in ports:
        reason = _refused(config.server_name, port)
        if reason is None:
            skipped = f"; {', '.join(map(str, busy[:3]))} is in use" if busy else ""
            return Check(
                subject="port",
                state="ok",
                found=f"{config.server_name}:{port} is free{skipped}.",
                details={"port": port},
            )
        if reason != errno.EADDRINUSE:
            return _not_allowed(config.server_name, port, reason)
        busy.append(port)
    return _in_use(config.server_name, busy[0])


def _refused(host: str, port: int) -> int | None:
    """Returns the number of the error with which the system refuses to listen on a port; None if it does not."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.errno or -1
    return None


def _not_allowed(host: str, port: int, reason: int) -> Check:
    advice = {
        errno.EACCES: f"Ports below 1024 are for the administrator; choose another one in {PORT_VARIABLE}.",
        errno.EADDRNOTAVAIL: "This machine does not have that address; correct GRADIO_SERVER_NAME.",
    }.get(reason, "Correct GRADIO_SERVER_NAME: 127.0.0.1, 0.0.0.0, or an address of this machine.")
    name = os.strerror(reason) if reason > 0 else "unknown host"
    return Check(subject="port", state="error", found=f"{host}:{port} cannot be used: {name}.", advice=advice)


def _in_use(host: str, port: int) -> Check:
    if _is_wordlight(host, port):
        return Check(
            subject="port",
            state="ok",
            found=f"Wordlight is running at {host}:{port}.",
            details={"port": port, "running": True},
        )
    return Check(
        subject="port",
        state="error",
        found=f"Another program uses {host}:{port}.",
        advice=f"End that program, or choose another port in {PORT_VARIABLE}.",
        details={"port": port},
    )


def _is_wordlight(host: str, port: int) -> bool:
    there = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    there = f"[{there}]" if ":" in there else there
    try:
        answer = httpx.get(f"http://{there}:{port}/health/live", timeout=ASK_SECONDS, trust_env=False)
        return bool(answer.json() == {"status": "live"})
    except (httpx.HTTPError, ValueError):
        return False


def _proxies(config: Config) -> Check:
    try:
        trusted = TrustedProxies(config.trusted_proxies)
    except SetupError as error:
        return Check(subject="proxies", state="error", found=error.message, advice=error.hint)
    if trusted.any and not config.on_space:
        return Check(
            subject="proxies",
            state="warning",
            found="FORWARDED_ALLOW_IPS trusts any proxy, so every client may name an address of its own.",
            advice="Name the proxy's address or network there.",
        )
    names = ", ".join(config.trusted_proxies) or "none"
    return Check(subject="proxies", state="ok", found=f"X-Forwarded-* is taken from: {names}.")
