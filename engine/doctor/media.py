"""Examines ffmpeg: its version, the codecs and containers that it reads, and its fence."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Iterator, Sequence

from engine.doctor.check import Check, Installed, State
from engine.errors import FfmpegMissing
from engine.media.ffmpeg import environment, find_ffmpeg, media_fence

SUBJECT = "ffmpeg"
_SECONDS = 20.0  # that ffmpeg may take to describe itself
# What recordings of people's devices and of the web hold; a build without one refuses these files.
CODECS = ("aac", "ac3", "alac", "flac", "mp3float", "opus", "pcm_s16le", "vorbis", "wmav2")
CONTAINERS = ("aac", "asf", "flac", "matroska", "mov", "mp3", "mpegts", "ogg", "wav")
COPY_ENCODER = "libopus"  # of the copy that browsers play
_LISTED = re.compile(r"^ [A-Z.]{6} (\S+)", re.MULTILINE)
_DEMUXER = re.compile(r"^ +D\S* +(\S+)", re.MULTILINE)
_INSTALL = "Install one: `apt install ffmpeg`, `brew install ffmpeg` or `pip install imageio-ffmpeg`."


def checks(installed: Installed) -> Iterator[Check]:
    """Yields the checks of ffmpeg."""
    try:
        program = find_ffmpeg()
    except FfmpegMissing as error:
        yield Check(subject=SUBJECT, state="error", found=error.message, advice=error.hint)
        return
    try:
        first = _ask(program, ["-version"]).partition("\n")[0]
        missing = _missing(program)
    except (OSError, subprocess.SubprocessError) as error:
        yield Check(
            subject=SUBJECT,
            state="error",
            found=f"{program} does not run: {type(error).__name__}.",
            advice=_INSTALL,
        )
        return
    version = first.removeprefix("ffmpeg version ").partition(" ")[0]
    details = {"path": program, "version": version, "missing": missing}
    if missing:
        yield Check(
            subject=SUBJECT,
            state="warning",
            found=f"{version} at {program} lacks {', '.join(missing)}; such recordings are refused.",
            advice=f"Install a complete build. {_INSTALL}",
            details=details,
        )
    else:
        yield Check(
            subject=SUBJECT,
            state="ok",
            found=f"{version} at {program}, with all usual codecs and containers",
            details=details,
        )
    yield _fence(installed)


def _missing(program: str) -> list[str]:
    decoders = set(_LISTED.findall(_ask(program, ["-decoders"])))
    encoders = set(_LISTED.findall(_ask(program, ["-encoders"])))
    demuxers = {name for names in _DEMUXER.findall(_ask(program, ["-demuxers"])) for name in names.split(",")}
    return [
        *_without(CODECS, decoders, "decoder"),
        *_without(CONTAINERS, demuxers, "container"),
        *_without((COPY_ENCODER,), encoders, "encoder"),
    ]


def _without(wanted: Sequence[str], found: Collection[str], kind: str) -> list[str]:
    return [f"{kind} {name}" for name in wanted if name not in found]


def _ask(program: str, arguments: Sequence[str]) -> str:
    command = [program, "-hide_banner", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=_SECONDS, env=environment(), check=True
    ).stdout


def _fence(installed: Installed) -> Check:
    report = media_fence(installed.config)
    setting = installed.config.fence
    state: State = "warning"
    if report["network"] and report["files"]:
        found, state = f"ffmpeg is kept from network and files, by {report['by']}.", "ok"
    elif setting == "off":
        found = "ffmpeg runs without a fence, as WORDLIGHT_FENCE asks."
    else:
        found = f"ffmpeg's fence is not whole: {report['reason']}"
        state = "error" if setting == "require" else "warning"
    advice = "" if state == "ok" else "Landlock needs Linux 5.13, and seccomp a container that allows it."
    return Check(subject="fence of ffmpeg", state=state, found=found, advice=advice, details=report)
