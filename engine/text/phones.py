"""Writes and reads the phones of a word as one text: "F 0.09 AA 0.12 K 0.05 S 0.11", names and seconds in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Phone = tuple[str, float]  # its name, and its seconds


def write_phones(phones: Iterable[Phone]) -> str:
    """Returns phones as one text, with hundredths of a second, which are the frames of the aligner."""
    return " ".join(f"{name} {seconds:.2f}" for name, seconds in phones)


def read_phones(written: str) -> Iterator[Phone]:
    """Yields the phones of a text. Raises ValueError."""
    parts = written.split()
    for name, seconds in zip(parts[::2], parts[1::2], strict=True):
        yield name, float(seconds)
