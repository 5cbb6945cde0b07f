"""Builds the target `cpu` of deploy/Dockerfile without Docker, starts it and asks it: `make container-test`.

    FROM    a new Debian by debootstrap, the release that the base image has
    RUN     in that Debian, by chroot
    start   as the image's user, with its root read-only and one folder for /data

Needs root, debootstrap and Debian's package server. What this machine needs to reach package servers (certificates,
settings of apt and pip) is lent to the RUN steps, read-only. `.venv/bin/python -m tests.containers FOLDER` keeps the
folder.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.containers.dockerfile import Step, steps_of
from tests.support.recordings import ROOT, clip

TARGET = "cpu"
MAX_BYTES = 1_500_000_000  # of the image
PORT = "17860"
PATIENCE = 300.0  # seconds until the app is ready
UNSHARED = "WORDLIGHT_CONTAINER_TEST"  # set once the process has mounts of its own
# Of the machine, lent while the image is built: no part of the image.
LENT = ("/etc/pip.conf", "/etc/xdg/pip", "/etc/resolv.conf")
LENT_APT = ("/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/apt.conf.d", "/etc/apt/auth.conf.d")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"  # of the machine, if SSL_CERT_FILE is not set
LENT_CERTIFICATES = "/lent-certificates.crt"  # not at their own place, which the image's own package fills
CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class Machine:
    """A Debian in a folder, in which the steps of a Dockerfile are done."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env: dict[str, str] = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.folder = "/"
        self.user = "0:0"
        self.command: list[str] = []
        self.check = ""

    def do(self, step: Step) -> None:
        """Does one step. Raises CalledProcessError if a RUN fails."""
        match step.instruction:
            case "ENV":
                name, value = step.words.split("=", 1)
                self.env[name] = value
            case "WORKDIR":
                self.folder = step.words
                self._at(step.words).mkdir(parents=True, exist_ok=True)
            case "COPY":
                *sources, target = step.words.split()
                self._copy(sources, self._at(os.path.join(self.folder, target)))
            case "RUN":
                subprocess.run(self.arguments(["/bin/sh", "-c", step.words], **_build_settings()), check=True)
            case "USER":
                self.user = step.words
            case "CMD":
                self.command = json.loads(step.words)
            case "HEALTHCHECK":
                self.check = step.words.split("CMD ", 1)[1]
            case "EXPOSE" | "VOLUME":
                pass
            case _:
                raise ValueError(f"{step.instruction} is not known here.")

    def arguments(self, command: Sequence[str], **settings: str) -> list[str]:
        """Returns the command line that runs a command in here, with the environment of the image alone."""
        env = [f"{name}={value}" for name, value in (self.env | settings).items()]
        inside = f'cd {shlex.quote(self.folder)} && exec "$@"'
        chroot = ["chroot", f"--userspec={self.user}", str(self.root)]
        return [*chroot, "/usr/bin/env", "-i", *env, "/bin/sh", "-c", inside, "sh", *command]

    def _at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _copy(self, sources: Sequence[str], target: Path) -> None:
        for name in sources:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "node_modules")
                shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
            else:
                shutil.copy(source, target)


def main() -> None:
    if UNSHARED not in os.environ:
        own = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "tests.containers"]
        os.execvpe("unshare", [*own, *sys.argv[1:]], os.environ | {UNSHARED: "1"})
    if sys.argv[1:]:
        _test(Path(sys.argv[1]).resolve())
        return
    with TemporaryDirectory(prefix="wordlight-container-", dir="/var/tmp") as folder:
        _test(Path(folder))


def _test(folder: Path) -> None:
    began = time.perf_counter()
    base, steps = steps_of((ROOT / "deploy" / "Dockerfile").read_text("utf-8"), TARGET, {})
    release = base.removeprefix("debian:").removesuffix("-slim")
    machine = Machine(folder / "root")
    subprocess.run(["debootstrap", "--variant=minbase", release, str(machine.root), _mirror()], check=True)
    with _lent(machine.root):
        for step in steps:
            print(f"{time.perf_counter() - began:6.1f} s  {step.instruction} {step.words[:90]}", flush=True)
            machine.do(step)
    size = _size(machine.root)
    print(f"{time.perf_counter() - began:6.1f} s  image of {size / 1e9:.2f} GB", flush=True)
    assert size < MAX_BYTES, f"The image has {size} bytes; at most {MAX_BYTES} are wanted."
    _ask(machine, folder, began)


def _ask(machine: Machine, folder: Path, began: float) -> None:
    """Starts the app as the image does, and has it transcribe a recording."""
    user, group = (int(part) for part in machine.user.split(":"))
    (folder / "data").mkdir(mode=0o700)
    os.chown(folder / "data", user, group)
    root = str(machine.root)
    (folder / "hosts").write_text("127.0.0.1 localhost\n")  # Docker gives each container such a file
    (machine.root / "etc" / "hosts").touch()
    _mount("--bind", root, root)
    try:
        _mount("-o", "remount,bind,ro", root)
        _mount("--bind", str(folder / "data"), f"{root}/data")
        _mount("--bind", str(folder / "hosts"), f"{root}/etc/hosts")
        _mount("-t", "tmpfs", "tmpfs", f"{root}/tmp")
        _mount("-t", "proc", "proc", f"{root}/proc")
        _mount("--rbind", "/dev", f"{root}/dev")
        _transcribe(machine, began)
    finally:
        # The folder is deleted afterwards, and must hold nothing of the machine then, least of all /dev.
        subprocess.run(["umount", "--recursive", "--lazy", root], check=True)


def _transcribe(machine: Machine, began: float) -> None:
    app = subprocess.Popen(machine.arguments(machine.command, GRADIO_SERVER_PORT=PORT))
    try:
        check = machine.arguments(["/bin/sh", "-c", machine.check], GRADIO_SERVER_PORT=PORT)
        until = time.monotonic() + PATIENCE
        while subprocess.run(check, stderr=subprocess.DEVNULL).returncode:
            assert app.poll() is None and time.monotonic() < until, "The app has not become healthy."
            time.sleep(1.0)
        print(f"{time.perf_counter() - began:6.1f} s  healthy, as user {_user_of(app.pid)}", flush=True)
        files = {"file": ("a.wav", clip("en/quick_brown_fox").read_bytes())}
        answer = httpx.post(f"http://127.0.0.1:{PORT}/transcribe", files=files, timeout=PATIENCE)
        text = answer.raise_for_status().json()["text"]
        print(f"{time.perf_counter() - began:6.1f} s  {text}", flush=True)
        assert "quick brown fox" in text.lower(), text
    finally:
        app.send_signal(signal.SIGTERM)
        code = app.wait(timeout=60)
    assert code == 0, f"The app ended with {code}."


def _user_of(process: int) -> str:
    status = Path(f"/proc/{process}/status").read_text()
    user = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))
    assert user != "0", "the app does not run as root"
    return user


@contextmanager
def _lent(root: Path) -> Iterator[None]:
    """Lends what this machine needs to reach package servers, and takes it back."""
    places = {name: name for name in (*LENT, *LENT_APT, *_package_folders()) if Path(name).exists()}
    if bundle := _certificates():
        places[bundle] = LENT_CERTIFICATES
    mounted = [_lend(Path(place), root / target.lstrip("/")) for place, target in places.items()]
    _mount("-t", "proc", "proc", str(root / "proc"))
    _mount("--rbind", "/dev", str(root / "dev"))
    try:
        yield
    finally:
        for target in (root / "dev", root / "proc", *reversed(mounted)):
            subprocess.run(["umount", "--lazy", str(target)], check=True)
        (root / LENT_CERTIFICATES.lstrip("/")).unlink(missing_ok=True)


def _lend(place: Path, target: Path) -> Path:
    """Shows a file or folder of this machine, read-only, at a place below the root; returns that place."""
    if place.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount("--bind", str(place.resolve()), str(target))
    _mount("-o", "remount,bind,ro", str(target))
    return target


def _certificates() -> str | None:
    """Returns the file of certificates that this machine trusts; None if it has none."""
    path = os.environ.get("SSL_CERT_FILE", CERTIFICATES)
    return path if Path(path).is_file() else None


def _package_folders() -> list[str]:
    """Returns the folders that pip's settings name as sources of packages."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    words = listed.replace("'", " ").replace("file://", " ").split()
    folders = [Path(word) for word in words if word.startswith("/") and Path(word).is_dir()]
    # An index of packages, by custom `simple`, may link to files beside it.
    return [str(folder.parent if folder.name == "simple" else folder) for folder in folders]


def _build_settings() -> dict[str, str]:
    """Returns the variables by which programs reach package servers from here."""
    wanted = ("http_proxy", "https_proxy", "no_proxy")
    found = {
        name: value for name, value in os.environ.items() if name.lower() in wanted or name.startswith("PIP_")
    }
    return found | (dict.fromkeys(CERTIFICATE_VARIABLES, LENT_CERTIFICATES) if _certificates() else {})


def _mirror() -> str:
    """Returns the address of the package server of this machine's Debian."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return next(site for site in listed if "security" not in site)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _size(root: Path) -> int:
    found = subprocess.run(
        ["du", "--summarize", "--one-file-system", "--block-size=1", str(root)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(found.stdout.split()[0])


if __name__ == "__main__":
    main()
