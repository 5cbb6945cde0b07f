"""The manifests for Kubernetes: their settings are known, and fit each other and the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from deploy.cluster.cluster_size import DRAIN_SECONDS, ClusterSize
from engine.config import Config, settings
from tests.support.recordings import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
NAMES = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))["resources"]
USER = 10001  # of the image
SECRETS = {"WORDLIGHT_DATABASE": "postgresql+psycopg://user:password@host/name", "WORDLIGHT_API_KEYS": "key"}


def objects() -> dict[tuple[str, str], dict[str, Any]]:
    """Returns the objects of all manifests that kustomize applies, by kind and name."""
    found = [each for name in NAMES for each in yaml.safe_load_all((FOLDER / name).read_text("utf-8"))]
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


OBJECTS = objects()
SERVICE = OBJECTS["RayService", "wordlight"]["spec"]
CLUSTER = SERVICE["rayClusterConfig"]
SERVE = yaml.safe_load(SERVICE["serveConfigV2"])
SIZE = ClusterSize.of(SERVE["applications"][0]["args"])
(WORKERS,) = CLUSTER["workerGroupSpecs"]
HEAD = OBJECTS["Deployment", "wordlight-head"]["spec"]["template"]
PODS = {"ray": CLUSTER["headGroupSpec"]["template"], "replica": WORKERS["template"], "head": HEAD}


def environment(pod: dict[str, Any]) -> dict[str, str]:
    """Returns the variables of a pod's container, those of secrets with values as docs/deploy-ray.md names them."""
    (container,) = pod["spec"]["containers"]
    found = {}
    for source in container["envFrom"]:
        found |= (
            OBJECTS["ConfigMap", source["configMapRef"]["name"]]["data"]
            if "configMapRef" in source
            else SECRETS
        )
    return found


def paths_of(value: Any) -> Iterator[str]:
    """Yields the paths that HTTP probes ask."""
    for name, part in value.items() if isinstance(value, dict) else enumerate(value):
        if name == "httpGet":
            yield part["path"]
        elif isinstance(part, (dict, list)):
            yield from paths_of(part)


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_has_known_settings(pod: str) -> None:
    found = environment(PODS[pod])
    known = {variable for variable, _, _ in settings()} | {
        "GRADIO_SERVER_PORT",
        "HOME",
        "RAY_USAGE_STATS_ENABLED",
    }
    assert set(found) <= known
    Config.from_env(found)


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_may_do_no_more_than_it_needs(pod: str) -> None:
    spec = PODS[pod]["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] == USER
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
    # What is mounted is there, and temporary files have a place.
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        each["name"] for each in spec["volumes"]
    }
    assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
    for volume in spec["volumes"]:
        if "persistentVolumeClaim" in volume:
            assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in OBJECTS


def test_a_worker_pod_holds_one_replica() -> None:
    (container,) = WORKERS["template"]["spec"]["containers"]
    limits = container["resources"]["limits"]
    assert (float(limits["cpu"]), float(limits["nvidia.com/gpu"])) == (SIZE.cores, SIZE.gpus)
    assert (WORKERS["minReplicas"], WORKERS["maxReplicas"]) == (SIZE.min_replicas, SIZE.max_replicas)
    assert (
        CLUSTER["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    )  # so that none lies beside Ray's head
    assert CLUSTER["enableInTreeAutoscaling"]


def test_heads_take_what_all_replicas_work_at() -> None:
    config = Config.from_env(environment(HEAD))
    assert config.max_requests == config.job_workers == SIZE.max_replicas * SIZE.recordings


def test_a_pod_is_given_the_time_to_end() -> None:
    assert WORKERS["template"]["spec"]["terminationGracePeriodSeconds"] > DRAIN_SECONDS
    shutdown = Config.from_env(environment(HEAD)).shutdown_seconds
    assert HEAD["spec"]["terminationGracePeriodSeconds"] > shutdown


def test_heads_and_replicas_see_the_same_recordings_and_models() -> None:
    head, replica = environment(HEAD), environment(WORKERS["template"])
    for name in ("WORDLIGHT_MODEL", "WORDLIGHT_MODELS"):
        assert head[name] == replica[name]
    mounts = {
        pod: {each["mountPath"]: each for each in PODS[pod]["spec"]["containers"][0]["volumeMounts"]}
        for pod in ("head", "replica")
    }
    assert str(Config.from_env(head).temp_dir) in mounts["head"]
    assert mounts["replica"]["/data"]["readOnly"] and mounts["head"]["/data"]["name"] == "data"
    (claim,) = OBJECTS["PersistentVolumeClaim", "wordlight-data"]["spec"]["accessModes"]
    assert claim == "ReadWriteMany"


def test_the_application_is_the_one_of_the_code() -> None:
    (application,) = SERVE["applications"]
    module, _, name = application["import_path"].partition(":")
    source = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text("utf-8")
    assert re.search(rf"^def {name}\(", source, re.M)
    assert SERVE["proxy_location"] == "Disabled" and application["route_prefix"] is None
    replicas = (ROOT / "deploy/cluster/serve_replicas.py").read_text("utf-8")
    assert f'APPLICATION = "{application["name"]}"' in replicas
    pinned = re.search(r"^ray\[serve\]==(\S+)$", (ROOT / "requirements-cluster.txt").read_text("utf-8"), re.M)
    assert pinned and CLUSTER["rayVersion"] == pinned[1]
    (script,) = HEAD["spec"]["containers"][0]["args"]
    assert (
        script.count("wordlight-head-svc:6379") == 2
    )  # the name that KubeRay gives to the service of Ray's head


def test_only_pods_of_the_cluster_reach_ray() -> None:
    """The token is the same everywhere, and the network lets in nothing but calls to the page."""
    part = {"app.kubernetes.io/part-of": "wordlight"}
    assert all(part.items() <= pod["metadata"]["labels"].items() for pod in PODS.values())
    policy = OBJECTS["NetworkPolicy", "wordlight-ray"]["spec"]
    assert policy["podSelector"]["matchLabels"] == part
    assert all(source.get("podSelector") for rule in policy["ingress"] for source in rule["from"])
    secret = CLUSTER["authOptions"]["secretName"]
    variables = {each["name"]: each for each in HEAD["spec"]["containers"][0]["env"]}
    assert CLUSTER["authOptions"]["mode"] == variables["RAY_AUTH_MODE"]["value"] == "token"
    assert variables["RAY_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"] == {"name": secret, "key": "auth_token"}


def test_probes_ask_paths_that_exist() -> None:
    routes = (ROOT / "docs" / "operations.md").read_text("utf-8")
    paths = set(paths_of(HEAD))
    assert paths == {"/health/live", "/health/ready"}
    assert all(f"GET {path}`" in routes for path in paths)
    selector = OBJECTS["Service", "wordlight"]["spec"]["selector"]
    assert selector.items() <= HEAD["metadata"]["labels"].items()


def test_the_guide_makes_the_secrets_that_pods_name() -> None:
    guide = (ROOT / "docs" / "deploy-ray.md").read_text("utf-8")
    named = set(re.findall(r"kubectl create secret generic (\S+)", guide))
    assert named == {"wordlight", CLUSTER["authOptions"]["secretName"]}
    assert all(f"--from-literal={name}=" in guide for name in (*SECRETS, "auth_token"))


def test_the_image_has_ray_and_the_deployment() -> None:
    text = (FOLDER / "Dockerfile").read_text("utf-8")
    assert "requirements-cluster.txt" in text and "COPY deploy deploy" in text
    assert text.rstrip().endswith(f"USER {USER}:{USER}")
    images = {pod["spec"]["containers"][0]["image"] for pod in PODS.values()}
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))
    assert images == {each["name"] for each in kustomization["images"]}
    assert set(NAMES) == {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
