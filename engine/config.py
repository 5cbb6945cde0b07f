"""The installation's settings: read from the environment once, then frozen."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any

from engine.errors import SetupError

PREFIX = "WORDLIGHT_"
MIB = 1024 * 1024
FENCES = ("auto", "require", "off")

_SWITCH = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def _setting(default: Any, help: str, env: str | None = None, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"help": help, "env": env})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one installation. Each field is read from `WORDLIGHT_<NAME>` unless its own says
    another variable; `settings()` lists them for the README."""

    device: str = _setting("auto", "`cuda`, `cpu`, or `auto`: CUDA where there is one")
    model: str = _setting("auto", "Whisper model; `auto` is large-v3-turbo on CUDA, base on CPU")
    models: tuple[str, ...] = _setting((), "further models that a request may ask for, comma-separated")
    compute_type: str = _setting("auto", "CTranslate2 number format; `auto` is float16 on CUDA, int8 on CPU")
    aligner: str = _setting(
        "auto", "how words are timed unless the request says: `auto`, `wav2vec2`, `phonetic` or `attention`"
    )
    align_languages: tuple[str, ...] = _setting(("en",), "languages whose aligner is loaded at start")
    model_dir: Path | None = _setting(
        None, "directory with models in folders named after them; looked at first"
    )
    cache_dir: Path = _setting(Path("~/.cache/wordlight"), "where embedded weights are joined")
    temp_dir: Path = _setting(Path(tempfile.gettempdir()) / "wordlight", "where uploads and results live")
    offline: bool = _setting(False, "never ask the hub, use only what is on this machine")
    hf_token: str | None = _setting(
        None, "token for the hub, where a model needs one", env="HF_TOKEN", secret=True
    )
    hub_cache: Path | None = _setting(
        None, "the hub's cache, where it is not the usual one", env="HF_HUB_CACHE"
    )
    threads: int = _setting(0, "CPU threads for the models; 0 takes one a core")
    batch_size: int = _setting(
        0, "windows decoded together; 0 is 16 on CUDA, 2 on CPU, where each core, up to four, has its own"
    )
    max_requests: int = _setting(64, "recordings at work at a time; beyond, a request is told to come back")
    caller_at_once: int = _setting(
        32, "recordings at work at a time for one API key or, without keys, one address; 0 sets no limit"
    )
    caller_per_minute: int = _setting(0, "recordings a minute for the same; 0 sets no limit")
    api_keys: tuple[str, ...] = _setting(
        (), "keys that the HTTP routes ask for, comma-separated; none leaves them open", secret=True
    )
    auth: tuple[str, ...] = _setting(
        (), "who may sign in to the page, as `name:password`, comma-separated; none asks nobody", secret=True
    )
    cors_origins: tuple[str, ...] = _setting(
        (), "origins whose pages may call from a browser, such as `https://example.org`; `*` is all"
    )
    max_seconds: float = _setting(4 * 3600.0, "longest recording accepted, in seconds")
    max_bytes: int = _setting(2048 * MIB, "largest file accepted, in bytes")
    decode_stall: float = _setting(30.0, "seconds that ffmpeg may go without output before it is stopped")
    decode_memory: int = _setting(2048 * MIB, "address space that ffmpeg may take, in bytes")
    fence: str = _setting(
        "auto",
        "whether ffmpeg is kept from the network and from other files: `auto` as far as this machine can, "
        "`require` refuses recordings if it cannot, `off` does not",
    )
    keep_seconds: float = _setting(3600.0, "how long uploads and results are kept, in seconds")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Config:
        """Reads the settings. Raises SetupError naming the variable whose value cannot be read."""
        env = os.environ if env is None else env
        values = {}
        for setting in fields(cls):
            variable = variable_of(setting)
            raw = env.get(variable, "").strip()
            if raw:
                values[setting.name] = _read(variable, raw, setting.default)
                # A list of secrets that comes out empty would open what it is meant to close.
                if values[setting.name] == () and not setting.repr and raw != "none":
                    raise SetupError(f"{variable} is set and holds nothing.", "Fill it in, or write none.")
        return cls(**values)

    def __post_init__(self) -> None:
        for name in ("model_dir", "cache_dir", "temp_dir", "hub_cache"):
            path = getattr(self, name)
            object.__setattr__(self, name, Path(path).expanduser() if path else None)
        if self.fence not in FENCES:
            raise SetupError(f"WORDLIGHT_FENCE is {self.fence!r}.", f"It must be one of {', '.join(FENCES)}.")
        if not all(name and password for name, password in self.logins):
            raise SetupError("WORDLIGHT_AUTH is not a list of logins.", "Each must be name:password.")

    @property
    def logins(self) -> list[tuple[str, str]]:
        """Names and passwords for the page."""
        return [(name, password) for name, _, password in (login.partition(":") for login in self.auth)]


def variable_of(setting: Any) -> str:
    return setting.metadata["env"] or PREFIX + setting.name.upper()


def settings() -> list[tuple[str, str, str]]:
    """Returns (variable, default, help) for every setting, in the order of the class."""
    return [(variable_of(s), _show(s.default), s.metadata["help"]) for s in fields(Config)]


def _read(variable: str, raw: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return _SWITCH[raw.lower()]
        if isinstance(default, tuple):
            return () if raw == "none" else tuple(part.strip() for part in raw.split(",") if part.strip())
        if isinstance(default, int | float | Path):
            value = Path(raw) if isinstance(default, Path) else type(default)(raw)
            if isinstance(value, int | float) and not 0 <= value < inf:
                raise ValueError(raw)
            return value
        return raw
    except (KeyError, ValueError):
        kind = {bool: "true or false", int: "a whole number, 0 or more", float: "a number, 0 or more"}[
            type(default)
        ]
        raise SetupError(f"{variable} is {raw!r}.", f"It must be {kind}.") from None


def _show(default: Any) -> str:
    if isinstance(default, tuple):
        return ",".join(default)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default is None else str(default)
