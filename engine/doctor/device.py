"""Examines the device that the models run on, and the drivers of a GPU."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import ctranslate2

from engine.doctor.check import Check, Installed, size_text
from engine.errors import SetupError
from engine.installation import device_of
from engine.memory import RESERVE, available

SUBJECT = "device"
_ASK = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"]
_SMI_SECONDS = 20.0  # a driver in trouble answers late or never
_OF_CUDA = "nvidia.com/drivers has drivers; a container needs the NVIDIA container toolkit and `--gpus all`."


def checks(installed: Installed) -> Iterator[Check]:
    """Yields the checks of device, drivers and memory."""
    config = installed.config
    if config.zero_gpu:  # asking for a GPU here would keep the processes that are forked later from theirs
        found = "ZeroGPU lends a GPU for each batch of Whisper; all else runs on the CPU."
        yield Check(subject=SUBJECT, state="ok", found=found, details={"device": "cpu", "gpus": []})
        yield from _memory("cpu")
        return
    gpus = _gpus()
    try:
        device = device_of(config)
    except SetupError as error:
        advice = f"{error.hint} {_OF_CUDA}" if config.device == "cuda" else error.hint
        yield Check(subject=SUBJECT, state="error", found=error.message, advice=advice)
        device = "cpu"
    else:
        yield _device(device, gpus, asked=config.device)
    yield from _compute_type(config.compute_type, device)
    if device == "cuda":
        yield from _cuda_libraries()
    yield from _memory(device)


def _device(device: str, gpus: list[str], asked: str) -> Check:
    details = {"device": device, "gpus": gpus, "ctranslate2_devices": ctranslate2.get_cuda_device_count()}
    if device == "cuda":
        return Check(subject=SUBJECT, state="ok", found="; ".join(gpus) or "a GPU with CUDA", details=details)
    if asked == "auto" and (gpus or Path("/dev/nvidia0").exists()):
        return Check(
            subject=SUBJECT,
            state="error",
            found=f"There is a GPU ({'; '.join(gpus) or '/dev/nvidia0'}), but CUDA cannot use it.",
            advice=f"Reinstall its driver, or set WORDLIGHT_DEVICE=cpu. {_OF_CUDA}",
            details=details,
        )
    why = "" if asked == "auto" else ", as WORDLIGHT_DEVICE asks"
    return Check(
        subject=SUBJECT,
        state="ok",
        found=f"The models run on the CPU{why}.",
        advice="" if asked == "cpu" else "With an NVIDIA GPU they are many times faster.",
        details=details,
    )


def _gpus() -> list[str]:
    """Returns name, driver and memory of each NVIDIA GPU, as its driver's own program says."""
    if (program := shutil.which("nvidia-smi")) is None:
        return []
    try:
        answer = subprocess.run([program, *_ASK], capture_output=True, text=True, timeout=_SMI_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if answer.returncode != 0:
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in answer.stdout.splitlines()]
    return [
        f"{name}, driver {driver}, {int(mib) / 1024:.0f} GiB"
        for name, driver, mib in (row for row in rows if len(row) == 3)
        if mib.isdecimal()
    ]


def _compute_type(asked: str, device: str) -> Iterator[Check]:
    known = sorted({"auto", "default", *ctranslate2.get_supported_compute_types(device)})
    if asked not in known:
        yield Check(
            subject="compute type",
            state="error",
            found=f"WORDLIGHT_COMPUTE_TYPE is {asked!r}, which this {device} does not support.",
            advice=f"Set it to one of {', '.join(known)}.",
        )


def _cuda_libraries() -> Iterator[Check]:
    import torch

    if not torch.cuda.is_available():
        yield Check(
            subject="CUDA for torch",
            state="error",
            found=f"torch {torch.__version__} cannot use the GPU; the aligners need it.",
            advice="Install the versions of requirements-lock.txt, which include CUDA's libraries.",
        )
        return
    yield Check(
        subject="CUDA for torch",
        state="ok",
        found=f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}",
        details={"cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()},
    )


def _memory(device: str) -> Iterator[Check]:
    for kind in dict.fromkeys(("cpu", device)):
        subject = "memory" if kind == "cpu" else "GPU memory"
        found = available(kind)
        if found is None:
            yield Check(subject=subject, state="skipped", found="The system does not say how much is free.")
            continue
        free, total = found
        low = free < min(RESERVE, total // 4)
        yield Check(
            subject=subject,
            state="warning" if low else "ok",
            found=f"{size_text(free)} of {size_text(total)} are free.",
            advice="Close other programs, give the container more, or choose a smaller WORDLIGHT_MODEL."
            if low
            else "",
            details={"free": free, "total": total},
        )
