"""Tickets of the page for live connections: each is used once, within a minute, and by its caller."""

from __future__ import annotations

import pytest

from server.errors import Unauthorized
from server.live_tickets import MAX_TICKETS, LiveTickets


def test_a_ticket_is_its_caller_s_and_is_used_once() -> None:
    tickets = LiveTickets()
    first, second = tickets.issue("login ann"), tickets.issue("login bob")
    assert (tickets.redeem(second), tickets.redeem(first)) == ("login bob", "login ann")
    for ticket in (first, "", "guessed"):
        with pytest.raises(Unauthorized):
            tickets.redeem(ticket)


def test_a_ticket_expires() -> None:
    tickets = LiveTickets(seconds=-1.0)
    with pytest.raises(Unauthorized):
        tickets.redeem(tickets.issue("login ann"))


def test_the_oldest_of_too_many_goes() -> None:
    tickets = LiveTickets()
    first, *_, last = [tickets.issue("login ann") for _ in range(MAX_TICKETS + 1)]
    assert tickets.redeem(last) == "login ann"
    with pytest.raises(Unauthorized):
        tickets.redeem(first)
