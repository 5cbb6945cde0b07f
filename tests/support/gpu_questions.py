"""Notes whether something asks for a GPU, which nothing may before a snapshot is taken or a process is forked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import ctranslate2
import torch

QUESTIONS: tuple[tuple[Any, str], ...] = (
    (ctranslate2, "get_cuda_device_count"),
    (torch.cuda, "device_count"),
    (torch.cuda, "is_available"),
)


@contextmanager
def noting_gpu_questions() -> Iterator[list[str]]:
    """Gives a list of the functions that were called in the block."""
    asked: list[str] = []
    patches = [
        patch.object(owner, name, _noting(getattr(owner, name), asked, f"{owner.__name__}.{name}"))
        for owner, name in QUESTIONS
    ]
    for each in patches:
        each.start()
    try:
        yield asked
    finally:
        for each in patches:
            each.stop()


def _noting(function: Callable[..., Any], calls: list[str], name: str) -> Callable[..., Any]:
    def noted(*args: Any, **named: Any) -> Any:
        calls.append(name)
        return function(*args, **named)

    return noted
