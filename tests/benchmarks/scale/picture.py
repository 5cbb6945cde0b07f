"""Draws the simulated days as an SVG picture: the load of the replicas, and how long clips take, by hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.benchmarks.scale.simulation import Cluster, Day, percentile

WIDTH, HEIGHT = 760, 300
LEFT, TOP, RIGHT, BOTTOM = 56, 36, 16, 40  # of the axes
COLOURS = ("#2563eb", "#d97706", "#059669")


def draw(days: Mapping[str, tuple[Cluster, Day]]) -> str:
    """Returns a picture with two charts side by side; each day is a line under its name."""
    loads = {
        name: [100 * busy / 3600 / cluster.replicas for busy in day.busy]
        for name, (cluster, day) in days.items()
    }
    ends = {
        name: [percentile([end for at, _, end in day.clips if at == hour], 0.95) for hour in range(24)]
        for name, (_, day) in days.items()
    }
    half = WIDTH // 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12" fill="#334155">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_chart(loads, "busy replicas, %", 100.0, x=0, width=half),
        *_chart(ends, "time of a clip, s (95 of 100 are faster)", _ceiling(ends), x=half, width=half),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ceiling(lines: Mapping[str, Sequence[float]]) -> float:
    most = max(max(line) for line in lines.values())
    return next(limit for limit in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1e9) if most <= limit)


def _chart(lines: Mapping[str, Sequence[float]], title: str, top: float, *, x: int, width: int) -> list[str]:
    inner, tall = width - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(hour: float, value: float) -> str:
        return f"{x + LEFT + inner * hour / 23:.1f},{TOP + tall * (1 - value / top):.1f}"

    parts = [f'<text x="{x + LEFT}" y="20" font-weight="bold">{title}</text>']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        height = TOP + tall * (1 - share)
        parts.append(
            f'<path d="M{x + LEFT} {height:.1f}h{inner}" stroke="#cbd5e1" stroke-width="1"/>'
            f'<text x="{x + LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{share * top:g}</text>'
        )
    for hour in range(0, 24, 6):
        parts.append(
            f'<text x="{place(hour, 0).split(",")[0]}" y="{HEIGHT - 18}" text-anchor="middle">{hour}:00</text>'
        )
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(place(hour, value) for hour, value in enumerate(line))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        across = x + LEFT + 8 + 105 * number
        parts.append(
            f'<path d="M{across} {HEIGHT - 6}h16" stroke="{colour}" stroke-width="3"/>'
            f'<text x="{across + 21}" y="{HEIGHT - 2}">{name}</text>'
        )
    return parts
