"""The Dockerfile and compose.yaml: what they name exists; `make container-test` builds the image and runs it."""

from __future__ import annotations

import json

import pytest
import yaml

from engine.config import Config, settings
from tests.containers.dockerfile import Step, steps_of
from tests.support.recordings import ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
TARGETS = ("cpu", "cuda")


def environment(steps: list[Step]) -> dict[str, str]:
    return dict(step.words.split("=", 1) for step in steps if step.instruction == "ENV")


def words_of(steps: list[Step], instruction: str) -> list[str]:
    return [step.words for step in steps if step.instruction == instruction]


def test_a_target_is_made_of_the_stages_below_it() -> None:
    text = "ARG A=in\nFROM base AS b\nRUN one \\\n  two\nFROM b AS x-in\nENV C=1\nFROM x-${A} AS c\nARG A\n# no\nUSER 7"
    assert steps_of(text, "c", {}) == (
        "base",
        [Step("RUN", "one   two"), Step("ENV", "C=1"), Step("ENV", "A=in"), Step("USER", "7")],
    )
    with pytest.raises(KeyError):
        steps_of(text.replace("FROM x-${A}", "FROM x-${B}"), "c", {})
    with pytest.raises(ValueError, match="no target 'd'"):
        steps_of(text, "d", {})


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_the_app_as_a_user_of_its_own(target: str) -> None:
    base, steps = steps_of(DOCKERFILE, target, {})
    assert base == "debian:bookworm-slim"
    assert words_of(steps, "USER") == ["10001:10001"]
    last = steps[[step.instruction for step in steps].index("USER") :]
    assert not words_of(last, "RUN") and not words_of(last, "COPY")
    assert json.loads(words_of(steps, "CMD")[0]) == ["python", "app.py"]
    assert "/health/ready" in words_of(steps, "HEALTHCHECK")[0]
    assert words_of(steps, "VOLUME") == ["/data"]


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_holds_all_rooms_and_writes_to_its_volume_alone(target: str) -> None:
    _, steps = steps_of(DOCKERFILE, target, {"WEIGHTS": "out"})
    sources = [name for words in words_of(steps, "COPY") for name in words.split()[:-1]]
    assert {"app.py", "assets", "engine", "jobs", "page", "server"} <= set(sources)
    assert [name for name in sources if not (ROOT / name).exists()] == []
    found = environment(steps)
    known = {variable for variable, _, _ in settings()} | {"GRADIO_SERVER_PORT"}
    assert {name for name in found if name.startswith(("WORDLIGHT_", "GRADIO_", "HF_"))} <= known
    config = Config.from_env(found)
    folders = (config.temp_dir, config.cache_dir, config.hub_cache, config.jobs_dir)
    assert all(str(folder).startswith("/data") for folder in folders)


def test_weights_are_in_the_image_or_in_the_volume() -> None:
    inside, outside = (
        environment(steps_of(DOCKERFILE, "cuda", {"WEIGHTS": where})[1])["HF_HUB_CACHE"]
        for where in ("in", "out")
    )
    assert (inside, outside) == ("/models", "/data/hub")


def test_compose_starts_the_app_and_a_replica_on_one_database() -> None:
    services = COMPOSE["services"]
    known = {variable for variable, _, _ in settings()}
    for name in ("app", "replica"):
        service = services[name]
        assert set(service["environment"]) <= known
        assert service["environment"]["WORDLIGHT_DATABASE"].startswith("postgresql+psycopg://wordlight:")
        assert service["volumes"] == ["data:/data"]
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
        assert (ROOT / service["build"]["dockerfile"]).is_file()
        assert int(service["stop_grace_period"].removesuffix("s")) > Config().shutdown_seconds
    assert services["replica"]["profiles"] == ["replica"] and "profiles" not in services["app"]
    assert services["database"]["environment"]["POSTGRES_USER"] == "wordlight"
