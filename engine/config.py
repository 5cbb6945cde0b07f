"""The settings of an installation, read from the environment once and then frozen."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from engine.errors import SetupError
from engine.hosting import space
from engine.text.setting_values import check_choice, described, read_value, setting, variable_that_is_set
from engine.weights.pins import Pin, check_hash

MIB = 1024 * 1024
FOR_EVER = 100 * 365 * 86_400.0  # seconds; a date that every calendar can show
FENCES = ("auto", "require", "off")
DIARIZERS = ("auto", "embedded", "pyannote")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Holds the settings of one installation.

    Each field is read from `WORDLIGHT_<NAME>`, unless it names another variable. `settings()` lists them for
    docs/operations.md.
    """

    device: str = setting("auto", "`cuda`, `cpu`, or `auto`: CUDA if there is a GPU")
    model: str = setting("auto", "Whisper model; `auto` is large-v3-turbo on CUDA, base on CPU")
    models: tuple[str, ...] = setting(
        ("auto",), "further models of requests, comma-separated; `auto`: those of docs/models.md here"
    )
    unload_seconds: float = setting(
        900.0, "seconds after which unused models leave memory until needed; 0 never, as on a Space"
    )
    foreign_models: bool = setting(
        True,
        "whether a name of another server's model, such as `gpt-transcribe`, means the default model on OpenAI's "
        "routes; the answer's header `X-Wordlight-Model` names the model used",
    )
    compute_type: str = setting("auto", "CTranslate2 number format; `auto` is float16 on CUDA, int8 on CPU")
    aligner: str = setting(
        "auto", "default aligner of a request: `auto`, `wav2vec2`, `phonetic` or `attention`"
    )
    diarization: str = setting(
        "auto",
        "what tells speakers apart: `embedded`, `pyannote` (large; for CUDA), or `auto`: pyannote on CUDA "
        "if there is a copy of it or a token, else embedded",
    )
    align_languages: tuple[str, ...] = setting(("en",), "languages whose aligner is loaded at start")
    model_dir: Path | None = setting(
        None, "directory with models in folders named after them; searched first"
    )
    cache_dir: Path = setting(Path("~/.cache/wordlight"), "folder in which embedded weights are joined")
    temp_dir: Path = setting(
        Path(tempfile.gettempdir()) / "wordlight",
        "folder in which `wordlight-data` holds uploads and transcripts; "
        "`GRADIO_TEMP_DIR` is used if only that is set, and `/data` on a Space with storage",
    )
    offline: bool = setting(False, "use only models on this machine, never the hub")
    hf_token: str | None = setting(
        None, "token for the hub, if a model needs one", env="HF_TOKEN", secret=True
    )
    hub_cache: Path | None = setting(
        None, "folder of the hub's cache, if not the usual one", env="HF_HUB_CACHE"
    )
    revisions: tuple[str, ...] = setting(
        (),
        "commits at which models are fetched from the hub, as `owner/name@commit`, comma-separated; "
        "they override the commits that Wordlight pins",
    )
    trusted_pickles: tuple[str, ...] = setting(
        (), "SHA-256 of pickled weights (`pytorch_model.bin`) that may be loaded, comma-separated"
    )
    threads: int = setting(0, "CPU threads for the models; 0 takes one per core")
    batch_size: int = setting(
        0, "windows decoded together; 0 is 16 on CUDA; on CPU 2 for each of at most four cores, or 4 if alone"
    )
    max_requests: int = setting(
        64, "most transcriptions at the same time; further requests get 503 with Retry-After"
    )
    caller_concurrency: int = setting(
        32,
        "most transcriptions of one caller (API key, login or IP address) at the same time; 0 sets no limit",
        alias="WORDLIGHT_CALLER_AT_ONCE",
    )
    caller_per_minute: int = setting(0, "most transcriptions of one caller per minute; 0 sets no limit")
    caller_seconds: float = setting(
        12 * 3600.0,
        "most seconds of audio of one caller at the same time; a single recording is always taken; 0 sets no limit",
    )
    max_batch: int = setting(100, "most files that the page transcribes with one click; 0 sets no limit")
    listen_seconds: float = setting(
        30.0, "seconds that work begun over gradio continues without a client that reads its events"
    )
    unattended_seconds: float = setting(
        4 * 3600.0, "seconds that work begun on the page goes on while no page shows it; 0 ends it soon"
    )
    head_seconds: float = setting(10.0, "longest wait for the head of a request, in seconds; 0 sets no limit")
    idle_seconds: float = setting(
        60.0, "longest time that a connection stays open between two requests, in seconds; 0 sets no limit"
    )
    stall_seconds: float = setting(
        30.0, "seconds over which a body or a reader must keep the least rate; 0 sets no limit"
    )
    min_rate: int = setting(1024, "least rate of a body or a reader, in bytes per second")
    max_connections: int = setting(
        4096, "most connections at the same time, below the limit of file descriptors; 0 takes that limit"
    )
    caller_connections: int = setting(
        256,
        "most connections from one address, except the proxies in `FORWARDED_ALLOW_IPS`; 0 sets no limit",
    )
    shutdown_seconds: float = setting(9.0, "seconds from SIGTERM to the end of the process")
    login_failures: int = setting(
        10, "wrong passwords or API keys from one address before a lock; 0 never locks"
    )
    login_lock_seconds: float = setting(300.0, "seconds that such an address stays locked")
    api_keys: tuple[str, ...] = setting(
        (), "API keys for the HTTP routes, comma-separated; without any, the routes are open", secret=True
    )
    auth: tuple[str, ...] = setting(
        (),
        "logins for the page, as `name:password`, comma-separated; without any, the page is open",
        secret=True,
    )
    cors_origins: tuple[str, ...] = setting(
        (), "origins whose pages may call this server, such as `https://example.org`; `*` is all"
    )
    allowed_hosts: tuple[str, ...] = setting(
        ("auto",),
        "hosts that the server answers to, comma-separated; `auto` is any host if it listens on all interfaces, "
        "else its own; loopback names are always included",
    )
    frame_ancestors: tuple[str, ...] = setting(
        ("auto",),
        "origins that may show the page in a frame; `auto` is itself and, on a Space, huggingface.co; "
        "`none` allows no origin, `*` all",
    )
    forwarded_allow_ips: tuple[str, ...] = setting(
        ("auto",),
        "proxies whose `X-Forwarded-*` is trusted, by address or network; `*` is any; `auto` is "
        "none or, on a Space, its proxies",
        env="FORWARDED_ALLOW_IPS",
    )
    server_name: str = setting(
        "127.0.0.1", "address to listen on; `0.0.0.0` is all interfaces", env="GRADIO_SERVER_NAME"
    )
    space_id: str | None = setting(None, "set by Hugging Face on a Space", env="SPACE_ID")
    space_host: str | None = setting(None, "the Space's host, set by Hugging Face", env="SPACE_HOST")
    zero_gpu: bool = setting(False, "set by Hugging Face if ZeroGPU lends the GPU", env="SPACES_ZERO_GPU")
    max_seconds: float = setting(4 * 3600.0, "longest recording accepted, in seconds")
    max_bytes: int = setting(2048 * MIB, "largest file accepted, in bytes")
    ffmpeg_stall: float = setting(
        30.0, "seconds without output after which ffmpeg is stopped", alias="WORDLIGHT_DECODE_STALL"
    )
    ffmpeg_memory: int = setting(
        2048 * MIB, "most address space of ffmpeg, in bytes", alias="WORDLIGHT_DECODE_MEMORY"
    )
    ffmpeg_memory_total: int = setting(
        0,
        "most memory of all ffmpeg processes together, in bytes; 0 is a quarter of the memory of the machine or "
        "container",
    )
    fence: str = setting(
        "auto",
        "whether ffmpeg is kept from the network and from other files: `auto` as far as the machine supports it, "
        "`require` refuses recordings otherwise, `off` never",
    )
    keep_seconds: float = setting(
        3600.0, "seconds that uploads and transcripts are kept; 0 keeps them for ever"
    )
    min_free_bytes: int = setting(
        100 * MIB,
        "disk space that uploads leave free, in bytes; with less, uploads get 507 and `/health/ready` fails",
    )
    max_temp_bytes: int = setting(
        0, "largest size of all uploads and transcripts together, in bytes; 0 sets no limit"
    )
    data_dir: Path | None = setting(
        None,
        "where jobs and their recordings are stored, in a folder `wordlight-jobs` of its own; unless set, `/data` on "
        "a Space with storage, else `WORDLIGHT_TEMP_DIR`",
    )
    database: str | None = setting(
        None,
        "SQLAlchemy URL of the jobs' database, such as `postgresql+psycopg://user:password@host/name`; unless set, "
        "an SQLite file beside the recordings",
        secret=True,
    )
    job_workers: int = setting(2, "jobs at work at a time in this process; 0 leaves them to other processes")
    max_jobs: int = setting(10_000, "unfinished jobs of all callers; beyond, a new one is told to come back")
    caller_jobs: int = setting(1000, "unfinished jobs of one caller; 0 sets no limit")
    webhook_secret: str | None = setting(
        None, "signs webhooks; without it they are sent unsigned", secret=True
    )
    webhook_allow: tuple[str, ...] = setting(
        (),
        "hosts and networks that webhooks may reach though they are not public, such as `hooks.lan,10.0.0.0/8`, "
        "comma-separated",
    )
    mcp: bool = setting(True, "whether `/mcp` offers its tools to language models (docs/mcp.md)")
    link_allow: tuple[str, ...] = setting((), "hosts and networks that links may lead to beside public ones")
    grace_seconds: float = setting(
        60.0,
        "how long a transcription over HTTP goes on once its connection is lost, in seconds, so that the same "
        "request can join it; 0 ends it at once",
    )
    blank_seconds: float = setting(
        15.0,
        "how long a JSON answer that is not streamed may keep a connection silent before it sends a blank, in "
        "seconds; 0 sends none",
    )

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Config:
        """Reads the settings. Raises SetupError naming the variable with a wrong value."""
        env = os.environ if env is None else env
        values = {}
        for each in fields(cls):
            variable = variable_that_is_set(each, env)
            if raw := env.get(variable, "").strip():
                values[each.name] = read_value(variable, raw, each.default)
                # An empty list of secrets would open the routes that it is meant to close.
                if values[each.name] == () and not each.repr and raw != "none":
                    raise SetupError(f"{variable} is set and holds nothing.", "Give a value, or write none.")
        # One folder holds everything, so that an upload can be moved to its place by a rename.
        if "temp_dir" not in values and (gradio := env.get("GRADIO_TEMP_DIR", "").strip()):
            values["temp_dir"] = Path(gradio)
        config = cls(**values)
        if config.on_space and "unload_seconds" not in values:  # its memory serves nothing else
            config = replace(config, unload_seconds=0.0)
        storage = None if "temp_dir" in values else config.storage
        return replace(config, temp_dir=storage) if storage else config

    def __post_init__(self) -> None:
        for name in ("model_dir", "cache_dir", "temp_dir", "hub_cache", "data_dir"):
            path = getattr(self, name)
            object.__setattr__(self, name, Path(path).expanduser() if path else None)
        self._settle_revisions()
        check_choice("WORDLIGHT_FENCE", self.fence, FENCES)
        check_choice("WORDLIGHT_DIARIZATION", self.diarization, DIARIZERS)
        if not all(name and password for name, password in self.logins):
            raise SetupError("WORDLIGHT_AUTH is not a list of logins.", "Each must be name:password.")

    def _settle_revisions(self) -> None:
        """Takes the commits from the names of models, and checks all commits and hashes."""
        named = [each for each in (self.model, *self.models) if "@" in each]
        pins = [Pin.parse(text, "WORDLIGHT_REVISIONS") for text in self.revisions]
        pins += [Pin.parse(text, "WORDLIGHT_MODEL or WORDLIGHT_MODELS") for text in named]
        revisions = dict.fromkeys(f"{pin.name}@{pin.commit}" for pin in pins)
        object.__setattr__(self, "revisions", tuple(revisions))
        object.__setattr__(self, "model", self.model.partition("@")[0])
        object.__setattr__(self, "models", tuple(each.partition("@")[0] for each in self.models))
        for text in self.trusted_pickles:
            check_hash(text, "WORDLIGHT_TRUSTED_PICKLES")

    @property
    def pins(self) -> tuple[Pin, ...]:
        """Returns the operator's commits; of two for one model, the later one counts."""
        return tuple(Pin.parse(text, "WORDLIGHT_REVISIONS") for text in self.revisions)

    @property
    def jobs_dir(self) -> Path:
        """The folder in which the folder of the jobs is made."""
        return self.data_dir or self.storage or self.temp_dir

    @property
    def storage(self) -> Path | None:
        """Returns a Space's folder that outlives a restart, if this is a Space that has one."""
        return space.storage() if self.on_space else None

    @property
    def keep_for(self) -> float:
        """Seconds that uploads and results are kept; a number also if they are kept for ever."""
        return self.keep_seconds or FOR_EVER

    @property
    def on_space(self) -> bool:
        """Returns whether this is a Hugging Face Space, reached only through a proxy."""
        return bool(self.space_id or self.space_host)

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """Returns the proxies whose `X-Forwarded-*` is trusted; `*` is any."""
        if self.forwarded_allow_ips == ("auto",):
            return space.PROXIES if self.on_space else ()
        return self.forwarded_allow_ips

    @property
    def logins(self) -> list[tuple[str, str]]:
        """Returns names and passwords for the page."""
        return [(name, password) for name, _, password in (login.partition(":") for login in self.auth)]


def settings() -> list[tuple[str, str, str]]:
    """Returns (variable, default, help) of every setting, in the order of the class."""
    return [described(each) for each in fields(Config)]
