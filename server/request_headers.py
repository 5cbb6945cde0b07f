"""Headers that say how a request was understood, for clients that send more than this server uses."""

from __future__ import annotations

MODEL_HEADER = "X-Wordlight-Model"  # the model that was used, by its name here
IGNORED_HEADER = "X-Wordlight-Ignored"  # the fields without effect, between commas
