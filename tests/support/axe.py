"""What axe-core finds against the rules of accessibility on a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.chromium import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "browser" / "node_modules" / "axe-core" / "axe.min.js"

# What gradio itself causes and nothing of ours can change: the reason, axe's rule, a part of the element.
GRADIOS = {
    "its drop zone is named otherwise than it reads": ("label-content-name-mismatch", "aria-dropeffect"),
    "its button for more files holds the field that it opens": ("nested-interactive", "icon-button"),
}

# Whether no fade is under way, on a machine that may be busy: half a colour has half its contrast.
STILL = """() => document.getAnimations().every((each) =>
  each.playState !== "running" || each.effect.getComputedTiming().endTime === Infinity)"""

RUN = """() => axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => ({
      id, impact, target: target.join(" "), html: html.slice(0, 200), why: failureSummary,
      ours: Boolean(document.querySelector(target[0])?.closest("[class*='wl-'], #title, #ready, #results")),
    }))))"""


def violations(page: Page) -> list[dict[str, Any]]:
    """Returns what is against the rules in our parts, or seriously so anywhere, but for what gradio causes."""
    page.wait_for_timeout(400)  # for fades to begin
    page.wait_for_function(STILL, timeout=PATIENCE)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(RUN)
    return [
        entry
        for entry in found
        if (entry["ours"] or entry["impact"] in ("serious", "critical"))
        and not any(rule == entry["id"] and place in entry["html"] for rule, place in GRADIOS.values())
    ]
