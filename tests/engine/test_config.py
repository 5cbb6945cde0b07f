"""Settings read from the environment."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

from engine import Config
from engine.config import settings
from engine.errors import SetupError
from engine.text.setting_values import variable_of
from tests.support.recordings import ROOT


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Config.from_env({}) == Config()


def test_the_defaults_bound_what_strangers_can_take() -> None:
    """The tests of these limits set their own, so short that they can wait for them."""
    config = Config()
    assert 0 < config.head_seconds <= 10 and 0 < config.idle_seconds <= 60
    assert 0 < config.stall_seconds <= 60 and config.min_rate > 0
    assert config.shutdown_seconds < 10, "Docker kills a container after that"
    limits = (
        config.caller_connections, config.caller_seconds, config.caller_concurrency, config.caller_jobs,
        config.max_batch, config.max_requests, config.listen_seconds, config.unattended_seconds,
        config.login_failures, config.login_lock_seconds, config.min_free_bytes, config.keep_seconds,
    )  # fmt: skip
    assert all(limits), "0 sets no limit"
    assert config.trusted_proxies == () and config.fence == "auto"


@pytest.mark.parametrize("setting", fields(Config), ids=lambda setting: setting.name)
def test_an_empty_variable_counts_as_not_set(setting: Any) -> None:
    assert Config.from_env({variable_of(setting): "  "}) == Config()


@pytest.mark.parametrize(
    ("variable", "raw", "name", "value"),
    [
        ("WORDLIGHT_DEVICE", "cuda", "device", "cuda"),
        ("WORDLIGHT_MODEL", " small ", "model", "small"),
        ("WORDLIGHT_MODELS", "tiny, base,,", "models", ("tiny", "base")),
        ("WORDLIGHT_ALIGN_LANGUAGES", "de", "align_languages", ("de",)),
        ("WORDLIGHT_MODEL_DIR", "/models", "model_dir", Path("/models")),
        ("WORDLIGHT_CACHE_DIR", "/cache", "cache_dir", Path("/cache")),
        ("WORDLIGHT_OFFLINE", "1", "offline", True),
        ("WORDLIGHT_OFFLINE", "Yes", "offline", True),
        ("WORDLIGHT_OFFLINE", "false", "offline", False),
        ("WORDLIGHT_THREADS", "3", "threads", 3),
        ("WORDLIGHT_BATCH_SIZE", "8", "batch_size", 8),
        ("WORDLIGHT_MAX_SECONDS", "90.5", "max_seconds", 90.5),
        ("WORDLIGHT_MAX_BYTES", "1000", "max_bytes", 1000),
        ("HF_TOKEN", "hf_abc", "hf_token", "hf_abc"),
    ],
)
def test_a_variable_is_read_as_its_setting_needs(variable: str, raw: str, name: str, value: object) -> None:
    read = getattr(Config.from_env({variable: raw}), name)
    assert read == value
    assert type(read) is type(value) or isinstance(value, Path)


@pytest.mark.parametrize(
    ("variable", "raw", "kind"),
    [
        ("WORDLIGHT_OFFLINE", "perhaps", "true or false"),
        ("WORDLIGHT_THREADS", "many", "a whole number"),
        ("WORDLIGHT_THREADS", "1.5", "a whole number"),
        ("WORDLIGHT_MAX_BYTES", "2 GB", "a whole number"),
        ("WORDLIGHT_MAX_SECONDS", "an hour", "a number"),
    ],
)
def test_a_bad_value_names_its_variable_and_what_it_must_be(variable: str, raw: str, kind: str) -> None:
    with pytest.raises(SetupError) as caught:
        Config.from_env({variable: raw})
    assert variable in str(caught.value)
    assert repr(raw) in str(caught.value)
    assert kind in caught.value.hint


def test_the_process_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDLIGHT_BATCH_SIZE", "7")
    assert Config.from_env().batch_size == 7


def test_home_is_filled_in_for_paths() -> None:
    config = Config(cache_dir=Path("~/cache"), model_dir=Path("~/models"))
    assert config.cache_dir == Path.home() / "cache"
    assert config.model_dir == Path.home() / "models"
    assert Config().model_dir is None


def test_the_token_is_not_shown_with_the_settings() -> None:
    assert "hf_secret" not in repr(Config(hf_token="hf_secret"))


@pytest.mark.parametrize("variable", ["WORDLIGHT_API_KEYS", "WORDLIGHT_AUTH"])
def test_a_list_of_secrets_that_holds_none_opens_nothing(variable: str) -> None:
    for raw in (",", " , ,"):
        with pytest.raises(SetupError, match=f"{variable} is set and holds nothing"):
            Config.from_env({variable: raw})
    assert Config.from_env({variable: "none"}) == Config.from_env({variable: ""}) == Config()


def test_settings_lists_every_field_with_its_variable_default_and_help() -> None:
    listed = settings()
    assert [variable for variable, _, _ in listed] == [variable_of(setting) for setting in fields(Config)]
    assert len({variable for variable, _, _ in listed}) == len(listed)
    others = {
        "FORWARDED_ALLOW_IPS",
        "GRADIO_SERVER_NAME",
        "SPACE_ID",
        "SPACE_HOST",
        "SPACES_ZERO_GPU",
    }  # of gradio and of Spaces
    own = {variable for variable, _, _ in listed} - others
    assert all(variable.startswith(("HF_", "WORDLIGHT_")) for variable in own)
    assert all(help for _, _, help in listed)


def test_the_listed_defaults_are_read_back_as_the_defaults() -> None:
    listed = {variable: default for variable, default, _ in settings()}
    assert Config.from_env(listed) == Config()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Config().threads = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    ("former", "variable", "field"),
    [
        ("WORDLIGHT_DECODE_STALL", "WORDLIGHT_FFMPEG_STALL", "ffmpeg_stall"),
        ("WORDLIGHT_DECODE_MEMORY", "WORDLIGHT_FFMPEG_MEMORY", "ffmpeg_memory"),
        ("WORDLIGHT_CALLER_AT_ONCE", "WORDLIGHT_CALLER_CONCURRENCY", "caller_concurrency"),
    ],
)
def test_a_setting_is_read_from_its_former_name_unless_the_new_one_is_set(
    former: str, variable: str, field: str
) -> None:
    assert getattr(Config.from_env({former: "7"}), field) == 7
    assert getattr(Config.from_env({former: "7", variable: "8"}), field) == 8
    with pytest.raises(SetupError, match=former):
        Config.from_env({former: "many"})
    assert former in (ROOT / "docs/operations.md").read_text("utf-8")


def test_a_space_with_storage_holds_everything_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.hosting.space.STORAGE", tmp_path)
    space = {"SPACE_ID": "a/b"}
    found = Config.from_env(space)
    assert found.temp_dir == found.jobs_dir == tmp_path  # a job of the page needs its upload after a restart
    assert Config.from_env({}).temp_dir == Config().temp_dir
    assert Config.from_env(space | {"GRADIO_TEMP_DIR": "/elsewhere"}).temp_dir == Path("/elsewhere")
    monkeypatch.setattr("engine.hosting.space.STORAGE", tmp_path / "none")
    assert Config.from_env(space).temp_dir == Config().temp_dir
