"""Times read the same on the page and in what Python writes."""

from __future__ import annotations

import json
import subprocess

from engine.text.clock import clock, stretch
from page.components import ASSETS

TIMES = [0.0, 0.4, 7.99, 59.9, 60.0, 754.2, 3599.999, 3600.0, 3723.5, 36_000.0]  # seconds
SPANS = [[time, time + length] for time in TIMES for length in (0.0, 0.5, 14.3)]

SCRIPT = """
const { clock, clockSpan } = await import(process.argv[1]);
const [times, spans] = JSON.parse(process.argv[2]);
console.log(JSON.stringify([times.map(clock), spans.map((span) => clockSpan(...span))]));
"""


def test_the_page_s_clock_is_python_s() -> None:
    module = (ASSETS / "shared" / "clock.js").as_uri()
    command = ["node", "--input-type=module", "-e", SCRIPT, module, json.dumps([TIMES, SPANS])]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert json.loads(said) == [[clock(entry) for entry in TIMES], [stretch(*entry) for entry in SPANS]]
