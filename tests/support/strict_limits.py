"""The limits of `strict_app`, so short that a test can wait for them."""

from __future__ import annotations

HEAD_SECONDS = 1.5
IDLE_SECONDS = 1.5
STALL_SECONDS = 1.5
MIN_RATE = 4096  # bytes a second
CALLER_CONNECTIONS = 24
LINE = 8  # places in gradio's line, and recordings at work
LISTEN_SECONDS = 3
CALLER_SECONDS = 2500  # two recordings of `long_talk`, and not three
