"""A small film for an example that has a picture: snow before a window, and a lamp that is lit."""

from __future__ import annotations

import random
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFilter

SIZE = (480, 270)  # pixels
FINE = 2  # drawn this many times larger, for smooth edges
FRAMES = 12  # a second
LIT = (3.0, 4.0)  # seconds: the lamp begins to shine, and shines in full
FLAKES = 60

NIGHT, WALL, FRAME, TABLE = (28, 40, 74), (52, 40, 46), (92, 68, 58), (70, 46, 38)
SHADE, FOOT, PAGE, GLOW = (226, 170, 92), (150, 104, 74), (236, 226, 204), (255, 214, 130)
Box = tuple[float, float, float, float]


def film(seconds: float) -> Iterator[bytes]:
    """Yields the frames, each as RGB bytes of `SIZE`."""
    chance = random.Random(1)
    flakes = [(chance.random(), chance.random(), chance.uniform(0.1, 0.25)) for _ in range(FLAKES)]
    width, height = SIZE[0] * FINE, SIZE[1] * FINE
    halo = _halo(width, height)
    for frame in range(round(seconds * FRAMES)):
        time = frame / FRAMES
        light = min(1.0, max(0.0, (time - LIT[0]) / (LIT[1] - LIT[0])))
        room = Image.new("RGB", (width, height), WALL)
        _window(ImageDraw.Draw(room), width, height, flakes, time)
        _table(ImageDraw.Draw(room), width, height, light)
        room.paste(
            Image.new("RGB", room.size, GLOW), mask=halo.point(lambda entry, light=light: int(entry * light))
        )
        yield room.resize(SIZE, Image.Resampling.LANCZOS).tobytes()


def _halo(width: int, height: int) -> Image.Image:
    halo = Image.new("L", (width, height))
    x, y, radius = width * 0.68, height * 0.5, height * 0.33
    ImageDraw.Draw(halo).ellipse((x - radius, y - radius, x + radius, y + radius), fill=120)
    return halo.filter(ImageFilter.GaussianBlur(height * 0.13))


def _window(
    draw: ImageDraw.ImageDraw, width: int, height: int, flakes: list[tuple[float, float, float]], time: float
) -> None:
    left, top, right, bottom = width * 0.1, height * 0.12, width * 0.42, height * 0.66
    draw.rectangle((left, top, right, bottom), fill=NIGHT)
    for x, y, speed in flakes:
        down = (y + speed * time) % 1
        at = (left + x * (right - left), top + down * (bottom - top))
        draw.ellipse((at[0] - 3, at[1] - 3, at[0] + 3, at[1] + 3), fill=(235, 240, 250))
    draw.rectangle((left, top, right, bottom), outline=FRAME, width=10)
    draw.line(((left + right) / 2, top, (left + right) / 2, bottom), fill=FRAME, width=8)
    draw.line((left, (top + bottom) / 2, right, (top + bottom) / 2), fill=FRAME, width=8)


def _table(draw: ImageDraw.ImageDraw, width: int, height: int, light: float) -> None:
    draw.rectangle((0, height * 0.8, width, height), fill=TABLE)
    x, y = width * 0.68, height
    shade = tuple(
        round(dark + (full - dark) * light) for dark, full in zip((120, 92, 70), SHADE, strict=True)
    )
    draw.rectangle((x - 5, y * 0.5, x + 5, y * 0.78), fill=FOOT)
    draw.ellipse((x - 42, y * 0.75, x + 42, y * 0.83), fill=FOOT)
    draw.polygon([(x - 40, y * 0.36), (x + 40, y * 0.36), (x + 74, y * 0.56), (x - 74, y * 0.56)], fill=shade)
    book = x - width * 0.2
    draw.polygon(
        [(book - 70, y * 0.82), (book, y * 0.85), (book, y * 0.92), (book - 80, y * 0.88)], fill=PAGE
    )
    draw.polygon(
        [(book + 70, y * 0.82), (book, y * 0.85), (book, y * 0.92), (book + 80, y * 0.88)], fill=PAGE
    )
