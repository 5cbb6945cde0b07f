"""The words for yes and no."""

from __future__ import annotations

# What a form, a command line and the environment may say for yes and no, in small letters.
YES_NO = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
