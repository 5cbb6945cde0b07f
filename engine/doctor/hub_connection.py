"""Asks the hub of models once, for its reachability and its clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

TIMEOUT_SECONDS = 5.0  # of the question; a hub that is slower would make every start wait


@dataclass(frozen=True, slots=True, kw_only=True)
class HubConnection:
    """What became of one request to the hub.

    failure         why it cannot be reached; "" if it answered
    seconds_behind  how far this machine's clock is behind the hub's; None if the hub sent no time
    """

    address: str
    failure: str = ""
    seconds_behind: float | None = None

    @classmethod
    def try_out(cls) -> HubConnection:
        """Asks the hub that huggingface_hub would ask, for its headers alone."""
        from huggingface_hub import constants
        from huggingface_hub.utils import get_session

        address = constants.ENDPOINT
        try:
            answer = get_session().head(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except OSError as error:  # the errors of requests are among these
            return cls(address=address, failure=type(error).__name__)
        try:
            behind = parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()
        except (KeyError, ValueError):
            behind = None
        failure = f"status {answer.status_code}" if answer.status_code >= 500 else ""
        return cls(address=address, failure=failure, seconds_behind=behind)
