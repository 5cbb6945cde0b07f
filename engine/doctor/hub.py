"""Examines the way to the hub of models: its reachability, the token, the gates of models, and the clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from engine.config import Config
from engine.diarization.pyannote import REPO
from engine.doctor.check import Check, Installed
from engine.doctor.hub_connection import HubConnection
from engine.errors import WordlightError
from engine.weights.locate import find_diarization

MAX_SECONDS_APART = 60.0  # of two clocks: certificates and leases of jobs then still hold
_CLOCK_ADVICE = "Set the clock, or switch on its synchronisation: timedatectl set-ntp true"


def checks(installed: Installed) -> Iterator[Check]:
    """Yields the checks of hub, token, gates and clock."""
    hub = installed.hub
    yield _reachable(hub)
    if hub is not None and not hub.failure:
        yield from _token(installed.config)
    elif installed.config.hf_token:
        yield Check(
            subject="token", state="skipped", found="HF_TOKEN is set; the hub was not asked about it."
        )
    yield _clock(hub)


def _reachable(hub: HubConnection | None) -> Check:
    if hub is None:
        return Check(subject="hub", state="skipped", found="WORDLIGHT_OFFLINE forbids to ask it.")
    details = {"address": hub.address, "failure": hub.failure or None}
    if hub.failure:
        return Check(
            subject="hub",
            state="warning",
            found=f"{hub.address} does not answer ({hub.failure}); models that are not here cannot be fetched.",
            advice="Check the network and HTTPS_PROXY. If there is to be none, set WORDLIGHT_OFFLINE=1.",
            details=details,
        )
    return Check(subject="hub", state="ok", found=f"{hub.address} answers.", details=details)


def _token(config: Config) -> Iterator[Check]:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError

    hub = HfApi(token=config.hf_token or False)
    if config.hf_token is None:
        yield Check(
            subject="token", state="ok", found="HF_TOKEN is not set; models without a gate need none."
        )
    else:
        try:
            hub.whoami()
        except (HfHubHTTPError, OSError):
            yield Check(
                subject="token",
                state="error",
                found="The hub does not accept HF_TOKEN.",
                advice="Make another one at https://huggingface.co/settings/tokens, with the right to read.",
            )
            return
        yield Check(subject="token", state="ok", found="The hub accepts HF_TOKEN.")
    if config.diarization != "pyannote" or _is_here(config):
        return
    try:
        hub.auth_check(REPO)
    except GatedRepoError:
        yield Check(
            subject="gate of pyannote",
            state="error",
            found=f"{REPO} has conditions that this token's account has not accepted.",
            advice=f"Accept them at https://huggingface.co/{REPO}, and set HF_TOKEN.",
        )
    except (HfHubHTTPError, OSError) as error:
        yield Check(
            subject="gate of pyannote",
            state="warning",
            found=f"The hub was asked about {REPO} and answered {type(error).__name__}.",
            advice="Try again later.",
        )
    else:
        yield Check(subject="gate of pyannote", state="ok", found=f"{REPO} may be fetched.")


def _is_here(config: Config) -> bool:
    try:
        return find_diarization(REPO, config) is not None
    except WordlightError:
        return False


def _clock(hub: HubConnection | None) -> Check:
    """Compares this machine's clock with the hub's or, without that, with the newest file of this program."""
    behind = hub.seconds_behind if hub is not None else None
    if behind is None:
        # A clock that is behind the files which it dated is wrong.
        behind = max(0.0, _newest_file() - time.time())
        source = "the files of this installation"
    else:
        source = "the hub"
    details = {"seconds_behind": round(behind, 1), "compared_with": source}
    if abs(behind) > MAX_SECONDS_APART:
        direction = "behind" if behind > 0 else "ahead of"
        return Check(
            subject="clock",
            state="error",
            found=f"The clock is {abs(behind):,.0f} s {direction} {source}.",
            advice=_CLOCK_ADVICE,
            details=details,
        )
    now = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    return Check(subject="clock", state="ok", found=f"{now}, in agreement with {source}", details=details)


def _newest_file() -> float:
    return max(path.stat().st_mtime for path in Path(__file__).parent.glob("*.py"))
