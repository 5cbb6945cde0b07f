"""Spoils files reproducibly: own mutations, or zzuf's and radamsa's if they are installed."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import partial

# Values that lengths, counts and rates are most often mistaken about.
EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
HEAD_BYTES = 512  # in which most of a format's fields stand
HEAD_SHARE = 0.7  # of mutations that fall there
TOOLS = ("radamsa", "zzuf")

Mutation = Callable[[bytearray, random.Random], bytearray]


def mutate(data: bytes, seed: int, others: Sequence[bytes] = ()) -> bytes:
    """Returns a file spoiled by one to six mutations; equal arguments give equal results.

    others  files of other formats, parts of which may be put in
    """
    chance = random.Random(seed)
    spoiled = bytearray(data)
    mutations = [*_MUTATIONS, *([partial(_splice, others)] if others else [])]
    for _ in range(chance.randint(1, 6)):
        spoiled = chance.choice(mutations)(spoiled, chance)
    return bytes(spoiled)


def tool(name: str, data: bytes, seed: int) -> bytes:
    """Returns a file spoiled by radamsa or zzuf."""
    arguments = {"radamsa": ["-s", str(seed)], "zzuf": ["-s", str(seed), "-r", "0.0005:0.02"]}[name]
    return subprocess.run([name, *arguments], input=data, capture_output=True, check=True, timeout=60).stdout


def tools() -> list[str]:
    """Returns which of them are installed."""
    return [name for name in TOOLS if shutil.which(name)]


def _place(data: bytearray, chance: random.Random) -> int:
    most = min(HEAD_BYTES, len(data)) if chance.random() < HEAD_SHARE else len(data)
    return chance.randrange(max(1, most))


def _flip_bits(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.randint(1, 32)):
        if data:
            data[_place(data, chance)] ^= 1 << chance.randrange(8)
    return data


def _set_bytes(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.randint(1, 16)):
        if data:
            data[_place(data, chance)] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))
    return data


def _set_number(data: bytearray, chance: random.Random) -> bytearray:
    """Puts a number at the edge of its range where a length or a count may stand."""
    size = chance.choice((2, 4, 8))
    value = min(chance.choice(EDGES), (1 << (8 * size)) - 1)
    at = _place(data, chance) & ~1
    data[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))
    return data


def _cut(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randrange(len(data) + 1)]


def _remove(data: bytearray, chance: random.Random) -> bytearray:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 4, 64, 1024, 65_536))]
    return data


def _repeat(data: bytearray, chance: random.Random) -> bytearray:
    at, size = _place(data, chance), chance.choice((1, 8, 64, 1024))
    data[at:at] = data[at : at + size] * chance.choice((1, 2, 16, 256))
    return data


def _swap(data: bytearray, chance: random.Random) -> bytearray:
    one, two, size = _place(data, chance), _place(data, chance), chance.choice((4, 16, 256))
    first, second = data[one : one + size], data[two : two + size]
    data[one : one + len(second)] = second
    data[two : two + len(first)] = first
    return data


def _blank(data: bytearray, chance: random.Random) -> bytearray:
    at = _place(data, chance)
    size = min(chance.choice((4, 64, 4096)), len(data) - at)
    data[at : at + size] = bytes([chance.choice((0, 0xFF))]) * size
    return data


def _append(data: bytearray, chance: random.Random) -> bytearray:
    return data + chance.randbytes(chance.choice((1, 100, 10_000)))


def _splice(others: Sequence[bytes], data: bytearray, chance: random.Random) -> bytearray:
    other = chance.choice(others)
    start = chance.randrange(max(1, len(other)))
    part = other[start : start + chance.choice((16, 512, 8192))]
    at = _place(data, chance)
    data[at : at + chance.choice((0, len(part)))] = part
    return data


_MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits, _set_bytes, _set_number, _cut, _remove, _repeat, _swap, _blank, _append,
)  # fmt: skip
